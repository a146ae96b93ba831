/** Which inputs can be read again. */

import { statSync } from 'node:fs';

/** stdin, or no regular file. What is not there at all is told where it is read. */
export const isReadOnce = (path: string): boolean =>
  path === '-' || statSync(path, { throwIfNoEntry: false })?.isFile() === false;
