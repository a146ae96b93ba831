/** The scanner in WebAssembly behind the signature of the one in TypeScript. */

import { BATCH_WORDS, RECORD_WORDS } from '../layout.ts';
import { type OnSlowLine, type Scan, scanLines, takeSlowLine } from '../scan.ts';
import { layMemory } from './memory.ts';

declare global {
  interface ImportMeta {
    /** Its text compiled, in base64, which the build puts here; where there was none, there is no such scanner. */
    readonly SCAN_WASM?: string;
  }
}

type ScanLines = typeof scanLines;

/** What of it is used here: the types of Node.js do not have it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  scan(end: number, record: number, full: number): number;
}

const PAGE = 64 * 1024;
/** Bytes that are loaded at once where the last line ends. */
const PADDING = 64;
/** Larger blocks, of a line as long as a limit that somebody has lifted, are not copied. */
const LARGEST = 16 * 1024 * 1024;
/** Smaller ones are scanned before this would be ready. */
const LEAST = 128 * 1024;

/** `wasm`: what `bin/compile-scan.js` makes. */
export function createSimdScanner(wasm: Uint8Array): ScanLines {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  const { memory, scan: run } = exports as Exports;
  const { constants, pieces, records: recordsAt, input: inputAt } = layMemory();
  // Once, so that it cannot fail later; what is not written to takes no memory.
  memory.grow(Math.ceil((inputAt + LARGEST + PADDING) / PAGE));
  for (const [at, bytes] of pieces) new Uint8Array(memory.buffer).set(bytes, at);
  /** Whose bytes are in memory. */
  let held: Scan | undefined;

  function hold(scan: Scan): void {
    held = scan;
    new Uint8Array(memory.buffer).set(scan.bytes.subarray(0, scan.end), inputAt);
  }

  return (scan, words, onSlowLine) => {
    const isForSimd = scan.faults === undefined && scan.end <= LARGEST && words.length <= BATCH_WORDS;
    if (!isForSimd) return scanLines(scan, words, onSlowLine);
    if (held !== scan) hold(scan);
    const state = new Int32Array(memory.buffer, constants.STATE, 3);
    const records = new Int32Array(memory.buffer, recordsAt, words.length);
    const room = words.length - RECORD_WORDS;
    let at = 0;
    while (scan.position < scan.end && at <= room) {
      state[0] = inputAt + scan.position;
      state[1] = scan.line;
      const full = recordsAt + (room - at) * Int32Array.BYTES_PER_ELEMENT;
      const made = (run(inputAt + scan.end, recordsAt, full) - recordsAt) / Int32Array.BYTES_PER_ELEMENT;
      words.set(records.subarray(0, made), at);
      at += made;
      const [position, line, isSlow] = state as unknown as [number, number, number];
      scan.position = position - inputAt;
      scan.line = line;
      if (isSlow === 1) at = takeSlowLine(scan, words, at, onSlowLine);
    }
    return at / RECORD_WORDS;
  };
}

let fastest: ScanLines | undefined;

/**
 * A processor without SIMD, `node --jitless` and a limit on address space have no WebAssembly, or not this. `wasm`: in
 * base64; undefined: there is none.
 */
export function fastestOf(wasm: string | undefined): ScanLines {
  if (wasm === undefined) return scanLines;
  try {
    return createSimdScanner(Buffer.from(wasm, 'base64'));
  } catch {
    return scanLines;
  }
}

/** The scanner that is fastest for the block; both make the same of it. */
export function scanFast(scan: Scan, words: Int32Array, onSlowLine: OnSlowLine): number {
  if (fastest === undefined && scan.end < LEAST) return scanLines(scan, words, onSlowLine);
  fastest ??= fastestOf(import.meta.SCAN_WASM);
  return fastest(scan, words, onSlowLine);
}
