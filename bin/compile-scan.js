/** The scanner in WebAssembly, from its text and from the tables that it is to have. */

import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const TEXT = new URL('../lib/ingest/fast/simd/scan.as', import.meta.url);

/** Bytes of the module. `prelude`: of lib/ingest/fast/simd/memory.ts. Throws where the text is wrong. */
export async function compileScan(prelude) {
  const files = { 'scan.ts': prelude + readFileSync(TEXT, 'utf8') };
  const options = ['--outFile', 'scan.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
  const { error, stderr } = await asc.main(['scan.ts', ...options], {
    readFile: (name) => files[name] ?? null,
    writeFile: (name, contents) => {
      files[name] = contents;
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`${error.message}\n${stderr.toString()}`);
  return files['scan.wasm'];
}
