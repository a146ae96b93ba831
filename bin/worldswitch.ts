/** The program itself; what is installed is started by start.cjs. */

import { main } from '../lib/cli/main.ts';
import { endProcess, processIo } from '../lib/cli/terminal/signals.ts';

main(process.argv.slice(2), processIo()).then(endProcess);
