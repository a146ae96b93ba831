/** JSON that is safe to print. */

/**
 * DEL, C1 controls, and what reorders or hides text in a terminal: JSON.stringify leaves them as they are. Inside of a
 * JSON string the escape means the same character, and outside of one they do not occur.
 */
const UNSAFE = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** `value` as JSON text without control characters; `indent` in spaces. */
export function toJson(value: object, indent = 0): string {
  return JSON.stringify(value, undefined, indent).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
