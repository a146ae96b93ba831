/**
 * What a replay pays for what explains violations, where nothing asks for it: `node --import tsx test/bench/provenance.ts
 * [ROUNDS]` builds the program as it is, the same once more, which shows what chance does, and with every hook taken out of
 * the way of an event, and races replays of two million events that violate nothing, of which every step is run.
 */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generate } from './generate.ts';
import { type Runner, race } from './race.ts';

const EVENTS = 2_000_000;
const ROUNDS = 15;

/** What an event passes that serves causes, `explain`, `state`, `minimize`, `view`, `costs` and `identify`: file, text, how often it is there. */
export const HOOKS: readonly (readonly [file: string, text: string, times: number])[] = [
  ['lib/replay/run.ts', '      recent.note(event);\n', 1],
  ['lib/replay/run.ts', '    onStep?.(machine, turn.reported);\n', 1],
  [
    'lib/replay/wiring.ts',
    '      if (onCharge !== undefined) onCharge(machine.event, chargedVcpu(machine), stepIndex, bytes, costTable);\n',
    1,
  ],
  ['lib/replay/wiring.ts', "      options.onObservation?.(cpu.id, field, 'confirmed');\n", 1],
  ['lib/kernel/state/machine.ts', '  instance.fp_ownerLine = machine.event.line;\n', 1],
  ['lib/kernel/events/host-events.ts', '      instance.fp_ownerLine = event.line;\n', 1],
  ['lib/kernel/events/observe.ts', '    instance.fp_ownerLine = machine.event.line;\n', 1],
];

/** Throws where a hook is not where it was. */
export function withoutHooks(folder: string): void {
  for (const [file, text, times] of HOOKS) {
    const path = join(folder, file);
    const parts = readFileSync(path, 'utf8').split(text);
    if (parts.length !== times + 1) throw new Error(`${file} has ${parts.length - 1} times: ${text.trim()}`);
    writeFileSync(path, parts.join(''));
  }
}

/** Builds the sources in `folder`, a copy of them, and returns the program. */
function build(folder: string): string {
  execFileSync(process.execPath, ['bin/build.js'], { cwd: folder, stdio: 'inherit' });
  return join(folder, 'dist/bin/worldswitch.js');
}

export function copySources(folder: string): void {
  for (const name of ['bin', 'lib', 'package.json', 'tsconfig.json']) {
    cpSync(resolve(name), join(folder, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  // What only hooks use may stay.
  const types = join(folder, 'lib/tsconfig.types.json');
  const config = JSON.parse(readFileSync(types, 'utf8'));
  Object.assign(config.compilerOptions, { noUnusedLocals: false, noUnusedParameters: false });
  writeFileSync(types, JSON.stringify(config));
}

export function raceHooks(rounds: number, events = EVENTS): string {
  // Inside of the repository, which .gitignore keeps it out of: a temporary folder may be in memory.
  const folder = mkdtempSync(resolve('.built-'));
  try {
    const trace = join(folder, 'trace.ndjson');
    generate(trace, events);
    const made = ['without', 'with', 'again'].map((name) => {
      const own = join(folder, name);
      copySources(own);
      if (name === 'without') withoutHooks(own);
      return build(own);
    });
    const names = ['hooks taken out', 'as it is', 'as it is, once more'];
    const runners = made.map(
      (program, at): Runner => ({
        name: names[at] as string,
        command: [process.execPath, program, 'replay', '--no-progress', '--no-cache', trace],
      }),
    );
    return race(runners, rounds, `${events.toLocaleString('en')} events that violate nothing`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  console.log(raceHooks(Number(process.argv[2] ?? ROUNDS)));
