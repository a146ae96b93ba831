/** One kernel, in one mode, under one workload: booted, captured, counted, replayed, compared. */

import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import type { FetchedKernel } from './apt.ts';
import { say } from './cache.ts';
import { compare, type Report, type Row, where } from './compare.ts';
import { type Counts, capturedWindow, parseSnapshots } from './counts.ts';
import { initramfs } from './initramfs.ts';
import type { Mode } from './kernels.ts';
import { type Machine, machineArguments } from './machine.ts';
import { type Plan, planOf } from './plan.ts';
import { must, run } from './process.ts';
import { parseSymbols, type Symbols } from './symbols.ts';
import { registersOf, registerTable } from './system-registers.ts';
import { readText } from './text.ts';
import { program, type Tools } from './tools.ts';
import type { Workload } from './workloads.ts';

/** What all cells share. */
export interface Laboratory {
  readonly tools: Tools;
  readonly busybox: string;
  /** Folder of what was built for the machine. */
  readonly programs: string;
  readonly selftests: string | undefined;
  /** Folder of results. */
  readonly runs: string;
  /** The built tool. */
  readonly worldswitch: string;
}

export interface Result {
  readonly series: string;
  readonly release: string;
  readonly mode: Mode;
  readonly workload: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly seconds: number;
  readonly model: string;
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly checked: number;
  readonly diverged: number;
  readonly violations: Readonly<Record<string, number>>;
  readonly rows: readonly Row[];
  /** Entries of functions that say where a difference comes from. */
  readonly entries: Readonly<Record<string, number>>;
  /** Lines of the machine's console that begin with `lab:`, and of the replay's stderr. */
  readonly notes: readonly string[];
}

export const cellName = (series: string, mode: Mode, workload: string): string => `${series}-${mode}-${workload}`;

export async function runCell(
  lab: Laboratory,
  series: string,
  kernel: FetchedKernel,
  mode: Mode,
  workload: Workload,
): Promise<Result> {
  const started = Date.now();
  const facts = await kernelFacts(lab, kernel);
  const folder = join(lab.runs, cellName(series, mode, workload.name));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const symbols = parseSymbols(readFileSync(facts.kallsyms, 'latin1'));
  const plan = planOf(symbols, readText(readFileSync(kernel.image), symbols), true);
  writeFileSync(join(folder, 'plan'), plan.text);
  const commands = `export WORLDSWITCH_BUFFER_KB=${workload.bufferKb}\n`;
  const initrd = initramfs({
    busybox: lab.busybox,
    programs: lab.programs,
    job: 'capture.sh',
    environment: commands,
    captureScript: await must('node', [lab.worldswitch, 'probes', '--btf', facts.btf], 'the capture script'),
    workload: `${workload.commands}\n`,
    ...(workload.selftests && lab.selftests !== undefined ? { selftests: lab.selftests } : {}),
  });
  const console = await boot(lab, folder, initrd, {
    mode,
    sme: workload.sme,
    cpus: workload.cpus,
    memory: workload.memory,
    kernel: kernel.image,
    timeoutSeconds: workload.timeoutSeconds,
    count: { plugin: join(lab.programs, 'count.so'), plan: join(folder, 'plan'), output: join(folder, 'counts') },
  });
  const capture = join(folder, 'capture.ftrace');
  if (!existsSync(capture))
    throw new Error(
      `the machine handed out no capture; its console is ${join(folder, 'console.log')}:\n${tail(console)}`,
    );
  const counts = capturedWindow(parseSnapshots(readFileSync(join(folder, 'counts'), 'latin1')));
  const replayed = await run('node', [lab.worldswitch, 'replay', capture, '--format', 'json'], 'the replay');
  const report = parseReport(replayed.stdout, replayed.stderr);
  writeFileSync(join(folder, 'report.json'), replayed.stdout);
  writeFileSync(join(folder, 'registers.txt'), registerTable(registersOf(counts, symbols)));
  writeFileSync(`${capture}.gz`, gzipSync(readFileSync(capture)));
  const result = resultOf({ plan, counts, symbols, report });
  const whole: Result = {
    series,
    release: kernel.release,
    mode,
    workload: workload.name,
    date: new Date().toISOString().slice(0, 10),
    seconds: Math.round((Date.now() - started) / 1000),
    ...result,
    notes: [...labLines(console), ...replayed.stderr.split('\n').filter((line) => line !== '')],
  };
  writeFileSync(join(folder, 'result.json'), `${JSON.stringify(whole, null, 2)}\n`);
  return whole;
}

