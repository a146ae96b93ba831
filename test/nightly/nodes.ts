/**
 * The same reports under other versions of Node.js: `node --import tsx test/nightly/nodes.ts [22 24]`, after `npm run
 * build`. Their binaries are packages of npm, which are installed into a folder that goes away again. Every trace of the
 * corpus is replayed in every format; what each version writes has to be what this one writes.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FORMAT_NAMES } from '../../lib/show/formats.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'dist/bin/worldswitch.js');

const traces = readdirSync(join(ROOT, 'traces'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ndjson'))
  .sort()
  .map((name) => join(ROOT, 'traces', name));

/** The package of the binary for this machine: `node` itself only fetches it in an install script. */
function install(version: string, folder: string): string {
  const name = `node-${process.platform}-${process.arch}`;
  execFileSync('npm', ['install', '--silent', '--no-save', '--ignore-scripts', `${name}@${version}`], { cwd: folder });
  return join(folder, 'node_modules', name, 'bin/node');
}

/** Exit codes and output of all runs, by trace and format. */
function runsOf(node: string): Map<string, string> {
  const runs = new Map<string, string>();
  for (const trace of traces) {
    for (const format of FORMAT_NAMES) {
      const argv = [PROGRAM, 'replay', '--format', format, '--keep-going', trace];
      const { status, stdout, stderr } = spawnSync(node, argv, { maxBuffer: 2 ** 30 });
      const hash = createHash('sha256').update(stdout).update(stderr).digest('hex');
      runs.set(`${trace.slice(ROOT.length)} --format ${format}`, `exit code ${status}, ${hash}`);
    }
  }
  return runs;
}

const versions = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24'];
const expected = runsOf(process.execPath);
console.log(`${process.version}: ${expected.size} runs`);
for (const version of versions) {
  const folder = mkdtempSync(join(tmpdir(), 'worldswitch-node-'));
  try {
    const node = install(version, folder);
    const found = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    const different = [...runsOf(node)].filter(([run, outcome]) => expected.get(run) !== outcome);
    console.log(`${found}: ${different.length === 0 ? 'the same' : `${different.length} differ`}`);
    for (const [run, outcome] of different.slice(0, 10)) console.log(`  ${run}: ${outcome}, not ${expected.get(run)}`);
    if (different.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
