/** The rows of the cost tables against the instructions of kernels. */

import { readFileSync } from 'node:fs';
import { type MachineFeatures, primitivesOf } from '../../lib/costs/primitives.ts';
import { buildCosts, STEPS } from '../../lib/costs/steps.ts';
import { findModel, type Model } from '../../lib/models/models.ts';
import type { Mode as ModelMode, Profile } from '../../lib/models/profile.ts';
import { coveringOf } from '../../lib/models/release.ts';
import { FEATURES } from '../../lib/trace/vocabulary.ts';
import { factsIn, hasFacts } from './boot.ts';
import type { Cache } from './cache.ts';
import { COST_ROWS, type CostRow, TAKEN } from './cost-rows.ts';
import { cachedKernels, type FetchedKernel } from './fetch-kernel.ts';
import { EVERYWHERE, MRS, MSR, matches, registerOf } from './instructions.ts';
import { HYP_PREFIX } from './primitives.ts';
import { nameOf, namesInText } from './register-names.ts';
import { parseSymbols, type Symbols } from './symbols.ts';
import { addressAt, readText, type Text } from './text.ts';

/** Every feature that switches registers of its own: a kernel has the instructions for all of them. */
const MACHINE: MachineFeatures = {
  ...{ sveVl: 64, smeVl: 64, brps: 16, wrps: 16 },
  features: new Set(FEATURES.filter((feature) => feature !== 'nested')),
};

/** Of a row in one kernel and mode: registers that its functions do not access, `R NAME` or `W NAME`. */
export interface Checked {
  readonly row: string;
  readonly kernel: string;
  readonly mode: string;
  /** Functions of the kernel that have the row; none: it is not there, or inlined elsewhere. */
  readonly functions: readonly string[];
  readonly missing: readonly string[];
}

/** `R` or `W` and the generic name of each register that a function accesses, by the function's symbol. */
export function accessesOf(text: Text, symbols: Symbols): ReadonlyMap<string, ReadonlySet<string>> {
  const byFunction = new Map<string, Set<string>>();
  let at = 0;
  for (let index = 0; index < text.words.length; index++) {
    const word = text.words[index] as number;
    const reads = matches(MRS, word);
    if ((!reads && !matches(MSR, word)) || EVERYWHERE.some((pattern) => matches(pattern, word))) continue;
    const address = addressAt(text, index);
    while (symbols.sorted[at + 1] !== undefined && (symbols.sorted[at + 1]?.address ?? 0n) <= address) at++;
    // Labels of one address: all of them.
    const start = symbols.sorted[at]?.address;
    for (let same = at; symbols.sorted[same]?.address === start && start !== undefined; same--) {
      const name = symbols.sorted[same]?.name as string;
      const known = byFunction.get(name) ?? new Set();
      known.add(`${reads ? 'R' : 'W'} ${registerOf(word)}`);
      byFunction.set(name, known);
    }
  }
  return byFunction;
}

function modelOf(release: string): Model {
  const model = findModel(coveringOf(release).models.at(-1) ?? '');
  if (model === undefined) throw new Error(`${release}: expected a release that a model covers`);
  return model;
}

export function checkKernel(release: string, accesses: ReadonlyMap<string, ReadonlySet<string>>): Checked[] {
  const model = modelOf(release);
  return model.modes.flatMap((mode) => {
    const rows = primitivesOf(model.profile, mode, MACHINE);
    const used = rowsTaken(model.profile, mode);
    return Object.entries(COST_ROWS).flatMap(([row, where]) => {
      const { kernel, hyp } = where;
      const primitive = rows[row];
      if (primitive === undefined || !used.has(row)) return [];
      const functions = [...accesses.keys()].filter((name) => isOf(name, mode, where));
      if (kernel === undefined && hyp === undefined) return [];
      if (mode === 'vhe' && kernel === undefined) return [];
      const found = new Set(functions.flatMap((name) => [...(accesses.get(name) ?? [])]));
      const expected = [
        ...(primitive.read ?? []).map((name) => ['R', name] as const),
        ...(primitive.write ?? []).map((name) => ['W', name] as const),
      ];
      const missing = expected
        .filter(([way, name]) => !namesInText(name).some((encoding) => found.has(`${way} ${encoding}`)))
        .map((access) => access.join(' '));
      return [{ row, kernel: release, mode, functions, missing }];
    });
  });
}

/** What a function that has rows accesses and that is in none, `R NAME` or `W NAME`. */
export interface Beside {
  readonly access: string;
  readonly function: string;
  readonly kernel: string;
}

export function besideRows(release: string, accesses: ReadonlyMap<string, ReadonlySet<string>>): Beside[] {
  const { profile, modes } = modelOf(release);
  const inRows = new Set(
    modes.flatMap((mode) =>
      Object.values(primitivesOf(profile, mode, MACHINE)).flatMap(({ read = [], write = [] }) => [
        ...read.flatMap((name) => encodings(name).map((encoding) => `R ${encoding}`)),
        ...write.flatMap((name) => encodings(name).map((encoding) => `W ${encoding}`)),
      ]),
    ),
  );
  return [...accesses].flatMap(([name, set]) => {
    const isThere = Object.values(COST_ROWS).some(
      (where) => where.isWide !== true && modes.some((mode) => isOf(name, mode, where)),
    );
    if (!isThere) return [];
    return [...set]
      .filter((access) => !inRows.has(access))
      .map((access) => ({
        access: `${access[0]} ${nameOf(access.slice(2))}`,
        function: name.replace(HYP_PREFIX, ''),
        kernel: release,
      }));
  });
}

const encodings = (name: string): string[] => (name === 'any' ? [] : namesInText(name));

/** Rows of the steps that the kernel can take. */
function rowsTaken(profile: Profile, mode: ModelMode): ReadonlySet<string> {
  const { steps } = buildCosts(profile, mode, MACHINE);
  return new Set(STEPS.flatMap((step, index) => (TAKEN[step]?.(profile, mode) === false ? [] : (steps[index] ?? []))));
}

/** In VHE the hypervisor is the kernel's text; in all other modes both may have it. */
function isOf(name: string, mode: ModelMode, { kernel, hyp, inAllModes = false }: CostRow): boolean {
  const isHyp = name.startsWith(HYP_PREFIX);
  if (isHyp) return mode !== 'vhe' && hyp?.test(name.slice(HYP_PREFIX.length)) === true;
  return (mode === 'vhe' || hyp === undefined || inAllModes) && kernel?.test(name) === true;
}

export interface Checks {
  readonly checked: readonly Checked[];
  readonly beside: readonly Beside[];
}

export function checkCached(cache: Cache): Checks {
  const all = cachedKernels(cache)
    .filter(({ folder }) => hasFacts(factsIn(folder)))
    .map((kernel) => [kernel.release, accessesIn(kernel)] as const);
  return {
    checked: all.flatMap(([release, accesses]) => checkKernel(release, accesses)),
    beside: all.flatMap(([release, accesses]) => besideRows(release, accesses)),
  };
}

function accessesIn({ folder, image }: FetchedKernel): ReadonlyMap<string, ReadonlySet<string>> {
  const symbols = parseSymbols(readFileSync(factsIn(folder).kallsyms, 'latin1'));
  return accessesOf(readText(readFileSync(image), symbols), symbols);
}
