/** The options of the commands that make a picture of a replay. */

import type { Command } from 'commander';
import { MAX_CPU } from '../../trace/vocabulary.ts';
import { MOST_EVENTS } from '../record.ts';
import { integer, ranges, time, vectorLength } from './arguments.ts';
import { addLimits } from './limits.ts';
import { ignore } from './shared.ts';

/** Most events that columns of a picture can hold. */
const MAX_EVENTS = 60_000_000;

export function picturesTraces<T extends Command>(command: T): T {
  command
    .option('-m, --model <name>', "kernel, one of 'worldswitch models'; without it the trace's own, else v6.10")
    .option('--mode <mode>', "vhe, nvhe, hvhe or pkvm; without it the trace's own, else vhe")
    .option('--sve-vl <bytes>', 'largest SVE vector length; 0: no SVE', vectorLength)
    .option('--sme-vl <bytes>', 'largest SME vector length; 0: no SME', vectorLength)
    .option('--cpu <list>', 'only events of these physical CPUs, such as 0-3,7', ranges(MAX_CPU))
    .option('--from <time>', 'from this ts on, in ns, or 1.5s, 20ms, 3us, 3.917238', time)
    .option('--to <time>', 'up to this ts', time)
    .option('--max-events <n>', `most events (default ${MOST_EVENTS})`, integer(1, MAX_EVENTS), MOST_EVENTS)
    .addOption(ignore())
    .option('--no-progress', 'show no progress on stderr');
  return addLimits(command);
}
