/** Text for a terminal: escaped, cut where it is absurdly long, and wrapped at spaces. */

import { escapeText } from './escape.ts';
import { pageWidth } from './page.ts';

/** Longest string that is shown in full; the JSON report has all of it. */
const LONGEST = 400;

/** A string of the report, safe to print, in at most `longest` columns. */
export function show(text: string, longest = LONGEST): string {
  return escapeText(text, longest);
}

/**
 * Lines of at most `width` columns. A word that is longer than a line stays whole, so that it can be copied.
 * Empty text is one empty line.
 */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  return lines;
}

/**
 * A label and its text, wrapped in a hanging indent:
 * ```
 *   expected  fp_owner = host, then a save
 *             to task 41
 * ```
 * The first line of `text` follows the label, `indent + label width` columns in. `paintLabel` colours the label only.
 */
export function labelled(
  indent: number,
  labelWidth: number,
  label: string,
  text: string,
  paintLabel: (text: string) => string,
): string[] {
  const hang = indent + labelWidth;
  return wrap(text, pageWidth() - hang).map((line, index) =>
    index === 0 ? `${' '.repeat(indent)}${paintLabel(label.padEnd(labelWidth))}${line}` : `${' '.repeat(hang)}${line}`,
  );
}
