/** Which kernel a trace is of: it is replayed under every model in every mode, and what was read inside the kernel decides. */

import type { InputError } from '../../ingest/source.ts';
import { DEFAULT_MODEL, MODELS, type Model } from '../../models/models.ts';
import { MODES, type Mode } from '../../models/profile.ts';
import { createReplay, type Replay } from '../../replay/replay.ts';
import { ABSENT, type EventRecord } from '../../trace/event.ts';
import { KIND } from '../../trace/vocabulary.ts';
import { createEventFacts, noteEvent } from './event-facts.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { kindsOf } from './kinds.ts';
import { createLineReader, type LineReader } from './line-facts.ts';
import { createWindows, FIRST } from './windows.ts';

export interface Kernel {
  readonly model: string;
  readonly mode: Mode;
}

export interface Candidate extends Kernel {
  /** Observed values that it predicts, does not predict, and that the replay took over because it knew none. */
  readonly confirmed: number;
  readonly diverged: number;
  readonly learned: number;
  /** Violations of any rule. */
  readonly violations: number;
  /** How much of the evidence speaks for it. */
  readonly evidence: number;
}

export interface Identification {
  /** The likeliest first. */
  readonly ranking: readonly Candidate[];
  /** Where the first is not of the release that a capture names: the likeliest that is. A kernel that is broken may behave like another. */
  readonly named?: Candidate;
  /** What told the first from the next: observed values, the release or the mode that the capture names, other evidence, or nothing. */
  readonly decided_by: 'values' | 'release' | 'mode' | 'evidence' | 'nothing';
  /** Those that nothing at all tells from the first, which is among them: neither values, nor evidence, nor violations. */
  readonly tied: readonly Kernel[];
  /** Those that no observed value tells from the first, which is among them. */
  readonly undecided: readonly Kernel[];
  /** What is not an observation, and how many of the undecided it speaks for. */
  readonly evidence: readonly { readonly text: string; readonly favours: number }[];
  /** Events that were replayed under every kernel, and those that there are. */
  readonly replayed: { readonly events: number; readonly of: number };
}

export interface Identifier {
  /** An event, under every kernel. An error where its line is no meta line of a trace. */
  step(event: EventRecord): InputError | undefined;
  /** Bytes of a capture, before the events that come of them. */
  text(chunk: Uint8Array, input: number): void;
  finish(): Identification;
}

/** Kernels of one mode that differ in nothing but what their steps cost: one replay is that of all of them. */
interface Running {
  readonly models: readonly Model[];
  readonly mode: Mode;
  replay: Replay;
  /** Of the windows before. */
  readonly counts: Counts;
}

type Counts = { -readonly [Name in 'confirmed' | 'diverged' | 'learned' | 'violations']: number };

interface Ranked {
  readonly model: Model;
  readonly candidate: Candidate;
}

type Choice = { readonly model: Model; readonly mode: Mode };

export interface IdentifyOptions {
  /** Largest vector lengths in bytes; 0: the machine has none. */
  readonly sveVl?: number;
  readonly smeVl?: number;
  /** Events from the beginning that are replayed under every kernel, a power of two or Infinity; then windows are. */
  readonly first?: number;
}

/** vCPUs whose properties are kept for later windows. */
const MOST_VCPUS = 1 << 16;

/** Captures must be imported as of no kernel in particular (`anonymous`). */
export function createIdentifier(options: IdentifyOptions): Identifier {
  const kernels = MODES.flatMap((mode) => kindsOf(mode).map((models) => start(models, mode, options)));
  const open = kernels.filter(({ mode }) => mode !== 'pkvm');
  const protectedKernels = kernels.filter(({ mode }) => mode === 'pkvm');
  const facts = createEventFacts();
  const readers = new Map<number, LineReader>();
  const windows = createWindows(options.first ?? FIRST);
  /** What a window has to know of the events before it: what the trace and its vCPUs are. */
  const metas: EventRecord[] = [];
  const vcpus = new Map<string, EventRecord>();
  const keep = (event: EventRecord): void => {
    const key = `${event.vm}/${event.vcpu}`;
    if (event.kind === KIND.meta) metas.push({ ...event });
    else if (vcpus.size < MOST_VCPUS || vcpus.has(key)) vcpus.set(key, { ...event });
  };
  const begin = (): void => {
    for (const kernel of kernels) {
      sumUp(kernel);
      kernel.replay = replayOf(kernel.models, kernel.mode, options);
      for (const event of metas) kernel.replay.step(event);
      for (const event of vcpus.values()) kernel.replay.step(event);
    }
  };
  return {
    step(event) {
      noteEvent(facts, event);
      const place = windows.next();
      if (place === 'begins') begin();
      if (event.kind === KIND.meta || event.kind === KIND.vcpu_create) keep(event);
      // Metas that contradict each other are an error wherever they stand.
      if (place === 'outside' && event.kind !== KIND.meta) return undefined;
      const error = stepAll(open, event);
      if (error !== undefined) return error;
      // What a capture reads under protected KVM is the kernel's own copy: the other cannot be read.
      const own = readers.has(event.input) && event.fp_owner_hyp === ABSENT ? event.fp_owner : ABSENT;
      if (own === ABSENT) return stepAll(protectedKernels, event);
      event.fp_owner = ABSENT;
      event.fp_owner_kernel = own;
      stepAll(protectedKernels, event);
      event.fp_owner = own;
      event.fp_owner_kernel = ABSENT;
      return undefined;
    },
    text(chunk, input) {
      let reader = readers.get(input);
      if (reader === undefined) {
        reader = createLineReader();
        readers.set(input, reader);
      }
      reader.push(chunk);
    },
    finish() {
      for (const kernel of kernels) sumUp(kernel);
      const evidence = evidenceOf(
        facts,
        [...readers.values()].map((reader) => reader.facts),
      );
      const ranked = kernels
        .flatMap((kernel) => candidatesOf(kernel, evidence))
        .sort((a, b) => compare(a.candidate, b.candidate));
      const first = ranked[0]?.candidate;
      const undecided = ranked.filter(
        ({ candidate }) => candidate.confirmed === first?.confirmed && candidate.diverged === first.diverged,
      );
      const named = namedBy(evidence, ranked);
      const isTied = (one: Candidate): boolean =>
        (['confirmed', 'diverged', 'evidence', 'violations'] as const).every((key) => one[key] === first?.[key]);
      return {
        tied: ranked
          .map(({ candidate }) => candidate)
          .filter(isTied)
          .map(({ model, mode }) => ({ model, mode })),
        ranking: ranked.map(({ candidate }) => candidate),
        ...(named !== undefined && named !== first && { named }),
        decided_by: decidedBy(
          undecided.map(({ model, candidate: { mode } }) => ({ model, mode })),
          evidence,
        ),
        undecided: undecided.map(({ candidate: { model, mode } }) => ({ model, mode })),
        evidence: evidence.map(({ text, favours }) => ({
          text,
          favours: undecided.filter(({ model, candidate }) => favours(model, candidate.mode)).length,
        })),
        replayed: windows.seen(),
      };
    },
  };
}

