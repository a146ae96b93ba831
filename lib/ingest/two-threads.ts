/**
 * Reads and scans a large file in a thread of its own, while this one replays: records come in shared memory, in order,
 * and are the same that this thread would have made.
 */

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Fault, fault } from './fault.ts';
import { createBatcher } from './record-reader.ts';
import { BATCH_WORDS, createRecords, type Records } from './records.ts';
import type { Batch, InputProgress } from './source.ts';

export interface ScanTask {
  readonly path: string;
  readonly maxLineBytes: number;
  readonly chunkSize: number;
  readonly buffers: readonly SharedArrayBuffer[];
}

export type ScanMessage = { readonly lines: number; readonly bytes: number } & (
  | ({ readonly kind: 'records'; readonly buffer: number } & Omit<Records, 'words'>)
  | { readonly kind: 'end'; readonly fault: Fault | undefined }
);

/** Batches on their way: enough that neither thread waits for the other for long. */
const BUFFERS = 8;

/** `endBatch`: how a fault of the input as a whole is delivered. */
export async function* readInThread(
  task: Omit<ScanTask, 'buffers'>,
  input: number,
  progress: InputProgress,
  endBatch: (fault: Fault) => Batch,
): AsyncGenerator<Batch> {
  const bytes = BATCH_WORDS * Int32Array.BYTES_PER_ELEMENT;
  const buffers = Array.from({ length: BUFFERS }, () => new SharedArrayBuffer(bytes));
  const words = buffers.map((buffer) => new Int32Array(buffer));
  const toBatch = createBatcher(input);
  const records = createRecords(new Int32Array(0));
  const worker = startThread({ ...task, buffers });
  try {
    for await (const message of worker.messages) {
      progress.bytes = message.bytes;
      progress.lines = message.lines;
      if (message.kind === 'end') {
        if (message.fault !== undefined) yield endBatch(message.fault);
        return;
      }
      const { buffer, length, firstLine, slow } = message;
      if (length > 0) {
        Object.assign(records, { words: words[buffer], length, firstLine, slow });
        yield toBatch(records);
      }
      worker.release(buffer);
    }
  } finally {
    await worker.stop();
  }
}

interface Thread {
  /** What the thread sends; ends with an `end`, also where it dies. */
  readonly messages: AsyncIterable<ScanMessage>;
  /** Gives the buffer of a batch back. */
  release(buffer: number): void;
  stop(): Promise<unknown>;
}

function startThread(task: ScanTask): Thread {
  // The extension of this file, which is that of the sources or of what is compiled.
  const url = new URL(`./scan-thread${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(url, { workerData: task });
  const queue: ScanMessage[] = [];
  let wake = (): void => {};
  let last = { lines: 0, bytes: 0 };
  const put = (message: ScanMessage): void => {
    last = message;
    queue.push(message);
    wake();
  };
  const die = (why: string): void => put({ ...last, kind: 'end', fault: fault('the whole input', why) });
  worker.on('message', put);
  worker.on('error', (error) => die(`a reading thread that failed (${error.message})`));
  worker.on('exit', () => die('a reading thread that ended too early'));

  async function* messages(): AsyncGenerator<ScanMessage> {
    for (;;) {
      for (let message = queue.shift(); message !== undefined; message = queue.shift()) yield message;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    messages: messages(),
    release: (buffer) => worker.postMessage(buffer),
    stop: () => worker.terminate(),
  };
}
