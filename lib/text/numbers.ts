/** Numbers for people. No locale: the same bytes everywhere. */

/** An integer with a comma between thousands: 1,234,567. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** "1 error", "2,000 errors", "no error". `noun` must be one that takes an s. */
export function countOf(count: number, noun: string): string {
  if (count === 0) return `no ${noun}`;
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