/** What the capture says of its kernel counts more than all that only speaks for one. */
const weightOf = (said: Evidence['said']): number => (said === undefined ? 1 : SAID);
const SAID = 100;

const saying = (evidence: readonly Evidence[], what: Evidence['said']) => evidence.filter(({ said }) => said === what);

/** The likeliest that is of every release that a capture names; undefined where none is named, or none is of all. */
function namedBy(evidence: readonly Evidence[], ranked: readonly Ranked[]): Candidate | undefined {
  const releases = saying(evidence, 'release');
  if (releases.length === 0) return undefined;
  const isOfAll = ({ model, candidate: { mode } }: Ranked): boolean =>
    releases.every(({ favours }) => favours(model, mode));
  return ranked.find(isOfAll)?.candidate;
}

/** `undecided`: the kernels that no observed value tells apart, the likeliest first. */
function decidedBy(undecided: readonly Choice[], evidence: readonly Evidence[]): Identification['decided_by'] {
  const [first, ...others] = undecided;
  if (first === undefined || others.length === 0) return 'values';
  /** Whether some of those that are left do not have it, and the first does. */
  const tells = (one: Evidence, left: readonly Choice[]): boolean =>
    one.favours(first.model, first.mode) && left.some(({ model, mode }) => !one.favours(model, mode));
  const said = (what: Evidence['said']) => saying(evidence, what);
  const after = (what: Evidence['said'], left: readonly Choice[]) =>
    left.filter(({ model, mode }) =>
      said(what).every(({ favours }) => !favours(first.model, first.mode) || favours(model, mode)),
    );
  if (said('release').some((one) => tells(one, others))) return 'release';
  if (said('mode').some((one) => tells(one, after('release', others)))) return 'mode';
  return said(undefined).some((one) => tells(one, others)) ? 'evidence' : 'nothing';
}

function start(models: readonly Model[], mode: Mode, options: IdentifyOptions): Running {
  const counts: Counts = { confirmed: 0, diverged: 0, learned: 0, violations: 0 };
  return { models, mode, replay: replayOf(models, mode, options), counts };
}

function replayOf(models: readonly Model[], mode: Mode, { first: _first, ...options }: IdentifyOptions): Replay {
  const [{ name }] = models as [Model];
  return createReplay({ ...options, model: name, mode, countsOnly: true });
}

/** Adds what its replay found to what the windows before did. */
function sumUp({ replay, counts }: Running): void {
  const { observations, violation_counts } = replay.finish([]);
  counts.confirmed += observations.checked - observations.diverged;
  counts.diverged += observations.diverged;
  counts.learned += observations.learned;
  counts.violations += Object.values(violation_counts).reduce((sum, { total }) => sum + total, 0);
}

function stepAll(kernels: readonly Running[], event: EventRecord): InputError | undefined {
  for (const { replay } of kernels) {
    const error = replay.step(event);
    if (error !== undefined) return error;
  }
  return undefined;
}

function candidatesOf({ models, mode, counts }: Running, evidence: ReturnType<typeof evidenceOf>): Ranked[] {
  return models.map((model) => ({
    model,
    candidate: {
      model: model.name,
      mode,
      ...counts,
      evidence: evidence.reduce((sum, { favours, said }) => sum + (favours(model, mode) ? weightOf(said) : 0), 0),
    },
  }));
}

/** Models that only their name is left to tell apart: the default, released kernels from the newest on, and the others. */
const PREFERENCE: readonly string[] = [
  DEFAULT_MODEL,
  ...MODELS.map(({ name }) => name)
    .filter((name) => name.startsWith('v'))
    .reverse(),
  ...MODELS.map(({ name }) => name),
];

/** What a model takes over because it knows no better, one that is wrong may predict by chance: it pays for where it is wrong. */
const AGAINST = 10;

function compare(a: Candidate, b: Candidate): number {
  return (
    b.confirmed - AGAINST * b.diverged - (a.confirmed - AGAINST * a.diverged) ||
    a.diverged - b.diverged ||
    b.evidence - a.evidence ||
    a.violations - b.violations ||
    PREFERENCE.indexOf(a.model) - PREFERENCE.indexOf(b.model) ||
    MODES.indexOf(a.mode) - MODES.indexOf(b.mode)
  );
}
