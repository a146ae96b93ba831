/** The thread that reads and scans a file for another one: see two-threads.ts. */

import { parentPort, workerData } from 'node:worker_threads';
import { type Block, createLineSplitter } from './lines.ts';
import { openBytes } from './open.ts';
import { createRecords, scanBlock } from './records.ts';
import type { ScanMessage, ScanTask } from './two-threads.ts';

/** Hands over what it scans, a batch for each of `buffers`, and waits until one of them is given back. */
async function scanFile({ path, maxLineBytes, chunkSize, buffers }: ScanTask): Promise<void> {
  const post = (message: ScanMessage): void => parentPort?.postMessage(message);
  const buffersOfRecords = buffers.map((buffer) => new Int32Array(buffer));
  const free = buffers.map((_, index) => index);
  let wake = (): void => {};
  parentPort?.on('message', (index: number) => {
    free.push(index);
    wake();
  });

  let bytes = 0;
  let lines = 0;
  const splitter = createLineSplitter(maxLineBytes);
  const records = createRecords(new Int32Array(0));

  async function nextBuffer(): Promise<number> {
    for (;;) {
      const index = free.pop();
      if (index !== undefined) return index;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function scanAll(blocks: Iterable<Block>): Promise<void> {
    for (const block of blocks) {
      const scan = scanBlock(block, lines + 1, records);
      for (;;) {
        const buffer = await nextBuffer();
        records.words = buffersOfRecords[buffer] as Int32Array;
        const step = scan.next();
        if (step.done) {
          free.push(buffer);
          lines += step.value;
          break;
        }
        const { length, firstLine, slow } = records;
        post({ kind: 'records', buffer, length, firstLine, slow, lines, bytes });
      }
    }
  }

  const onBytes = (count: number): void => {
    bytes += count;
  };
  for await (const chunk of openBytes(path, { chunkSize, onBytes })) {
    if (!(chunk instanceof Uint8Array)) {
      post({ kind: 'end', fault: chunk, lines, bytes });
      return;
    }
    await scanAll(splitter.push(chunk));
  }
  await scanAll(splitter.end());
  post({ kind: 'end', fault: undefined, lines, bytes });
}

await scanFile(workerData as ScanTask);
parentPort?.close();
