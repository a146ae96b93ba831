/**
 * Makes text from a trace safe to show. Everything of a trace, a file name or a message that reaches a terminal,
 * an annotation or a log goes through here, so that no input can move the cursor, hide or reorder what is read.
 */

/** Text in which there is nothing to do: printable ASCII without the backslash. */
const PLAIN = /^[ -[\]-~]*$/;

/**
 * What is made visible: all of category C (control, format with bidi and zero-width, surrogate, private use,
 * unassigned), separators other than the space, and what fonts draw as nothing (fillers, variation selectors, tags, the
 * Braille blank). The expression is made when it is needed, since that takes 1 ms and hardly any run needs it.
 */
export function replaceInvisible(text: string, by: (character: string) => string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu, by);
}

/** That, and the backslash itself, so that no text can pass for an escape. */
function replaceUnsafe(text: string): string {
  return replaceInvisible(text.replaceAll('\\', '\\\\'), escapeCharacter);
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** What stands for the part that was cut off. */
const ELLIPSIS = '...';

function escapeCharacter(character: string): string {
  return SHORT[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/**
 * `text` with every character that is not plainly visible as `\n`, `\r`, `\t`, `\\` or `\u{hex}`.
 * Different texts stay different. With `max`, text that would be longer than `max` UTF-16 units is cut at a whole
 * character or escape and ends in `...`; a `max` below 3 gives at most those dots.
 */
export function escapeText(text: string, max = Number.POSITIVE_INFINITY): string {
  // Escapes only lengthen, so what lies beyond `max` cannot be shown; not to be looked at, however long it is.
  const shown = text.length > max ? text.slice(0, Math.max(0, max) + 1) : text;
  const escaped = PLAIN.test(shown) ? shown : replaceUnsafe(shown);
  return escaped.length > max ? cut(shown, max) : escaped;
}

function cut(text: string, max: number): string {
  let result = '';
  for (const character of text) {
    const next = PLAIN.test(character) ? character : replaceUnsafe(character);
    if (result.length + next.length + ELLIPSIS.length > max) break;
    result += next;
  }
  return (result + ELLIPSIS).slice(0, Math.max(0, max));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that has been escaped already as the content of an element or attribute of XML or HTML. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
