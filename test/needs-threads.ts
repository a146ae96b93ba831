/** For the tests of two threads: why they are skipped where tsx does not reach threads, as where one file runs alone. */

const reached = process.execArgv.some((argument) => argument.endsWith('threads.js'));

export const skip = reached ? false : 'needs --import ./test/threads.js';
