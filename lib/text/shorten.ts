/** Text that is cut where it is too long. */

/** The first `max` UTF-16 units of `text`, ending in "..." where it was cut, and never inside a surrogate pair. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max - 3);
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}...`;
}
