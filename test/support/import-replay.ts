/** A capture that is replayed as it is, and one that is imported first and then replayed: what of their reports must be the same. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Report } from '../../lib/report/report.ts';
import { run } from './cli.ts';
import type { Random } from './random.ts';

/** A capture, by its lines. */
export interface Capture {
  readonly name: string;
  readonly lines: readonly string[];
}

const linesOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1').split('\n').slice(0, -1);

function capturesIn(folder: URL): readonly Capture[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /\.ftrace(?:\.gz)?$/.test(name));
  return names.map((name) => {
    const bytes = readFileSync(new URL(name, folder));
    return { name, lines: linesOf(name.endsWith('.gz') ? gunzipSync(bytes) : bytes) };
  });
}

/** Excerpts, and whole captures where they stand beside the project. */
export const CAPTURES = ['../import/data/', '../../../shared/captures/raw/'].flatMap((folder) =>
  capturesIn(new URL(folder, import.meta.url)),
);
/** Those that the laboratory has counted, and others. */
export const MORE_CAPTURES = ['../../traces/counted/', '../../../shared/captures/own/'].flatMap((folder) =>
  capturesIn(new URL(folder, import.meta.url)),
);

export const OPTIONS: readonly (readonly string[])[] = [
  [],
  ['--model', 'v6.12'],
  ['--mode', 'nvhe'],
  ['--model', 'v6.10', '--mode', 'vhe', '--sve-vl', '64'],
  ['--ignore', 'kvm_exit'],
];

/** What of a report does not depend on where lines stand. */
function essence({
  verdict,
  reasons,
  violations,
  violation_counts,
  observations,
  ledger,
  events,
  transitions,
}: Report) {
  return {
    verdict,
    reasons,
    violations: violations.map(({ input: _input, line: _line, ...rest }) =>
      JSON.stringify(rest).replace(/line \d+/g, ''),
    ),
    violation_counts,
    checked: [observations.checked, observations.diverged],
    ledger,
    events,
    transitions,
  };
}

async function outcomeOf(argv: readonly string[]): Promise<Report | string> {
  const { code, stdout, stderr } = await run(['replay', '--format', 'json', '--no-progress', ...argv]);
  if (code === 3) throw new Error(stderr.slice(0, 4000));
  return code === 2 ? stderr : JSON.parse(stdout);
}

export async function reportOf(argv: readonly string[]): Promise<Report> {
  const outcome = await outcomeOf(argv);
  if (typeof outcome === 'string') throw new Error(outcome);
  return outcome;
}

/** Both reports, as far as they must be the same; undefined for what is no capture. `folder`: for files. */
export async function bothWays(
  text: string,
  options: readonly string[],
  folder: string,
): Promise<{ readonly direct: object; readonly after: object } | undefined> {
  const [capture, trace] = [join(folder, 'capture'), join(folder, 'trace.ndjson')];
  writeFileSync(capture, text, 'latin1');
  const imported = await run(['import', 'ftrace', capture, '-o', trace, '--no-progress', ...options]);
  // What is no capture is none for a replay either.
  if (imported.code === 2) return undefined;
  const replaying = options.filter((word, at) => word !== '--ignore' && options[at - 1] !== '--ignore');
  const outcomes = [await outcomeOf([...options, capture]), await outcomeOf([...replaying, trace])];
  // A header may say what no kernel has: then neither can be replayed.
  const [direct = {}, after = {}] = outcomes.map((outcome) =>
    typeof outcome === 'string' ? { cannot: outcome.includes('expected') } : essence(outcome),
  );
  return { direct, after };
}

const UNKNOWN = ' kvm-1 [000] d..1. 999.000001: kvm_new_tracepoint: a=1';
const KIND = /: (\w+): /;

