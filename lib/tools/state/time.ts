/** Times of events. */

const DIGITS = 9;

/** "3.931211000": seconds of a time in ns, exactly. */
export function seconds(ts: number | string): string {
  const digits = String(ts).padStart(DIGITS + 1, '0');
  return `${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`;
}
