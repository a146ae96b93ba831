/** The costs of a trace as distributions over units, by how runs of the guest ended, and over time. */

import { createSamples, type Distribution, type Samples } from '../../account/distribution.ts';
import type { CostTable } from '../../costs/steps.ts';
import { ABSENT, timestampOf } from '../../trace/event.ts';
import { type Amounts, addTo, amountsOfSteps, MEASURE_NAMES, type Measure, noAmounts } from './measures.ts';
import { type Charge, createUnits, type UnitKind } from './units.ts';

export interface ExitRow {
  readonly exit: string;
  readonly entries: number;
  readonly median: Readonly<Partial<Record<Measure, number>>>;
}

export interface CostsReport {
  readonly type: 'costs';
  readonly model: { readonly name: string; readonly mode: string };
  readonly per: UnitKind;
  readonly units: number;
  /** Of those measures that are anywhere more than nothing. */
  readonly distributions: Readonly<Partial<Record<Measure, Distribution>>>;
  /** Of entries: how the run of the guest ended, those with most entries first. */
  readonly by_exit?: readonly ExitRow[];
  /** Units by the bytes that were moved in them, from `from` to `to`: nothing, then those of each power of two, as far as there are any. */
  readonly histogram: readonly { readonly from: number; readonly to: number; readonly units: number }[];
  /** What belongs to no unit. */
  readonly outside: Readonly<Partial<Record<Measure, number>>>;
  readonly every_ns?: number;
  /** Spans of time in which anything was charged; `from` in ns since the first event that was. */
  readonly series?: readonly ({ readonly from: number } & Readonly<Partial<Record<Measure, number>>>)[];
}

export interface CostsCollector {
  add(charge: Omit<Charge, 'ofStep'>, table: CostTable): void;
  /** Undefined where a series would have more than `MOST_SPANS` spans. */
  finish(model: CostsReport['model']): CostsReport | undefined;
  /** What units cost, once it is finished. */
  samplesOf(measure: Measure): Samples;
}

/** Spans of a series; more of them nobody can look at. */
export const MOST_SPANS = 100_000;

/** `every`: the length of the spans of a series, in ns. */
export function createCosts(per: UnitKind, every: number | undefined): CostsCollector {
  const samples = MEASURE_NAMES.map(createSamples);
  const byExit = new Map<number, Samples[]>();
  const units = createUnits(per, ({ amounts, ec }, times = 1) => {
    for (const [at, amount] of amounts.entries()) samples[at]?.add(amount, times);
    if (per !== 'entry') return;
    const key = ec ?? ABSENT;
    const ofExit = byExit.get(key) ?? MEASURE_NAMES.map(createSamples);
    byExit.set(key, ofExit);
    for (const [at, amount] of amounts.entries()) ofExit[at]?.add(amount);
  });
  const series = every === undefined ? undefined : createSeries(every);
  let ofSteps: readonly Amounts[] | undefined;
  return {
    samplesOf: (measure) => samples[MEASURE_NAMES.indexOf(measure)] as Samples,
    add(given, table) {
      ofSteps ??= amountsOfSteps(table);
      const charge: Charge = { ...given, ofStep: ofSteps[given.step] as Amounts };
      units.add(charge);
      series?.add(charge);
    },
    finish(model) {
      units.finish();
      if (series?.full()) return undefined;
      const used = MEASURE_NAMES.map((_name, at) => (samples[at] as Samples).summary());
      return {
        type: 'costs',
        model,
        per,
        units: used[0]?.count ?? 0,
        distributions: named(used, ({ total }) => total > 0),
        ...(per === 'entry' && { by_exit: exitsOf(byExit) }),
        histogram: histogramOf(samples[0] as Samples),
        outside: named(units.outside, (amount) => amount > 0),
        ...(series !== undefined && { every_ns: every as number, series: series.spans() }),
      };
    },
  };
}

function named<T>(values: readonly T[], keep: (value: T) => boolean): Partial<Record<Measure, T>> {
  return Object.fromEntries(
    MEASURE_NAMES.map((name, at) => [name, values[at] as T] as const).filter(([, value]) => keep(value)),
  );
}

function histogramOf(samples: Samples): CostsReport['histogram'] {
  const buckets = new Map<number, { from: number; to: number; units: number }>();
  for (const [value, times] of samples.histogram()) {
    const power = value === 0 ? -1 : Math.floor(Math.log2(value));
    const bucket = buckets.get(power) ?? { from: value, to: value, units: 0 };
    buckets.set(power, bucket);
    bucket.to = value;
    bucket.units += times;
  }
  return [...buckets.values()];
}

function createSeries(every: number) {
  const spans = new Map<number, Amounts>();
  let first: number | undefined;
  let full = false;
  return {
    add({ event, ofStep, bytes }: Charge): void {
      const ts = timestampOf(event);
      if (ts === undefined || full) return;
      first ??= Number(ts);
      const at = Math.floor((Number(ts) - first) / every);
      const amounts = spans.get(at) ?? noAmounts();
      spans.set(at, amounts);
      addTo(amounts, ofStep, bytes);
      full = spans.size > MOST_SPANS;
    },
    full: () => full,
    spans: () =>
      [...spans]
        .sort(([a], [b]) => a - b)
        .map(([at, amounts]) => ({ from: at * every, ...named(amounts, (amount) => amount > 0) })),
  };
}

/** ESR_ELx_EC_*: arch/arm64/include/asm/esr.h. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  0: 'UNKNOWN',
  1: 'WFx',
  7: 'FP_ASIMD',
  9: 'PAC',
  18: 'HVC32',
  22: 'HVC64',
  23: 'SMC64',
  24: 'SYS64',
  25: 'SVE',
  26: 'ERET',
  29: 'SME',
  32: 'IABT_LOW',
  36: 'DABT_LOW',
  48: 'BREAKPT_LOW',
  50: 'SOFTSTP_LOW',
  52: 'WATCHPT_LOW',
  60: 'BRK64',
};

function exitsOf(byExit: ReadonlyMap<number, readonly Samples[]>): readonly ExitRow[] {
  const rows = [...byExit].map(([ec, samples]) => ({ ec, summaries: samples.map((each) => each.summary()) }));
  return rows
    .sort((a, b) => (b.summaries[0]?.count ?? 0) - (a.summaries[0]?.count ?? 0) || a.ec - b.ec)
    .map(({ ec, summaries }) => ({
      exit: ec === ABSENT ? 'no ec' : `0x${ec.toString(16).padStart(2, '0')} ${EXCEPTIONS[ec] ?? ''}`.trim(),
      entries: summaries[0]?.count ?? 0,
      median: named(
        summaries.map(({ median }) => median),
        (median) => median > 0,
      ),
    }));
}
