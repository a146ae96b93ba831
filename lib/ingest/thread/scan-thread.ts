/** The thread that reads and scans a file for another one: see two-threads.ts. */

import { workerData } from 'node:worker_threads';
import { createRecords, scanBlock } from '../fast/records.ts';
import type { Fault } from '../fault.ts';
import { type Block, createLineSplitter } from '../lines.ts';
import { openBytes } from '../open/open.ts';
import { createRingWriter } from './ring.ts';
import type { ScanTask } from './two-threads.ts';

/** Hands over what it scans, a batch at a time. */
async function scanFile({ path, maxLineBytes, chunkSize, memory, port }: ScanTask): Promise<void> {
  const ring = createRingWriter(memory);
  const splitter = createLineSplitter(maxLineBytes);
  const records = createRecords(ring.claim());
  let bytes = 0;
  let lines = 0;

  function scan(blocks: Iterable<Block>): void {
    for (const block of blocks) {
      const batches = scanBlock(block, lines + 1, records);
      let step = batches.next();
      for (; !step.done; step = batches.next()) {
        const { length, firstLine, slow } = records;
        const withMessage = slow.length > 0;
        if (withMessage) port.postMessage({ slow, end: false, fault: undefined });
        ring.publish({ length, firstLine, lines, bytes, withMessage });
        records.words = ring.claim();
      }
      lines += step.value;
    }
  }

  function end(fault: Fault | undefined): void {
    port.postMessage({ slow: [], end: true, fault });
    ring.publish({ length: 0, firstLine: lines, lines, bytes, withMessage: true });
  }

  const onBytes = (count: number): void => {
    bytes += count;
  };
  for await (const chunk of openBytes(path, { chunkSize, onBytes })) {
    if (!(chunk instanceof Uint8Array)) return end(chunk);
    scan(splitter.push(chunk));
  }
  scan(splitter.end());
  end(undefined);
}

const task = workerData as ScanTask;
scanFile(task).then(() => task.port.close());
