/** What a check looks at: the traces under some paths, the expected reports beside them, and expected reports of no trace. */

import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findModel } from '../../models/models.ts';
import { isMode, MODES } from '../../models/profile.ts';
import { escapeText } from '../../text/escape.ts';
import { compareNames } from '../../text/order.ts';
import { Failure, reasonOf } from '../exit.ts';
import { createSettingsFinder, type FolderSettings } from './settings-file.ts';

/** An expected report: `NAME.MODEL.MODE[.strict].json`. */
export interface Golden {
  readonly path: string;
  readonly model: string;
  readonly mode: string;
  readonly strict: boolean;
}

export interface PlannedTrace {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly goldens: readonly Golden[];
  readonly settings: FolderSettings;
}

/** An expected report that nothing is compared with. */
export interface Stale {
  readonly path: string;
  /** In words, unescaped. */
  readonly why: string;
}

export interface Plan {
  readonly traces: readonly PlannedTrace[];
  readonly stale: readonly Stale[];
}

/** What the name of a trace ends in where a folder is searched; a file that is named may have any. */
const TRACE = /\.(?:ndjson|jsonl|ftrace|trace|perf|dat)(?:\.gz|\.zst)?$/;
const GOLDEN = new RegExp(`^(?<rest>.+)\\.(?<mode>${MODES.join('|')})(?<strict>\\.strict)?\\.json$`);

/** The trace's name without what says its format. */
export function traceName(path: string): string {
  return basename(path).replace(TRACE, '');
}

/** In the order of the paths, in a folder by name. Throws `Failure` for a path that is not there. */
export function planOf(paths: readonly string[]): Plan {
  const settingsOf = createSettingsFinder();
  const folders = createFolders();
  const traces = new Map<string, PlannedTrace>();
  const stale = new Map<string, Stale>();
  const add = (path: string, goldens: readonly Golden[]): void => {
    const known = traces.get(path);
    const all = [...(known?.goldens ?? []), ...goldens];
    const each = all.filter((golden, at) => all.findIndex((other) => other.path === golden.path) === at);
    traces.set(path, { path, size: statOf(path).size, goldens: each, settings: settingsOf(path) });
  };
  const addFolder = (path: string): void => {
    const { files, folders: below } = folders.at(path);
    const { goldens, stale: without } = sorted(path, files);
    for (const file of files.filter((name) => TRACE.test(name)))
      add(join(path, file), goldens.get(traceName(file)) ?? []);
    for (const each of without) if (settingsOf(each.path).skip === undefined) stale.set(each.path, each);
    for (const folder of below) addFolder(join(path, folder));
  };
  const addFile = (path: string): void => {
    const folder = dirname(path);
    const { goldens } = sorted(folder, folders.at(folder).files);
    const named = [...goldens].find(([, ofTrace]) => ofTrace.some((golden) => isSame(golden.path, path)));
    if (named === undefined) {
      const own = goldens.get(traceName(path)) ?? [];
      add(
        path,
        own.map((golden) => ({ ...golden, path: beside(path, golden.path) })),
      );
      return;
    }
    // An expected report stands for its trace on that kernel.
    const [name, ofTrace] = named;
    const golden = ofTrace.find((each) => isSame(each.path, path)) as Golden;
    for (const file of folders.at(folder).files.filter((file) => TRACE.test(file) && traceName(file) === name)) {
      add(beside(path, file), [{ ...golden, path }]);
    }
  };
  for (const path of paths) {
    if (statOf(path).isDirectory()) addFolder(path);
    else addFile(path);
  }
  return { traces: [...traces.values()], stale: [...stale.values()] };
}

const isSame = (a: string, b: string): boolean => basename(a) === basename(b);

/** The path of another file in the folder of `path`, as the user writes that. */
function beside(path: string, file: string): string {
  return path.slice(0, path.length - basename(path).length) + basename(file);
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw new Failure(`cannot read ${escapeText(path, 4096)}: ${reasonOf(error)}`);
  }
}

interface Folder {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Each folder is listed once. Hidden ones and installed packages are nobody's traces; links to folders may go in circles. */
function createFolders(): { at(path: string): Folder } {
  const known = new Map<string, Folder>();
  return {
    at(path) {
      const folder = known.get(path) ?? listFolder(path);
      known.set(path, folder);
      return folder;
    },
  };
}

/** A link that leads nowhere, in circles, or to where nobody may look is none of a trace. */
function leadsToFile(link: string): boolean {
  try {
    return statSync(link).isFile();
  } catch {
    return false;
  }
}

function listFolder(path: string): Folder {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw new Failure(`cannot read ${escapeText(path, 4096)}: ${reasonOf(error)}`);
  }
  const visible = entries.filter(({ name }) => !name.startsWith('.') && name !== 'node_modules');
  const isFile = (entry: Dirent): boolean =>
    entry.isFile() || (entry.isSymbolicLink() && leadsToFile(join(path, entry.name)));
  const namesOf = (chosen: readonly Dirent[]): string[] => chosen.map(({ name }) => name).sort(compareNames);
  return { files: namesOf(visible.filter(isFile)), folders: namesOf(visible.filter((entry) => entry.isDirectory())) };
}

/** The expected reports of a folder by the name of their trace, and those of none. */
function sorted(
  folder: string,
  files: readonly string[],
): { readonly goldens: ReadonlyMap<string, readonly Golden[]>; readonly stale: readonly Stale[] } {
  const names = new Set(files.filter((file) => TRACE.test(file)).map(traceName));
  const goldens = new Map<string, Golden[]>();
  const stale: Stale[] = [];
  for (const file of files) {
    const { rest, mode, strict } = GOLDEN.exec(file)?.groups ?? {};
    if (rest === undefined || mode === undefined) continue;
    const path = join(folder, file);
    const name = longestName(rest, names);
    const machine = name === undefined ? '' : rest.slice(name.length + 1);
    const model = findModel(machine);
    if (name === undefined) {
      // Any other file may be called so; one that ends in a model is meant to be an expected report.
      if (endsInModel(rest)) stale.push({ path, why: 'there is no trace of that name' });
    } else if (model === undefined) stale.push({ path, why: `there is no model ${machine}` });
    else if (!isMode(mode) || !model.modes.includes(mode)) stale.push({ path, why: `${machine} has no mode ${mode}` });
    else
      goldens.set(name, [...(goldens.get(name) ?? []), { path, model: machine, mode, strict: strict !== undefined }]);
  }
  return { goldens, stale };
}

/** "a.b" has the reports "a.b.v6.10.vhe.json", not "a". */
function longestName(rest: string, names: ReadonlySet<string>): string | undefined {
  for (let end = rest.lastIndexOf('.'); end > 0; end = rest.lastIndexOf('.', end - 1)) {
    const name = rest.slice(0, end);
    if (names.has(name)) return name;
  }
  return undefined;
}

function endsInModel(rest: string): boolean {
  for (let dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.', dot + 1)) {
    if (findModel(rest.slice(dot + 1)) !== undefined) return true;
  }
  return false;
}