/** What is done to the lines of a capture. */
export const DAMAGES: Readonly<Record<string, (lines: string[], random: Random) => void>> = {
  nothing() {},
  'an unknown event': (lines) => lines.push(UNKNOWN),
  'an unknown event of the name of a known one': (lines) =>
    lines.push(UNKNOWN.replace('kvm_new_tracepoint', 'guest_exit')),
  'many unknown events': (lines) => {
    for (let n = 0; n < 150; n++) lines.push(UNKNOWN.replace('new', `new${n}`));
  },
  'a name of any bytes': (lines) => lines.push(UNKNOWN.replace('new', '\u00e9\u009b\u0001"\\')),
  'a cut line': (lines, random) => {
    const at = random.below(lines.length);
    lines[at] = (lines[at] ?? '').slice(0, random.below(120));
  },
  'text between lines': (lines, random) => lines.splice(random.below(lines.length), 0, 'Segmentation fault'),
  'text of a console': (lines, random) =>
    lines.splice(random.below(lines.length), 0, '[   12.345678] usb 1-1: new device'),
  'no header': (lines) =>
    lines.splice(
      0,
      lines.findIndex((line) => !line.startsWith('#')),
    ),
  'a kind of line less': (lines, random) => {
    const names = [...new Set(lines.flatMap((line) => KIND.exec(line)?.[1] ?? []))];
    const name = random.pick(['', ...names]);
    lines.splice(0, lines.length, ...lines.filter((line) => !line.includes(`: ${name}: `)));
  },
};

/** Further ways to take evidence away and to damage it, of which the nightly run makes more. */
export const MORE_DAMAGES: typeof DAMAGES = {
  'some kinds of line only': (lines, random) => {
    const kept = new Map<string, boolean>();
    const isKept = (line: string): boolean => {
      const kind = KIND.exec(line)?.[1] ?? '';
      if (!kept.has(kind)) kept.set(kind, kind === '' || random.once(2));
      return kept.get(kind) === true;
    };
    lines.splice(0, lines.length, ...lines.filter(isKept));
  },
  'lines less': (lines, random) => {
    const seldom = 2 + random.below(40);
    lines.splice(0, lines.length, ...lines.filter((line) => line.startsWith('#') || !random.once(seldom)));
  },
  'a CPU less': (lines, random) => {
    const cpu = `[00${random.below(2)}]`;
    lines.splice(0, lines.length, ...lines.filter((line) => !line.includes(cpu)));
  },
  'lost events': (lines, random) => {
    for (let count = 1 + random.below(3); count > 0; count--) {
      const text = `CPU:${random.below(3)} [LOST ${random.pick(['', `${random.below(1000)} `])}EVENTS]`;
      lines.splice(random.below(lines.length), 1 + random.below(20), text);
    }
  },
  'lines that change places': (lines, random) => {
    for (let count = 1 + random.below(5); count > 0; count--) {
      const at = random.below(lines.length);
      const [line = ''] = lines.splice(at, 1);
      lines.splice(Math.max(0, at + random.below(80) - 40), 0, line);
    }
  },
  'a time that is late': (lines, random) => {
    const at = random.below(lines.length);
    lines[at] = (lines[at] ?? '').replace(/ (\d+)\.(\d{6}): /, (_, s) => ` ${Number(s) + 1000}.000000: `);
  },
  'a piece that is printed twice': (lines, random) => {
    const at = random.below(lines.length);
    lines.splice(at, 0, ...lines.slice(at, at + random.below(20)));
  },
  'other numbers': (lines, random) => {
    for (let count = 1 + random.below(4); count > 0; count--) {
      const at = random.below(lines.length);
      const value = random.pick(['-1', '0', '1', '4096', '0x0', '0xffffffffffffffff', '99999999999999999999']);
      lines[at] = (lines[at] ?? '').replace(random.pick([/=-?\d+/, /=0x[0-9a-f]+/, /0x[0-9a-f]+/]), `=${value}`);
    }
  },
};

/** A window of a capture, with up to three damages, which a number decides. */
export function damagedCapture(
  captures: readonly Capture[],
  random: Random,
): { readonly text: string; readonly options: readonly string[]; readonly what: string } {
  const { name, lines: all } = random.pick(captures);
  const head = all.findIndex((line) => !line.startsWith('#'));
  const begin = random.once(3) ? head : head + random.below(Math.max(1, all.length - head));
  const lines = [...all.slice(0, head), ...all.slice(begin, begin + 20 + random.below(400))];
  const every = Object.entries({ ...DAMAGES, ...MORE_DAMAGES });
  const done = [name, `from line ${begin + 1}`];
  for (let count = random.below(4); count > 0 && lines.length > 0; count--) {
    const [damage, apply] = random.pick(every);
    apply(lines, random);
    done.push(damage);
  }
  return { text: `${lines.join('\n')}\n`, options: random.pick(OPTIONS), what: done.join(', ') };
}