function resultOf(seen: { plan: Plan; counts: Counts; symbols: Symbols; report: Report }) {
  const { plan, counts, symbols, report } = seen;
  const entries: Record<string, number> = {};
  for (const site of [...plan.entries, ...plan.calls]) {
    const count = counts.get(site.address)?.count ?? 0;
    if (count === 0) continue;
    const isCall = plan.calls.includes(site);
    const name = isCall ? `${where([site], counts, symbols)[0]?.[0]} > ${site.primitive}` : site.primitive;
    entries[name] = (entries[name] ?? 0) + count;
  }
  return {
    model: [report.model.name, report.model.mode].filter((word) => word !== undefined).join(' '),
    verdict: report.verdict,
    reasons: report.reasons ?? [],
    checked: report.observations?.checked ?? 0,
    diverged: report.observations?.diverged ?? 0,
    violations: report.violation_counts ?? {},
    rows: compare(plan, counts, symbols, report),
    entries,
  };
}

function parseReport(stdout: string, stderr: string): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    throw new Error(`the replay gave no report: ${stderr.trim() || 'and said nothing'}`);
  }
}

interface Facts {
  readonly kallsyms: string;
  readonly btf: string;
}

/** Symbols and types of a kernel, from one boot of it. */
async function kernelFacts(lab: Laboratory, kernel: FetchedKernel): Promise<Facts> {
  const folder = join(kernel.folder, 'facts');
  const facts = { kallsyms: join(folder, 'kallsyms'), btf: join(folder, 'vmlinux.btf') };
  if (existsSync(facts.kallsyms) && existsSync(facts.btf)) return facts;
  say(`boots ${kernel.release} once for its symbols and types`);
  mkdirSync(folder, { recursive: true });
  const initrd = initramfs({ busybox: lab.busybox, programs: lab.programs, job: 'facts.sh' });
  const console = await boot(lab, folder, initrd, {
    mode: 'vhe',
    sme: false,
    cpus: 2,
    memory: 1536,
    kernel: kernel.image,
    timeoutSeconds: 120,
    count: undefined,
  });
  if (!existsSync(facts.kallsyms) || !existsSync(facts.btf))
    throw new Error(`${kernel.release} handed out no symbols or types; its console:\n${tail(console)}`);
  return facts;
}

/** Runs the machine in a folder; its console is console.log there, and is returned. */
async function boot(
  lab: Laboratory,
  folder: string,
  initrd: Buffer,
  machine: Omit<Machine, 'initrd' | 'firmware'> & { readonly timeoutSeconds: number },
): Promise<string> {
  const file = join(folder, 'initrd');
  writeFileSync(file, initrd);
  const firmware = join(lab.tools.folder, 'usr/share/qemu');
  const qemu = program(lab.tools, 'qemu-system-aarch64');
  const args = machineArguments({ ...machine, initrd: file, firmware });
  const ended = await run('nice', [qemu, ...args], 'the emulated machine', {
    cwd: folder,
    env: lab.tools.env,
    timeoutSeconds: machine.timeoutSeconds,
  });
  rmSync(file);
  const log = createWriteStream(join(folder, 'console.log'));
  log.end(ended.stdout + ended.stderr);
  await finished(log);
  if (ended.timedOut)
    throw new Error(
      `the machine did not turn off within ${machine.timeoutSeconds} s; its console:\n${tail(ended.stdout)}`,
    );
  if (ended.status !== 0) throw new Error(`QEMU ended with ${ended.status}: ${tail(ended.stderr || ended.stdout)}`);
  return ended.stdout;
}

const tail = (text: string): string =>
  text
    .trim()
    .split('\n')
    .slice(-15)
    .map((line) => `    ${line.trimEnd()}`)
    .join('\n');

const labLines = (console: string): string[] =>
  console
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(lab|worldswitch): /.test(line) && !/^lab: (booted|end|job)/.test(line));
