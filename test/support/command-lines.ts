/** Command lines of every command that end well: what is printed, and what is written to files. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { int, member, struct, writeBtf } from '../btf/btf-writer.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Files that the command lines name, made in a folder. */
interface Inputs {
  readonly trace: string;
  readonly violating: string;
  readonly capture: string;
  readonly report: string;
  readonly btf: string;
}

const BTF = [
  int('int', 4),
  struct('kvm_vcpu_arch', 64, member('fp_state', 1, 8)),
  struct('kvm_vcpu', 128, member('vcpu_id', 1, 36), member('arch', 2, 64)),
  struct('kvm_host_data', 32, member('fp_owner', 1, 16)),
];

/** Lines of the capture: enough for every command to say something of it. */
const SHORT = 120;

/** `program`: what is executed with arguments of the command line. */
export function makeInputs(folder: string, program: string): Inputs {
  const at = (name: string): string => join(folder, name);
  const inputs = {
    trace: at('trace.ndjson'),
    violating: at('violating.ndjson'),
    capture: at('capture.ftrace'),
    report: at('report.json'),
    btf: at('vmlinux.btf'),
  };
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(ROOT, 'traces/golden/ten-runs-with-fp.ndjson'), inputs.trace);
  copyFileSync(join(ROOT, 'traces/bugs/seed-v1-chain.ndjson'), inputs.violating);
  const lines = readFileSync(join(ROOT, 'test/import/data/owner-debug.ftrace'), 'utf8').split('\n');
  writeFileSync(inputs.capture, `${lines.slice(0, SHORT).join('\n')}\n`);
  writeFileSync(inputs.btf, writeBtf(BTF));
  writeFileSync(inputs.report, execFileSync(program, ['replay', '--format', 'json', inputs.trace]));
  return inputs;
}

const BAD = ['--model', 'seed-v1', '--mode', 'nvhe'];

/** By command, each of which prints something and exits 0 or 1. */
export function printing(inputs: Inputs): Readonly<Record<string, readonly (readonly string[])[]>> {
  const { trace, violating, capture, report, btf } = inputs;
  return {
    replay: [
      ...['text', 'json', 'ndjson', 'markdown', 'sarif', 'junit'].map((name) => ['--format', name, trace]),
      ['--format', 'github', ...BAD, violating],
      ['--timeline', trace],
    ],
    view: [[trace]],
    export: [
      ['perfetto', trace],
      ['chrome', trace],
    ],
    explain: [
      [...BAD, violating],
      ['--at', '5', '--field', 'fp_owner', ...BAD, violating],
    ],
    state: [['--at', '3', trace]],
    minimize: [['--rule', 'FP-07', ...BAD, violating]],
    events: [[trace], ['--format', 'json', trace]],
    compare: [
      ['--models', 'v6.12,v6.14', trace],
      ['--format', 'json', '--models', 'v6.12,v6.14', trace],
    ],
    check: [[trace], ...['json', 'junit', 'tap'].map((name) => ['--format', name, trace])],
    costs: [[trace], ['--format', 'json', trace]],
    layouts: [[trace]],
    diagram: [[]],
    probes: [['--btf', btf]],
    footprint: [[], ['--btf', btf]],
    import: [
      ['ftrace', capture],
      ['text', capture],
    ],
    identify: [[capture]],
    models: [[]],
    rules: [[], ['FP-07']],
    schema: [[]],
    diff: [[report, report]],
    merge: ['text', 'json', 'csv', 'ndjson'].map((name) => ['--format', name, report]),
    coverage: ['text', 'json', 'html'].map((name) => ['--format', name, trace]),
    completion: ['bash', 'zsh', 'fish'].map((name) => [name]),
    man: [[]],
  };
}

/** Of the program itself, each of which prints something. */
export const GENERAL: readonly (readonly string[])[] = [
  ['--version'],
  ['--help'],
  ['help', 'replay'],
  ['help', 'formats'],
  ['replay', '--help'],
];

/** What writes to a file or folder: by what it writes, the command line. Whatever it prints beside goes to stdout. */
export function writing(inputs: Inputs, into: string): Readonly<Record<string, readonly string[]>> {
  const { trace, violating, capture, report } = inputs;
  const at = (name: string): string => join(into, name);
  const formats = ['text', 'json', 'ndjson', 'markdown', 'sarif', 'junit', 'github'];
  return {
    ...Object.fromEntries(
      formats.map((name) => [`replay --out ${name}`, ['replay', trace, '--out', `${name}:${at('out')}`]]),
    ),
    view: ['view', trace, '-o', at('page.html')],
    'export perfetto': ['export', 'perfetto', trace, '-o', at('out.pftrace')],
    'export chrome': ['export', 'chrome', trace, '-o', at('out.json')],
    minimize: ['minimize', '--rule', 'FP-07', ...BAD, violating, '-o', at('least.ndjson')],
    import: ['import', 'ftrace', capture, '-o', at('trace.ndjson')],
    'merge json': ['merge', '--format', 'json', report, '-o', at('merged.json')],
    'merge csv': ['merge', '--format', 'csv', report, '-o', at('rows.csv')],
    'coverage --suggest': ['coverage', trace, '--suggest', at('new')],
    'replay --each': ['replay', '--each', '--reports', at('reports'), trace, capture],
    'check --update': ['check', '--update', at('copy.ndjson')],
  };
}
