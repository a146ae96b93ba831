/**
 * A folder of reports, one for each input, at the path of the input below it. A report is there as a whole or not at all, and
 * has the time of its input, so that a later run knows what is left to be done: what is missing, and what is older.
 */

import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, type Stats, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { escapeText } from '../../text/escape.ts';
import { Failure, reasonOf } from '../exit.ts';
import { readRegular } from '../read-regular.ts';

/** Says with what the reports of the folder were made. Readers of the folder pass over names that begin with a dot. */
const MADE_WITH = '.worldswitch-reports.json';

/** A text that a string can hold. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Input by report file, relative to the folder. Throws `Failure` where two inputs have one. */
export function reportPaths(inputs: readonly string[]): ReadonlyMap<string, string> {
  const byReport = new Map<string, string>();
  for (const input of inputs) {
    const report = reportPath(input);
    const other = byReport.get(report);
    if (other !== undefined)
      throw new Failure(`${quoted(other)} and ${quoted(input)} would have one report: ${report}`);
    byReport.set(report, input);
  }
  return byReport;
}

/** "logs/../host1/a.gz" is logs/%2E%2E/host1/a.gz.json: no input has its report outside of the folder. */
export function reportPath(input: string): string {
  const parts = input.split('/').filter((part) => part !== '' && part !== '.');
  return `${parts.map((part) => (part === '..' ? '%2E%2E' : part)).join('/')}.json`;
}

/** Makes the folder, or sees that the reports in it were made in the same way. Throws `Failure` where they were not. */
export function openReportFolder(folder: string, madeWith: object): void {
  const file = join(folder, MADE_WITH);
  const text = `${JSON.stringify(madeWith)}\n`;
  try {
    mkdirSync(folder, { recursive: true });
    if (statSync(file, { throwIfNoEntry: false }) === undefined) writeWhole(file, text);
    if (readRegular(file, MOST_BYTES).toString() === text) return;
  } catch (error) {
    throw new Failure(`cannot write to ${quoted(folder)}: ${reasonOf(error)}`);
  }
  throw new Failure(
    `the reports in ${quoted(folder)} were made with other options or by another version: name another`,
  );
}

/** When the input was last changed; undefined where it cannot be told. */
export function timeOf(input: string): Date | undefined {
  return statOf(input)?.mtime;
}

/** The text of a report that is not older than its input. What cannot be read is no report. */
export function currentReport(file: string, input: Date | undefined): string | undefined {
  const written = statOf(file);
  // A time is set to a millisecond, and the input may have a finer one.
  if (written === undefined || input === undefined || Math.ceil(written.mtimeMs) < Math.floor(input.getTime())) return;
  try {
    return readRegular(file, MOST_BYTES).toString();
  } catch {
    return undefined;
  }
}

/**
 * `time`: that of the input before it was read. What was written to it since makes the report older than it. Throws `Failure`.
 */
export function writeReport(file: string, text: string, time: Date | undefined): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, text, time);
  } catch (error) {
    throw new Failure(`cannot write ${quoted(file)}: ${reasonOf(error)}`);
  }
}

function writeWhole(file: string, text: string, time?: Date): void {
  // Processes of several machines write to one folder, and their numbers may be the same.
  const temporary = join(dirname(file), `.${randomUUID()}.tmp`);
  try {
    writeFileSync(temporary, text, { flag: 'wx', flush: true });
    if (time !== undefined) utimesSync(temporary, time, time);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const quoted = (path: string): string => escapeText(path, 200);
