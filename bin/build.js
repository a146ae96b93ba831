/**
 * Makes dist, or the folder of the first argument: the program as one file, since to find and load 200 of them takes longer than
 * a short replay, and the library with its types. Names and lines are kept, so that a stack trace says where.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { compileScan } from './compile-scan.js';

const OUT = resolve(process.argv[2] ?? 'dist');
/** Files that stay as they are in the sources, to measure what it buys that the others do not. */
const PLAIN = process.argv.slice(3);
const VERSION = JSON.parse(readFileSync('package.json', 'utf8')).version;
/** Of which commit it is; '' where that cannot be told, as in an archive of the sources. */
const { stdout: COMMIT } = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' });
/** Their licences go with them. */
const BUNDLED = ['commander', 'chalk'];

/** Commander loads it to run subcommands that are programs of their own, of which there are none: 3 ms. */
const withoutSubprograms = {
  name: 'without-subprograms',
  setup(building) {
    const isAsked = ({ importer }) => importer.includes('/commander/');
    building.onResolve({ filter: /^node:child_process$/ }, (asked) =>
      isAsked(asked) ? { path: asked.path, namespace: 'empty' } : undefined,
    );
    building.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }));
  },
};

/** What a module of the sources exports. */
async function sourceOf(path) {
  const options = { entryPoints: [path], bundle: true, write: false, platform: 'node', format: 'esm' };
  const { text } = (await build(options)).outputFiles[0];
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}

const { textOfFill } = await sourceOf('bin/write-fill.ts');
const { textOfAccess } = await sourceOf('bin/write-access.ts');
const { textOfDispatch } = await sourceOf('bin/write-dispatch.ts');
const { RULES } = await sourceOf('lib/check/rules.ts');

/** What is made of tables, in the place of what goes through them. */
const WRITTEN = {
  'fast/fill.ts': textOfFill(),
  'check/dispatch.ts': textOfDispatch(RULES),
  'automaton/access.ts': textOfAccess(),
};
const written = {
  name: 'written',
  setup(building) {
    building.onLoad({ filter: /(fast\/fill|check\/dispatch|automaton\/access)\.ts$/ }, ({ path }) => {
      const name = path.split('/').slice(-2).join('/');
      return PLAIN.includes(name) ? undefined : { contents: WRITTEN[name] };
    });
  },
};

const { layMemory, preludeOf } = await sourceOf('lib/ingest/fast/simd/memory.ts');
const SCAN_WASM = JSON.stringify(Buffer.from(await compileScan(preludeOf(layMemory().constants))).toString('base64'));

/** `minifySyntax` puts constants where they are used: a long replay takes a thirtieth less. */
const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  minifySyntax: true,
  external: ['@bufbuild/protobuf/wire', 'ndjson', '@datadog/sketches-js'],
  define: { 'import.meta.SCAN_WASM': PLAIN.includes('simd/scanner.ts') ? 'undefined' : SCAN_WASM },
  plugins: [written],
};

/**
 * CommonJS starts faster than ECMAScript modules: by 3 ms, and by what loading in parts takes. Without white space by 0.4 ms
 * more; the lines that are left are enough for a stack trace.
 */
const PROGRAM = {
  ...COMMON,
  minifyWhitespace: true,
  lineLimit: 120,
  entryPoints: {
    program: 'bin/worldswitch.ts',
    'scan-thread': 'lib/ingest/thread/scan-thread.ts',
    'each-worker': 'lib/cli/each/each-worker.ts',
    'check-worker': 'lib/cli/check/check-worker.ts',
  },
  outdir: `${OUT}/bin`,
  format: 'cjs',
  supported: { 'dynamic-import': false },
  define: {
    ...COMMON.define,
    'import.meta': 'importMeta',
    VERSION: JSON.stringify(VERSION),
    COMMIT: JSON.stringify(COMMIT?.trim() ?? ''),
  },
  banner: { js: "const importMeta = { get url() { return require('node:url').pathToFileURL(__filename).href; } };" },
  footer: { js: BUNDLED.map(licence).join('\n') },
  plugins: [written, withoutSubprograms],
};

const LIBRARY = {
  ...COMMON,
  entryPoints: ['lib/index.ts', 'lib/ingest/thread/scan-thread.ts'],
  outdir: `${OUT}/lib`,
  entryNames: '[name]',
  format: 'esm',
  splitting: true,
};

/**
 * Lines for a shell, which are nothing to Node.js. A shell sees whether standard output is closed; Node.js hides it, and opens
 * /dev/null in its place. A file that cannot be written to makes an error of what is written, and of nothing else.
 */
const LAUNCH = `#!/usr/bin/env sh
':' //; { true 3>&1; } 2>/dev/null || exec 1</dev/null
':' //; exec node "$0" "$@"
`;

function licence(name) {
  const file = name === 'chalk' ? 'license' : 'LICENSE';
  return `/*!\n${name}\n\n${readFileSync(`node_modules/${name}/${file}`, 'utf8')}*/`;
}

/** What `view` puts into its page: a script for browsers, and its style. */
const PAGE = {
  bundle: true,
  minify: true,
  target: ['chrome123', 'firefox120', 'safari17.5'],
  logLevel: 'warning',
  entryPoints: { page: 'lib/show/html/page/main.ts', 'page-style': 'lib/show/html/page/page.css' },
  outdir: `${OUT}/bin`,
  format: 'iife',
};

/** The declarations that those of a file are made of, itself among them. */
function declarationsOf(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from |import\(|import )['"](\.[^'"]+)\.ts['"]/g))
    declarationsOf(join(dirname(file), `${path}.d.ts`), found);
  return found;
}

rmSync(OUT, { recursive: true, force: true });
await Promise.all([build(PROGRAM), build(LIBRARY), build(PAGE)]);
// To join these parts whenever it starts would take 1 ms.
writeFileSync(`${OUT}/bin/program.js`, Module.wrap(readFileSync(`${OUT}/bin/program.js`, 'latin1')));
writeFileSync(`${OUT}/bin/package.json`, '{ "type": "commonjs" }\n');
writeFileSync(`${OUT}/bin/worldswitch.js`, LAUNCH + readFileSync('bin/start.cjs', 'utf8'));
chmodSync(`${OUT}/bin/worldswitch.js`, 0o755);
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'lib/tsconfig.types.json', '--outDir', OUT];
execFileSync(process.execPath, tsc, { stdio: 'inherit' });
// Nobody who imports the package sees the others.
const declared = declarationsOf(`${OUT}/lib/index.d.ts`);
for (const name of readdirSync(`${OUT}/lib`, { recursive: true })) {
  const path = join(OUT, 'lib', name);
  if (name.endsWith('.d.ts') && !declared.has(path)) rmSync(path);
}
writeFileSync(`${OUT}/worldswitch.1`, execFileSync(process.execPath, [`${OUT}/bin/worldswitch.js`, 'man']));
