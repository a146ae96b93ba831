/** Which machine to emulate: what the caller asks for, else what the trace says of itself, else the defaults. */

import type { MachineFeatures } from '../costs/primitives.ts';
import { DEFAULT_MODE, DEFAULT_MODEL, findModel, MODELS, type Model } from '../models/models.ts';
import { isMode, MODES, type Mode } from '../models/profile.ts';
import { boundedName } from '../text/order.ts';
import { describeValue } from '../trace/describe.ts';
import type { Meta } from '../trace/event.ts';
import { HIDEABLE } from '../trace/hidden.ts';
import { FEATURES, type Feature } from '../trace/vocabulary.ts';

export interface Wishes {
  readonly model?: string;
  readonly mode?: string;
  /** Largest vector lengths in bytes; 0: the machine has none. */
  readonly sveVl?: number;
  readonly smeVl?: number;
  readonly records?: RecordsWish;
  /** What a trace is of that does not say so itself. */
  readonly defaults?: TraceDefaults;
}

export interface TraceDefaults {
  readonly model?: string;
  readonly mode?: string;
  readonly records?: readonly string[];
}

/** Which kinds of event the trace shows wherever they happen: these alone, or what it says but for others. */
export interface RecordsWish {
  readonly only?: readonly string[];
  readonly without: readonly string[];
}

export interface Settings {
  readonly model: Model;
  readonly mode: Mode;
  readonly features: MachineFeatures;
  /** The host may have been booted for nested guests. */
  readonly mayNest: boolean;
  /** The trace names features of the machine. */
  readonly namesFeatures: boolean;
  /** The kinds that the trace shows; undefined: all of them, as in a trace that is written by hand. */
  readonly records: readonly string[] | undefined;
  /** What the trace presumes of its kernel, and of the mode alone, holds: the caller does not name it. */
  readonly presumes: boolean;
  readonly presumesMode: boolean;
  /** Number of CPUs that the trace says there are; Infinity where it does not say. */
  readonly cpus: number;
  /** Where the caller overrules the trace, and what of it nothing is made of. */
  readonly contradictions: readonly string[];
}

/** What is wrong with the meta line. */
export interface MetaError {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** Features that a machine has unless `no_NAME` is in the list. */
const DEFAULT_FEATURES: readonly Feature[] = ['pmuv3'];
const DEFAULT_BRPS = 6;
const DEFAULT_WRPS = 4;

/** The settings, or what of the meta line names a model or mode that there is not. */
export function settle(wishes: Wishes, meta: Meta | undefined): Settings | MetaError {
  const { defaults = {} } = wishes;
  const modelName = wishes.model ?? meta?.model ?? defaults.model ?? DEFAULT_MODEL;
  const model = findModel(modelName);
  if (model === undefined) {
    return {
      field: 'model',
      expected: `one of ${MODELS.map(({ name }) => name).join(', ')}`,
      found: describeValue(modelName),
    };
  }
  const mode = wishes.mode ?? meta?.mode ?? defaults.mode ?? DEFAULT_MODE;
  if (!isMode(mode)) return { field: 'mode', expected: `one of ${MODES.join(', ')}`, found: describeValue(mode) };
  if (!model.modes.includes(mode)) {
    return {
      field: 'mode',
      expected: `a mode of model ${model.name}: ${model.modes.join(', ')}`,
      found: describeValue(mode),
    };
  }
  const features: MachineFeatures = {
    sveVl: wishes.sveVl ?? meta?.sve_vl ?? 0,
    smeVl: wishes.smeVl ?? meta?.sme_vl ?? 0,
    brps: meta?.brps ?? DEFAULT_BRPS,
    wrps: meta?.wrps ?? DEFAULT_WRPS,
    features: featuresOf(meta?.features ?? []),
  };
  const records = recordsOf(wishes.records, meta?.records ?? defaults.records);
  // That a host is not for nested guests says nothing of its processors.
  const namesFeatures = meta?.features?.some((name) => name !== 'no_nested') === true;
  const mayNest = meta?.features?.includes('no_nested') !== true;
  const contradictions = [...contradictionsOf(wishes, meta), ...unknownFeatures(meta?.features ?? [])];
  const presumes = wishes.model === undefined || (wishes.mode ?? meta?.mode) === undefined;
  const cpus = meta?.cpus ?? Number.POSITIVE_INFINITY;
  return {
    model,
    mode,
    features,
    mayNest,
    namesFeatures,
    records,
    presumes,
    presumesMode: wishes.mode === undefined,
    cpus,
    contradictions,
  };
}

function recordsOf(wish: RecordsWish | undefined, said: readonly string[] | undefined): readonly string[] | undefined {
  if (wish === undefined) return said;
  const shown = wish.only ?? said ?? HIDEABLE;
  return shown.filter((kind) => !wish.without.includes(kind));
}

/** `no_fgt` takes away, whatever else there is. */
const ABSENT_FEATURE = 'no_';

function featuresOf(listed: readonly string[]): ReadonlySet<Feature> {
  const has = (name: Feature) => DEFAULT_FEATURES.includes(name) || listed.includes(name);
  return new Set(FEATURES.filter((name) => has(name) && !listed.includes(ABSENT_FEATURE + name)));
}

function unknownFeatures(listed: readonly string[]): string[] {
  const known: readonly string[] = FEATURES.flatMap((name) => [name, ABSENT_FEATURE + name]);
  const names = [...new Set(listed.filter((name) => !known.includes(name)))];
  return names.map((name) => `feature ${boundedName(name)} of the machine is not known, and left out`);
}

function contradictionsOf(wishes: Wishes, meta: Meta | undefined): string[] {
  const pairs: [string, number | string | undefined, number | string | undefined][] = [
    ['model', wishes.model, meta?.model],
    ['mode', wishes.mode, meta?.mode],
    ['sve_vl', wishes.sveVl, meta?.sve_vl],
    ['sme_vl', wishes.smeVl, meta?.sme_vl],
  ];
  return pairs
    .filter(([, wish, said]) => wish !== undefined && said !== undefined && wish !== said)
    .map(([name, wish, said]) => `${name} ${wish} was asked for, the trace says ${said}`);
}
