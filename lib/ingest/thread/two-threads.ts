/**
 * Reads and scans a large file in a thread of its own, while this one replays: records come in shared memory, in order,
 * and are the same that this thread would have made.
 */

import { extname } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { createBatcher } from '../fast/record-reader.ts';
import { createRecords } from '../fast/records.ts';
import { type Fault, fault } from '../fault.ts';
import type { Batch, InputProgress } from '../source.ts';
import { createRingMemory, createRingReader, type RingMemory, type RingMessage } from './ring.ts';

export interface ScanTask {
  readonly path: string;
  readonly maxLineBytes: number;
  readonly chunkSize: number;
  readonly memory: RingMemory;
  /** Where messages that belong to batches go. */
  readonly port: MessagePort;
}

/** Longest time that this thread sleeps without a look at anything else, in ms. */
const PATIENCE = 10;

/** A worker inherits the options of this process, but for the program text of `node -e`, which a worker refuses. */
const EXEC_ARGV = process.execArgv.some((option) => option.startsWith('--input-type')) ? { execArgv: [] } : {};

const NOTHING: RingMessage = { slow: [], end: false, fault: undefined };

/** `endBatch`: how a fault of the input as a whole is delivered. */
export async function* readInThread(
  task: Omit<ScanTask, 'memory' | 'port'>,
  input: number,
  progress: InputProgress,
  endBatch: (fault: Fault) => Batch,
): AsyncGenerator<Batch> {
  const memory = createRingMemory();
  const ring = createRingReader(memory);
  const toBatch = createBatcher(input);
  const records = createRecords(new Int32Array(0));
  const thread = startThread({ ...task, memory });
  try {
    for (;;) {
      const slot = ring.next(PATIENCE);
      if (slot === undefined) {
        if (thread.failure !== undefined) {
          yield endBatch(fault('the whole input', thread.failure));
          return;
        }
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      const { words, length, firstLine, lines, bytes } = slot;
      const { slow, end, fault: why } = slot.withMessage ? thread.receive() : NOTHING;
      progress.bytes = bytes;
      progress.lines = lines;
      if (end) {
        if (why !== undefined) yield endBatch(why);
        return;
      }
      Object.assign(records, { words, length, firstLine, slow });
      // A block may have been of blank lines.
      if (length > 0) yield toBatch(records);
      ring.release();
    }
  } finally {
    await thread.stop();
  }
}

interface Thread {
  /** Why nothing more will come, where the thread died. */
  readonly failure: string | undefined;
  /** The next message that was sent with a batch. */
  receive(): RingMessage;
  stop(): Promise<unknown>;
}

function startThread(task: Omit<ScanTask, 'port'>): Thread {
  // The extension of this file, which is that of the sources or of what is compiled.
  const url = new URL(`./scan-thread${extname(import.meta.url)}`, import.meta.url);
  const { port1: ours, port2: port } = new MessageChannel();
  const worker = new Worker(url, { ...EXEC_ARGV, workerData: { ...task, port }, transferList: [port] });
  let failure: string | undefined;
  worker.on('error', (error) => {
    failure ??= `a reading thread that failed (${error.message})`;
  });
  worker.on('exit', () => {
    failure ??= 'a reading thread that ended too early';
  });
  return {
    get failure() {
      return failure;
    },
    receive: () => (receiveMessageOnPort(ours) as { readonly message: RingMessage }).message,
    stop() {
      ours.close();
      return worker.terminate();
    },
  };
}
