/** Which program printed a line, and what kind of file begins with given bytes: seen from the content, never from a name. */

import { parseFtrace, parseLatency, parseUnpadded } from './ftrace.ts';
import { createLine, type Line, setText } from './line.ts';
import { parsePerfScript } from './perf-script.ts';
import { readLost, reportedCpus } from './trace-cmd.ts';

/** Fills `line` from its text, and says how that is rendered; '' where it is no line of a trace. */
export function renderingOf(line: Line): string {
  const bytes = line.bytes;
  if (parseFtrace(bytes, line)) return 'ftrace';
  if (parseLatency(bytes, line)) return 'ftrace latency format';
  if (parsePerfScript(bytes, line)) return 'perf script';
  return parseUnpadded(bytes, line) ? 'ftrace' : '';
}

/** `trace.dat`, `perf.data`: the binary files of trace-cmd and perf, which those programs turn into text. */
export type InputFormat = 'ndjson' | 'ftrace' | 'trace.dat' | 'perf.data' | 'unknown';

/** Lines looked at before giving up: a capture can begin with what a console said. */
const LINES = 200;

/** What a (decompressed) input is, from its first bytes: 64 kB are plenty. Text of perf script or trace-cmd counts as `ftrace`. */
export function detectFormat(first: Uint8Array): InputFormat {
  const text = Buffer.from(first.buffer, first.byteOffset, first.byteLength).toString('latin1');
  if (text.startsWith('\x17\x08\x44tracing')) return 'trace.dat';
  if (text.startsWith('PERFILE2') || text.startsWith('2ELIFREP')) return 'perf.data';
  const content = text.replace(/^\u00ef\u00bb\u00bf/, '').trimStart();
  if (content.startsWith('{')) return 'ndjson';
  return text.split('\n', LINES).some(isOfTrace) ? 'ftrace' : 'unknown';
}

function isOfTrace(text: string): boolean {
  if (/^# (tracer: |worldswitch-capture: |entries-in-buffer)/.test(text)) return true;
  if (readLost(text) !== undefined || reportedCpus(text.trimEnd()) > 0) return true;
  const line = createLine();
  setText(line, text.trimEnd());
  return renderingOf(line) !== '';
}
