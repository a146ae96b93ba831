/** `worldswitch rules`: the invariants that are checked. */

import { RULES } from '../../check/rules.ts';
import { toJson } from '../../text/json.ts';
import { pageWidth } from '../../text/page.ts';
import { createPaint, type Paint, severityColour } from '../../text/paint.ts';
import { labelled, wrap } from '../../text/wrap.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';
import { checkNames } from '../options/filters.ts';
import { colour, textOrJson } from '../options/shared.ts';
import { type ColourOption, hasColour } from '../terminal/colour.ts';

export const declare: Declare = (command, act) => {
  command
    .description('list the invariants, or say all of those that are named')
    .argument('[RULE...]', 'such as FP-07')
    .addOption(textOrJson())
    .addOption(colour())
    .action(act(rules));
};

type Rule = (typeof RULES)[number];

const LABEL = 9;

/** A line for each rule, or all that is known of the rules named. Throws `Failure` for an unknown rule. */
async function rules(
  { stdout, io }: Context,
  names: readonly string[],
  options: { readonly format: string; readonly color: ColourOption },
): Promise<number> {
  checkNames(
    'rule',
    names,
    RULES.map(({ id }) => id),
  );
  const wanted = RULES.filter(({ id }) => names.length === 0 || names.includes(id));
  const paint = await createPaint(hasColour(options.color, io.stdout, io.env));
  if (options.format === 'json') stdout.write(`${toJson(wanted.map(describe), 2)}\n`);
  else if (names.length === 0) stdout.write(`${summaryLines(wanted, paint).join('\n')}\n`);
  else stdout.write(`${wanted.map((rule) => `${detailLines(rule, paint).join('\n')}\n`).join('\n')}`);
  return EXIT.ok;
}

function describe({ id, severity, title, statement, appliesTo, derives, history }: Rule): object {
  return { id, severity, title, statement, applies: appliesTo, derives, history };
}

function summaryLines(wanted: readonly Rule[], paint: Paint): readonly string[] {
  const [id, severity] = [5, 10].map((least, column) =>
    Math.max(least, ...wanted.map((rule) => (column === 0 ? rule.id : rule.severity).length)),
  ) as [number, number];
  return wanted.flatMap((rule) => {
    const hang = id + severity + 4;
    return wrap(rule.title, pageWidth() - hang).map((line, index) => {
      if (index > 0) return ' '.repeat(hang) + line;
      const colour = severityColour(paint, rule.severity);
      return `${paint.name(rule.id.padEnd(id))}  ${colour(rule.severity.padEnd(severity))}  ${line}`;
    });
  });
}

function detailLines(rule: Rule, paint: Paint): readonly string[] {
  const colour = severityColour(paint, rule.severity);
  const field = (label: string, text: string) => (text === '' ? [] : labelled(2, LABEL, label, text, paint.quiet));
  return [
    `${paint.name(rule.id)}  ${colour(rule.severity)}  ${paint.heading(rule.title)}`,
    ...wrap(rule.statement, pageWidth() - 2).map((line) => `  ${line}`),
    ...field('applies', rule.appliesTo),
    ...field('source', rule.derives),
    ...field('history', rule.history),
  ];
}
