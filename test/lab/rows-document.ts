/** `--rows`: what disassembly.ts finds, as cost-rows.md. Nothing is booted. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cache } from './cache.ts';
import { COST_ROWS } from './cost-rows.ts';
import { type Beside, type Checked, type Checks, checkCached } from './disassembly.ts';
import { SOURCES } from './tools.ts';

const TABLE = join(SOURCES, 'cost-rows.md');

/** Writes cost-rows.md; false where there is no kernel in the cache. */
export function writeRows(cache: Cache): boolean {
  const checks = checkCached(cache);
  if (checks.checked.length === 0) return false;
  writeFileSync(TABLE, rowsDocument(checks));
  return true;
}

export function rowsDocument({ checked, beside }: Checks): string {
  const kernels = [...new Set(checked.map(({ kernel }) => kernel))];
  const rows = Object.entries(COST_ROWS).map(([row, { unchecked }]) => rowText(row, unchecked, checked));
  const accesses = [...new Set(beside.map(({ access }) => access))].sort();
  return `# The rows of the cost tables in the disassembly

Written by \`npm run lab -- --rows\`, of the kernels in the cache. A row of \`lib/costs/primitives.ts\` says which system registers a
step reads and writes, with all that features of the machine add; each is looked for in the instructions of the functions that
have the step (\`cost-rows.ts\`), in each mode of each kernel. In the second column: in how many of them every register was there. How
often each is accessed is no part of this: executions are counted (README.md).

Kernels: ${kernels.join(', ')}.

| row | as in the disassembly | not there |
|---|---|---|
${rows.join('\n')}

What the same functions access beside, and no row of the kernel has: features that are not modelled, such as pointer
authentication, timers, memory tagging and the interrupt controller, errata, and what is read to decide. The costs of a report are
open upwards for them (\`cost.doubts\`).

| access | function | kernels |
|---|---|---|
${accesses.map((access) => besideText(access, beside, kernels)).join('\n')}
`;
}

function rowText(row: string, unchecked: string | undefined, checked: readonly Checked[]): string {
  const of = checked.filter((one) => one.row === row);
  const differ = of.filter(({ missing }) => missing.length > 0);
  const counted =
    of.length === 0
      ? 'not checked: no kernel takes a step that has it'
      : `${of.length - differ.length} of ${of.length}`;
  const state = unchecked === undefined ? counted : `not checked: ${unchecked}`;
  return `| \`${row}\` | ${state} | ${differ.map(differenceText).join('; ')} |`;
}

const differenceText = ({ kernel, mode, functions, missing }: Checked): string =>
  `${kernel} ${mode}: ${functions.length === 0 ? 'no such function' : missing.join(', ')}`;

function besideText(access: string, beside: readonly Beside[], kernels: readonly string[]): string {
  const of = beside.filter((one) => one.access === access);
  const functions = [...new Set(of.map((one) => one.function))];
  const places = functions.slice(0, 3).map((name) => `\`${name}\``);
  const inKernels = kernels.filter((kernel) => of.some((one) => one.kernel === kernel));
  const series = inKernels.map((kernel) => kernel.split('.').slice(0, 2).join('.'));
  return `| ${access} | ${[...places, ...(functions.length > 3 ? [`and ${functions.length - 3} more`] : [])].join(', ')} | ${series.length === kernels.length ? 'all' : series.join(', ')} |`;
}
