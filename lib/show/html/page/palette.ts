/**
 * Colours by what a value is. Hues are those of Okabe and Ito, which people with any kind of colour blindness tell apart;
 * host and guest differ in lightness as well, in print too, and what is not known is hatched. All of them are variables
 * of the style sheet.
 */

import type { Value } from '../../../timeline/timeline.ts';

export interface Shade {
  /** 0xAABBGGRR, as pixels are stored. */
  readonly fill: number;
  readonly css: string;
  readonly text: string;
  readonly hatched: boolean;
}

export interface Palette {
  readonly shades: readonly Shade[];
  readonly paper: number;
  /** Of each value, its index in `shades`. */
  readonly ofValue: Uint8Array;
  readonly css: (name: string) => string;
}

const GUESTS = 4;
const CPUS = 6;

/** Names of the style sheet's variables, in the order in which shares of a column stand above each other: guests lowest. */
const NAMES: readonly string[] = [
  ...Array.from({ length: GUESTS }, (_, id) => [`guest-${id}`, `guest-left-${id}`]).flat(),
  ...Array.from({ length: CPUS }, (_, id) => [`cpu-${id}`, `cpu-left-${id}`]).flat(),
  'neon',
  'neon-left',
  'external',
  'host',
  'host-left',
  'user',
  'unknown',
  'memory',
  'word',
  'free',
  'none',
];

function nameOf({ kind, id, live }: Value): string {
  const strength = live ? '' : '-left';
  if (kind === 'guest') return `guest${strength}-${id % GUESTS}`;
  if (kind === 'cpu') return `cpu${strength}-${id % CPUS}`;
  return kind === 'host' || kind === 'neon' ? `${kind}${strength}` : kind;
}

/** Colours as the style sheet has them at the moment. */
export function readPalette(values: readonly Value[]): Palette {
  const css = createReader();
  const [paper, ink] = [css('lane'), css('ink')];
  const shades = NAMES.map((name): Shade => {
    const colour = css(name);
    return {
      css: colour,
      fill: pixelOf(colour),
      text: contrast(colour, paper) > 1.25 && isDark(colour) ? '#ffffff' : isDark(colour) ? ink : '#14181d',
      hatched: name === 'unknown',
    };
  });
  return {
    shades,
    css,
    paper: pixelOf(paper),
    ofValue: Uint8Array.from(values, (value) => NAMES.indexOf(nameOf(value))),
  };
}

/** A variable may say one colour for light and one for dark: which of them is meant, an element is asked that has it. */
function createReader(): (name: string) => string {
  const probe = document.body.appendChild(document.createElement('span'));
  const read = new Map<string, string>();
  return (name) => {
    const known = read.get(name);
    if (known !== undefined) return known;
    probe.hidden = true;
    probe.style.color = `var(--${name})`;
    const colour = getComputedStyle(probe).color;
    read.set(name, colour);
    return colour;
  };
}

/** "rgb(1, 2, 3)". */
function channels(colour: string): readonly [number, number, number] {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

function pixelOf(colour: string): number {
  const [red, green, blue] = channels(colour);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function luminance(colour: string): number {
  const [red, green, blue] = channels(colour).map((value) => (value / 255) ** 2.2) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const isDark = (colour: string): boolean => luminance(colour) < 0.28;

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((m, n) => m - n) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
