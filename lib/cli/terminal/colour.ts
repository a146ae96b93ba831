/** Whether a stream gets colour. */

export const COLOUR_OPTIONS = ['auto', 'always', 'never'] as const;
export type ColourOption = (typeof COLOUR_OPTIONS)[number];

/**
 * The option decides, then NO_COLOR (non-empty), then FORCE_COLOR (0 and false: no), then whether the stream is a
 * terminal that knows colours.
 */
export function hasColour(
  option: ColourOption,
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (option !== 'auto') return option === 'always';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
