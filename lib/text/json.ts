/** JSON that is safe to print. */

import { replaceInvisible } from './escape.ts';

/** What JSON mostly is: nothing to do. */
const PLAIN = /^[\n -~]*$/;

/** A character as JSON escapes it. */
function escapeCharacter(character: string): string {
  if (character === '\n') return character;
  let escapes = '';
  for (let at = 0; at < character.length; at++) {
    escapes += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return escapes;
}

/**
 * `value` as JSON text in which every character is plainly visible; `indent` in spaces. JSON.stringify leaves DEL, C1
 * controls, and what hides or reorders text as they are. They occur inside of JSON strings only, where the escape means
 * the same character.
 */
export function toJson(value: object, indent = 0): string {
  const text = JSON.stringify(value, undefined, indent);
  return PLAIN.test(text) ? text : replaceInvisible(text, escapeCharacter);
}
