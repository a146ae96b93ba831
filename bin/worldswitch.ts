#!/usr/bin/env node
import { endOnSignals } from '../lib/cli/exit.ts';
import { main } from '../lib/cli/program.ts';

endOnSignals();
process.exitCode = await main(process.argv.slice(2), process);
