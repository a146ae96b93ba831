/** For the tests of two threads: tsx reaches threads through `test/threads.js`, which the whole run brings. */

import { skipUnless } from './skip.ts';

const reached = process.execArgv.some((argument) => argument.endsWith('threads.js'));

export const skip = skipUnless(reached, 'tsx does not reach threads here');
