/** Which program printed a line, and what kind of file begins with given bytes: seen from the content, never from a name. */

import { parseFtrace, parseLatency, parseUnpadded } from './ftrace.ts';
import { parseHypervisor } from './hypervisor.ts';
import { createLine, type Line, setText, textOf } from './line.ts';
import { logPrefixEnd } from './log.ts';
import { marginOf } from './margin.ts';
import { parsePerfScript, parseUnpaddedPerf } from './perf-script.ts';
import { readLost, reportedCpus } from './trace-cmd.ts';

/** The rendering of the hypervisor's own trace. */
export const HYPERVISOR = 'trace of the hypervisor';

/** Fills `line` from its text, and says how that is rendered; '' where it is no line of a trace. */
export function renderingOf(line: Line): string {
  line.margin = line.start;
  const rendering = renderingOfColumns(line);
  return rendering || renderingBehindMargin(line) || unpadded(line);
}

function unpadded(line: Line): string {
  if (parseUnpadded(line.bytes, line)) return 'ftrace';
  return parseUnpaddedPerf(line.bytes, line) ? 'perf script' : '';
}

function renderingOfColumns(line: Line): string {
  const bytes = line.bytes;
  if (parseFtrace(bytes, line)) return 'ftrace';
  if (parseLatency(bytes, line)) return 'ftrace latency format';
  if (parsePerfScript(bytes, line)) return 'perf script';
  return parseHypervisor(bytes, line) ? HYPERVISOR : '';
}

function renderingBehindMargin(line: Line): string {
  const { start } = line;
  line.margin = marginOf(line);
  if (line.margin === start) return '';
  line.start = line.margin;
  const rendering = renderingOfColumns(line);
  line.start = start;
  if (rendering === '') line.margin = start;
  return rendering;
}

/** `trace.dat`, `perf.data`: the binary files of trace-cmd and perf, which those programs turn into text. */
export type InputFormat = 'ndjson' | 'ftrace' | 'trace.dat' | 'perf.data' | 'perf script without columns' | 'unknown';

/** Lines looked at before giving up: a capture can begin with what a console said. */
const LINES = 200;

/** What a (decompressed) input is, from its first bytes: 64 kB are plenty. Text of perf script or trace-cmd counts as `ftrace`. */
export function detectFormat(first: Uint8Array): InputFormat {
  const text = Buffer.from(first.buffer, first.byteOffset, first.byteLength).toString('latin1');
  if (text.startsWith('\x17\x08\x44tracing')) return 'trace.dat';
  if (text.startsWith('PERFILE2') || text.startsWith('2ELIFREP')) return 'perf.data';
  const content = text.replace(/^\u00ef\u00bb\u00bf/, '').trimStart();
  if (content.startsWith('{')) return 'ndjson';
  const lines = text.split('\n', LINES);
  if (lines.some(isOfTrace)) return 'ftrace';
  return lines.some(lacksColumns) ? 'perf script without columns' : 'unknown';
}

/** `time: group:event: ` with no thread before it, or no CPU: what perf script prints with other fields than it needs. */
function lacksColumns(text: string): boolean {
  return /^ *(?:\S.{0,30})? \d{1,10}\.\d{6,9}: +[a-z_]\w*:\w+: /.test(text);
}

function isOfTrace(text: string): boolean {
  if (/^# (tracer: |worldswitch-capture: |entries-in-buffer)/.test(text)) return true;
  const line = createLine();
  setText(line, text.trimEnd());
  line.start = logPrefixEnd(line);
  const content = textOf(line);
  if (readLost(content) !== undefined || reportedCpus(content) > 0) return true;
  return renderingOf(line) !== '';
}
