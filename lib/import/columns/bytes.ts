/** Looking into a range of bytes. A byte is a character: what is parsed is ASCII. */

/** `undefined` is what stands beyond the end of an array. */
export function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39;
}

/** Where in [start, end) `code` is first; -1 where it is not. */
export function find(bytes: Uint8Array, code: number, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === code) return i;
  return -1;
}

/** Whether `text`, which is ASCII, stands at `start`. */
export function startsWith(bytes: Uint8Array, text: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}

/** [start, end) as a string of one character for each byte. */
export function textAt(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}
