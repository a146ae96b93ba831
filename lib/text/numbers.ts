/** Numbers for people. No locale: the same bytes everywhere. */

/** An integer with a comma between thousands: 1,234,567. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The same with so many digits behind the point, and a sign: -1,234.50. */
export function formatAmount(amount: number, digits = 0): string {
  const [whole = '', ...fraction] = Math.abs(amount).toFixed(digits).split('.');
  return [`${amount < 0 ? '-' : ''}${formatCount(Number(whole))}`, ...fraction].join('.');
}

/** "1 error", "2,000 errors", "no error". `noun` must be one that takes an s. */
export function countOf(count: number, noun: string): string {
  if (count === 0) return `no ${noun}`;
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
