/** Causes: how each began, step by step, and how much comes of it. */

import { createBlame } from '../check/causes/blame.ts';
import type { Site } from '../check/causes/site.ts';
import type { Cause, CauseStep, Place, Severity } from '../report/report.ts';
import { sorted } from '../text/order.ts';

/** Steps that are kept of a cause. */
const STEPS = 8;

/** The worst first. */
const RANK: readonly Severity[] = ['error', 'warning', 'suspicious'];

export interface CauseAccount {
  /** A violation or divergence, in an event by `Machine.sequence`. Returns the number of its cause; 0 where nothing of that is reported. */
  add(site: Site, place: Place, event: number, reported: boolean): number;
  /** Another violation that follows from one of that cause. */
  follow(cause: number, rule: string): void;
  causes(): readonly Cause[];
  /** `kind` of every cause so far, reported or not. Grows. */
  readonly kinds: ReadonlySet<string>;
}

interface Known {
  number: number;
  readonly first: Site;
  /** The CPU that the chain stays on, once it has had an effect there. */
  chainCpu: number | undefined;
  readonly told: Set<string>;
  readonly steps: CauseStep[];
  severity: Severity;
  readonly cpus: Set<number>;
  readonly consequences: Record<string, number>;
}

/** `heard` is told of each violation that does not only follow: kind, rule, and number of its cause. */
export function createCauseAccount(
  heard: (kind: string, rule: string, cause: number) => void = () => {},
): CauseAccount {
  const blame = createBlame();
  const all: Known[] = [];
  const numbered: Known[] = [];
  const kinds = new Set<string>();
  return {
    kinds,
    add(site, place, event, reported) {
      const index = blame.of(site, event);
      const known = all[index] ?? newCause(site);
      kinds.add(known.first.key);
      all[index] = known;
      addSteps(known, site, place);
      if (reported && known.number === 0) known.number = numbered.push(known);
      heard(known.first.key, site.rule, known.number);
      if (!reported) return known.number;
      if (RANK.indexOf(site.severity) < RANK.indexOf(known.severity)) known.severity = site.severity;
      known.cpus.add(site.cpu);
      addConsequence(known, site.rule);
      return known.number;
    },
    follow(cause, rule) {
      const known = numbered[cause - 1];
      if (known !== undefined) addConsequence(known, rule);
    },
    causes: () =>
      numbered.map(({ number, first, severity, steps, cpus, consequences }) => ({
        cause: number,
        kind: first.key,
        title: first.title,
        entity: first.entity,
        severity,
        cpus: [...cpus].sort((a, b) => a - b),
        steps,
        consequences: sorted(consequences),
      })),
  };
}

function newCause(first: Site): Known {
  return {
    number: 0,
    first,
    chainCpu: undefined,
    told: new Set(),
    steps: [],
    severity: first.severity,
    cpus: new Set(),
    consequences: {},
  };
}

function addConsequence({ consequences }: Known, rule: string): void {
  consequences[rule] = (consequences[rule] ?? 0) + 1;
}

/** What each rule tells first at each of its moments, on the CPU where the first effect was. */
function addSteps(known: Known, { rule, moment, cpu, parts, deeds }: Site, { event, ...place }: Place): void {
  const key = `${rule} ${moment}`;
  if (known.told.has(key) || (known.chainCpu !== undefined && known.chainCpu !== cpu)) return;
  if (parts.length > 0) known.chainCpu = cpu;
  known.told.add(key);
  for (const { line, source, verb, text } of deeds) {
    if (known.steps.length === STEPS) return;
    const where = line === undefined ? { ...place, event } : { input: place.input, line, cpu };
    known.steps.push({ ...where, source, verb, text });
  }
}
