/** What the system says of a file, where Node.js has no words for it. */

import { constants } from 'node:os';

const WORDS: Readonly<Record<string, string>> = {
  EDQUOT: 'disk quota exceeded',
  ESTALE: 'stale file handle',
  ENOLINK: 'the link to the file server is gone',
  EMULTIHOP: 'more than one file server on the way',
  EBADMSG: 'damaged on its medium',
};

/** Words for an error of the system that Node.js does not know; undefined for every other error. */
export function unknownReason(error: unknown): string | undefined {
  const { code, errno = 0 } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === undefined || !code.startsWith('Unknown system error')) return undefined;
  const [name] = Object.entries(constants.errno).find(([, value]) => value === -errno) ?? [];
  return name === undefined ? `error ${-errno} of the system` : (WORDS[name] ?? name);
}
