#!/usr/bin/env node
import { main } from '../lib/cli/program.ts';
import { endProcess, processIo } from '../lib/cli/signals.ts';

endProcess(await main(process.argv.slice(2), processIo()));
