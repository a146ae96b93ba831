/** The traces of the corpus and the reports expected of them: `NAME.ndjson`, and beside it `NAME.MODEL.MODE[.strict].json`. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { findModel, type Model } from '../../lib/models/models.ts';
import { isMode, type Mode } from '../../lib/models/profile.ts';
import { layOut } from '../../lib/report/lay-out.ts';
import type { Report } from '../../lib/report/report.ts';
import { type Machine, readTraceFile, replay, run as replayed, type Trace } from './replay.ts';

export const CORPUS = new URL('../../traces/', import.meta.url);
export const FOLDERS = ['golden', 'real', 'bad', 'bugs'] as const;
export type Folder = (typeof FOLDERS)[number];

/** One trace on one machine, and where the report stands that it must give. */
export interface Run extends Machine {
  readonly folder: Folder;
  readonly trace: string;
  readonly model: Model;
  readonly mode: Mode;
  readonly strict: boolean;
  readonly expected: URL;
}

/** Names of the traces of a folder, without the extension. */
export function tracesOf(folder: Folder): string[] {
  return readdirSync(new URL(`${folder}/`, CORPUS))
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => name.slice(0, -'.ndjson'.length))
    .sort();
}

/** The runs of a folder: one for each expected report. Throws for a file of another name, which nothing would compare. */
export function runsOf(folder: Folder): Run[] {
  const traces = tracesOf(folder);
  return readdirSync(new URL(`${folder}/`, CORPUS))
    .filter((name) => !name.endsWith('.ndjson') && name !== 'README.md')
    .sort()
    .map((name) => runFromFile(folder, name, traces));
}

const MACHINE = /^(?<name>.+)\.(?<mode>vhe|nvhe|hvhe|pkvm)(?<strict>\.strict)?\.json$/;

function runFromFile(folder: Folder, file: string, traces: readonly string[]): Run {
  const trace = traces.filter((trace) => file.startsWith(`${trace}.`)).sort((a, b) => b.length - a.length)[0] ?? '';
  const { name = '', mode = '', strict } = MACHINE.exec(file.slice(trace.length + 1))?.groups ?? {};
  const model = findModel(name);
  if (trace === '' || model === undefined || !isMode(mode) || !model.modes.includes(mode)) {
    throw new Error(`traces/${folder}/${file}: not TRACE.MODEL.MODE.json, nor TRACE.MODEL.MODE.strict.json`);
  }
  return runOf(folder, trace, { model, mode, strict: strict !== undefined });
}

/** The run of a trace on a machine, whether or not an expected report of it stands in the folder. */
export function runOf(folder: Folder, trace: string, machine: Required<Pick<Run, 'model' | 'mode' | 'strict'>>): Run {
  const { model, mode, strict } = machine;
  const file = `${trace}.${model.name}.${mode}${strict ? '.strict' : ''}.json`;
  return { folder, trace, model, mode, strict, expected: new URL(`${folder}/${file}`, CORPUS) };
}

const read = new Map<string, Trace>();

/** The events of a trace; read once. */
export function traceOf(folder: Folder, name: string): Trace {
  const path = `${folder}/${name}.ndjson`;
  const known = read.get(path) ?? readTraceFile(new URL(path, CORPUS));
  read.set(path, known);
  return known;
}

/** The report of a run; `profile` in the place of its model's. */
export function reportOf(run: Run, profile = run.model.profile): Report {
  return replay(traceOf(run.folder, run.trace), { ...run, model: { ...run.model, profile } });
}

/** The report, and the rules that were asked. */
export function resultOf(run: Run): { readonly report: Report; readonly asked: readonly string[] } {
  const { report, checks } = replayed(traceOf(run.folder, run.trace), run);
  return { report, asked: checks.filter(({ checked }) => checked > 0).map(({ rule }) => rule.id) };
}

export function expectedText(run: Run): string {
  return readFileSync(run.expected, 'utf8');
}

/** Whether the expected reports are to be written anew instead of compared. */
export const UPDATING = process.env.UPDATE_GOLDEN === '1';

export function writeExpected(run: Run, report: Report): void {
  writeFileSync(run.expected, layOut(report));
}
