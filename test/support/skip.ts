/** Why a test may be skipped: `test/run.js` fails for any reason that is not in `test/skips.json`. */

import type reasons from '../skips.json';

/** The `skip` of a test's options. */
export const skipUnless = (canRun: boolean, reason: keyof typeof reasons): string | false => !canRun && reason;
