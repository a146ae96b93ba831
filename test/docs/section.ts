/** Parts of a Markdown file that are written by a program: what stands between two markers. */

/** The text between the markers of that name. */
export function section(text: string, name: string): string {
  const [, inside] = new RegExp(`<!-- ${name}:begin -->\n([\\s\\S]*?)<!-- ${name}:end -->`).exec(text) ?? [];
  if (inside === undefined) throw new Error(`README.md has no section ${name}`);
  return inside.trim();
}

export function withSection(text: string, name: string, inside: string): string {
  const pattern = new RegExp(`(<!-- ${name}:begin -->\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  return text.replace(pattern, (_all, begin: string, end: string) => `${begin}${inside}\n${end}`);
}
