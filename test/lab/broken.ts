/** `--without FUNCTION:CALLEE`: a kernel that is broken on purpose, by a call that is taken out of its text, and what the tool says of it. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { factsIn, kernelFacts, type Laboratory } from './boot.ts';
import { say } from './cache.ts';
import { type Cell, capture } from './cell.ts';
import type { FetchedKernel } from './fetch-kernel.ts';
import { CALL, callOffset, matches } from './instructions.ts';
import { must } from './process.ts';
import { addressOf, parseSymbols, type Symbols } from './symbols.ts';
import { addressAt, readText } from './text.ts';
import type { Workload } from './workloads.ts';

export interface Without {
  /** Kernel function, and the one that it no longer calls. */
  readonly caller: string;
  readonly callee: string;
}

const NOP = 0xd503201f;

/** The image with a nop in the place of each such call. Throws an error where there is none. */
export function withoutCalls(image: Uint8Array, symbols: Symbols, { caller, callee }: Without): Buffer {
  const text = readText(image, symbols);
  const target = addressOf(symbols, callee);
  const from = addressOf(symbols, caller);
  const to = symbols.sorted.find(({ address }) => address > from)?.address ?? from;
  const broken = Buffer.from(image);
  let calls = 0;
  for (let index = Number((from - text.start) / 4n); addressAt(text, index) < to; index++) {
    const word = text.words[index] ?? 0;
    if (!matches(CALL, word) || addressAt(text, index) + BigInt(callOffset(word)) !== target) continue;
    broken.writeUInt32LE(NOP, index * 4);
    calls += 1;
  }
  if (calls === 0) throw new Error(`${caller} does not call ${callee}, or has it inlined`);
  return broken;
}

/** Boots that kernel and takes a capture; returns what `worldswitch explain` says of it. */
export async function explainBroken(
  lab: Laboratory,
  kernel: FetchedKernel,
  cell: Cell,
  workload: Workload,
  without: Without,
): Promise<string> {
  await kernelFacts(lab, kernel);
  const symbols = parseSymbols(readFileSync(factsIn(kernel.folder).kallsyms, 'latin1'));
  const folder = join(lab.runs, 'broken');
  mkdirSync(folder, { recursive: true });
  const image = join(folder, 'image');
  writeFileSync(image, withoutCalls(readFileSync(kernel.image), symbols, without));
  // What a workload finds broken, its exit code says; here that is no surprise.
  const { file } = await capture(lab, { ...kernel, image }, { ...cell, workload: `${cell.workload}-broken` }, workload);
  say(`the capture is ${file}`);
  return must('node', [lab.worldswitch, 'explain', file], 'explain');
}
