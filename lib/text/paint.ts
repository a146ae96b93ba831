/** Colours by what they mean, of the sixteen that every terminal theme defines. */

type Colour = (text: string) => string;

export interface Paint {
  readonly heading: Colour;
  readonly quiet: Colour;
  /** The name of something that the reader may look for: a rule, a place. */
  readonly name: Colour;
  readonly good: Colour;
  readonly bad: Colour;
  readonly doubt: Colour;
}

const asItIs: Colour = (text) => text;

/** No colours: every function returns its argument. */
export const PLAIN: Paint = {
  heading: asItIs,
  quiet: asItIs,
  name: asItIs,
  good: asItIs,
  bad: asItIs,
  doubt: asItIs,
};

/** `colour` false: PLAIN, and the package that colours is not loaded. */
export async function createPaint(colour: boolean): Promise<Paint> {
  if (!colour) return PLAIN;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return {
    heading: (text) => chalk.bold(text),
    quiet: (text) => chalk.dim(text),
    name: (text) => chalk.cyan(text),
    good: (text) => chalk.green.bold(text),
    bad: (text) => chalk.red.bold(text),
    doubt: (text) => chalk.yellow.bold(text),
  };
}

export function verdictColour(paint: Paint, verdict: 'pass' | 'fail' | 'inconclusive'): Colour {
  return { pass: paint.good, fail: paint.bad, inconclusive: paint.doubt }[verdict];
}

export function severityColour(paint: Paint, severity: 'error' | 'warning' | 'suspicious'): Colour {
  return { error: paint.bad, warning: paint.doubt, suspicious: paint.doubt }[severity];
}
