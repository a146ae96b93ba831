/** `.worldswitch.json` beside traces or above: what those are of that do not say so themselves, and which are not looked at. */

import { dirname, join, resolve } from 'node:path';
import { isMode, MODES } from '../../models/profile.ts';
import type { TraceDefaults } from '../../replay/settings.ts';
import { escapeText } from '../../text/escape.ts';
import { didYouMean } from '../../text/suggest.ts';
import { EVENTS } from '../../trace/vocabulary.ts';
import { Failure, reasonOf } from '../exit.ts';
import { checkNames } from '../options/filters.ts';
import { resolveModel } from '../options/kernels.ts';
import { readRegular } from '../read-regular.ts';

export const SETTINGS_FILE = '.worldswitch.json';

export interface FolderSettings extends TraceDefaults {
  /** Why `check` does not look at the traces. */
  readonly skip?: string;
}

/** Far more than anybody writes into it. */
const MOST_BYTES = 1024 * 1024;

const KEYS = ['model', 'mode', 'records', 'skip'];

/** What a folder has of it, for runs over many traces: each file is read once. Throws `Failure` for one that is not right. */
export function createSettingsFinder(): (trace: string) => FolderSettings {
  const byFolder = new Map<string, FolderSettings>();
  const find = (folder: string): FolderSettings => {
    const known = byFolder.get(folder);
    if (known !== undefined) return known;
    const above = dirname(folder);
    const found = readSettings(join(folder, SETTINGS_FILE)) ?? (above === folder ? {} : find(above));
    byFolder.set(folder, found);
    return found;
  };
  return (trace) => {
    const folder = folderOf(trace);
    return folder === undefined ? {} : find(folder);
  };
}

/** Undefined where there is no such file. */
function readSettings(path: string): FolderSettings | undefined {
  let text: string;
  try {
    text = readRegular(path, MOST_BYTES).toString();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new Failure(`cannot read ${escapeText(path, 4096)}: ${reasonOf(error)}`);
  }
  try {
    return settingsFrom(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof Failure || error instanceof SyntaxError)) throw error;
    throw new Failure(`${escapeText(path, 4096)}: ${error instanceof Failure ? error.message : 'not JSON'}`);
  }
}

function settingsFrom(value: unknown): FolderSettings {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Failure('expected an object');
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw new Failure(
      `unknown key '${escapeText(unknown, 80)}'${didYouMean(unknown, KEYS)}: expected ${KEYS.join(', ')}`,
    );
  }
  const { model, mode, records, skip } = value as Record<string, unknown>;
  if (model !== undefined && typeof model !== 'string') throw new Failure('model: expected a name');
  if (mode !== undefined && (typeof mode !== 'string' || !isMode(mode))) {
    throw new Failure(`mode: expected one of ${MODES.join(', ')}`);
  }
  if (skip !== undefined && (typeof skip !== 'string' || skip === '')) throw new Failure('skip: expected a reason');
  return {
    ...(model !== undefined && { model: resolveModel(model).name }),
    ...(mode !== undefined && { mode }),
    ...(records !== undefined && { records: recordsFrom(records) }),
    ...(skip !== undefined && { skip }),
  };
}

function recordsFrom(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.some((name) => typeof name !== 'string')) {
    throw new Failure('records: expected a list of names of events');
  }
  return checkNames(
    'event',
    value,
    EVENTS.map(({ name }) => name),
  );
}

/** Undefined where the working directory is gone, which a relative path is below. */
function folderOf(trace: string): string | undefined {
  try {
    return trace === '-' ? resolve('.') : dirname(resolve(trace));
  } catch {
    return undefined;
  }
}
