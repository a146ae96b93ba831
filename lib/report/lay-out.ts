/** How expected reports are laid out: an object or array of plain values on one line, so that a difference is a line. */

const WIDTH = 110;

/** `value` as JSON, with a final line feed. */
export function layOut(value: unknown): string {
  return `${text(value, '')}\n`;
}

function text(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const isPlain = members.every(([, member]) => typeof member !== 'object' || member === null);
  const label = (key: string): string => (Array.isArray(value) ? '' : `${JSON.stringify(key)}: `);
  if (isPlain) {
    const inner = members.map(([key, member]) => label(key) + JSON.stringify(member)).join(', ');
    const padding = inner === '' || Array.isArray(value) ? '' : ' ';
    const line = `${open}${padding}${inner}${padding}${close}`;
    if (indent.length + line.length <= WIDTH) return line;
  }
  const deeper = `${indent}  `;
  const lines = members.map(([key, member]) => deeper + label(key) + text(member, deeper));
  return `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}
