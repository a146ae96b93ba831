/** What a kernel executed, primitive by primitive, and what the tool reports of the capture that was taken meanwhile. */

import { byAddress, type Count } from './counts.ts';
import { COUNTED, matches, type Pattern } from './instructions.ts';
import type { Plan } from './plan.ts';
import { BARRIERS, BESIDE, HYP_PREFIX, PRIMITIVES, type Primitive, SWITCH } from './primitives.ts';
import { nameOf } from './register-names.ts';
import type { Site } from './sites.ts';
import { nearest, type Symbols } from './symbols.ts';
import { type Access, registersOf } from './system-registers.ts';

/** The kernel's side. */
export interface Executed {
  readonly primitives: readonly {
    readonly primitive: string;
    readonly count: number;
    /** Where the kernel did it: function and count, most first. */
    readonly where: readonly (readonly [place: string, count: number])[];
  }[];
  /** Entries of functions, and calls (`A > B`), that say where a difference comes from. */
  readonly entries: Readonly<Record<string, number>>;
}

/** What is read of `replay --format json`. */
export interface Report {
  readonly model: { readonly name?: string; readonly mode?: string };
  readonly verdict: string;
  readonly reasons?: readonly string[];
  readonly violation_counts?: Readonly<Record<string, { readonly total: number }>>;
  readonly observations?: { readonly checked: number; readonly diverged: number };
  readonly cost: {
    readonly total: Readonly<
      Record<string, { readonly count: number; readonly least?: number; readonly most?: number }>
    >;
  };
}

export interface Row {
  readonly primitive: string;
  readonly kernel: number;
  readonly tool: number;
  /** What the tool says it can be, where that is not one number; without `most`, any number from `least` on. */
  readonly least?: number;
  readonly most?: number;
  readonly where: readonly (readonly [place: string, count: number])[];
}

export function executedIn(plan: Plan, counts: readonly Count[], symbols: Symbols): Executed {
  const entries: Record<string, number> = {};
  const executions = byAddress(counts);
  const executed = (site: Site): number => executions.get(site.address) ?? 0;
  const add = (name: string, site: Site): void => {
    const count = executed(site);
    if (count > 0) entries[name] = (entries[name] ?? 0) + count;
  };
  for (const site of plan.entries) add(site.primitive, site);
  for (const site of plan.calls) add(`${nearest(symbols, site.address).name} > ${site.primitive}`, site);
  const primitives = PRIMITIVES.map((primitive) =>
    total(
      primitive.name,
      sitesOf(plan, primitive).map((site) => [nearest(symbols, site.address).name, executed(site)]),
    ),
  );
  return { primitives: [...primitives, ...inSwitch(counts, symbols)], entries };
}

/** What the functions of the switch execute: reads and writes of system registers, and instructions that are counted as such. */
function inSwitch(counts: readonly Count[], symbols: Symbols): Executed['primitives'] {
  const accesses = registersOf(counts, symbols).filter(
    (access) => isSwitch(access.function) && !isPerCpuBase(access) && !isBeside(access),
  );
  const words = (pattern: Pattern): [place: string, count: number][] =>
    counts
      .filter(({ word }) => matches(pattern, word))
      .map(({ address, count }): [string, number] => [nearest(symbols, address).name, count])
      .filter(([name]) => (isSwitch(name) && !BARRIERS.not.test(plain(name))) || BARRIERS.also.test(name));
  return [
    total(
      'sysreg_read',
      accesses.map((access) => [access.function, access.reads]),
    ),
    // SMSTOP is a write of SVCR in a form of its own.
    total('sysreg_write', [
      ...accesses.map((access): [string, number] => [access.function, access.writes]),
      ...words(COUNTED.smstop),
    ]),
    ...Object.entries(COUNTED).map(([primitive, pattern]) => total(primitive, words(pattern))),
  ];
}

function total(primitive: string, counted: readonly (readonly [place: string, count: number])[]) {
  const byName = new Map<string, number>();
  for (const [name, count] of counted) if (count > 0) byName.set(name, (byName.get(name) ?? 0) + count);
  const places = [...byName].sort((a, b) => b[1] - a[1]);
  return { primitive, count: places.reduce((sum, [, count]) => sum + count, 0), where: places };
}

/** At EL1, TPIDR_EL1 is where the kernel's own per-CPU data is found: it is the guest's where registers are saved and restored. */
const isPerCpuBase = (access: Access): boolean =>
  access.register === 'S3_0_C13_C0_4' && !access.function.includes('sysreg');

const plain = (name: string): string => (name.startsWith(HYP_PREFIX) ? name.slice(HYP_PREFIX.length) : name);

const isSwitch = (name: string): boolean => SWITCH.some((pattern) => pattern.test(plain(name)));

const isBeside = (access: Access): boolean =>
  BESIDE.some((one) => one.function.test(plain(access.function)) && one.register.test(nameOf(access.register)));

export function rowsOf(kernel: Executed, report: Report): Row[] {
  return kernel.primitives.map(({ primitive, count, where: places }) => ({
    primitive,
    kernel: count,
    ...intervalOf(report.cost.total[primitive]),
    where: places,
  }));
}

export function intervalOf(cost: Report['cost']['total'][string] = { count: 0 }): Pick<Row, 'tool' | 'least' | 'most'> {
  const { count, least, most } = cost;
  return { tool: count, ...(least !== undefined && { least }), ...(most !== undefined && { most }) };
}

/** The kernel's count is the tool's, or within what the tool says it can be. */
export function holds({ kernel, tool, least, most }: Row): boolean {
  if (least === undefined) return kernel === tool;
  return least <= kernel && kernel <= (most ?? Number.POSITIVE_INFINITY);
}

/** The places of a primitive: in VHE the kernel's, in all other modes the hypervisor's own. */
function sitesOf(plan: Plan, primitive: Primitive): Site[] {
  const hyp = (primitive.hypFunctions ?? primitive.functions).map((name) => HYP_PREFIX + name);
  const entries = new Set([...primitive.functions, ...hyp]);
  return [
    ...plan.sites.filter((site) => primitive.sites.includes(site.primitive)),
    ...plan.entries.filter((site) => entries.has(site.primitive)),
  ];
}
