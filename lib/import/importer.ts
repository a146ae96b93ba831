/**
 * The importer: lines of a trace in, events of trace format 1 out, in the order of the lines and in bounded memory. Lines are
 * text as it was printed; how they are rendered (ftrace, latency format, trace-cmd report, perf script) is seen from each line.
 */

import { createAccount, type Foreign, type ImportAccount } from './account.ts';
import { createAssembler } from './assemble.ts';
import { bufferStarted, isCallChain } from './columns/between.ts';
import { startsWith } from './columns/bytes.ts';
import { readFlagHeader } from './columns/ftrace.ts';
import { type Columns, createLine, setColumns, setText, textOf, timeOf } from './columns/line.ts';
import { logPrefixEnd } from './columns/log.ts';
import { createFiles, marginName, marginOf } from './columns/margin.ts';
import { perfLost } from './columns/perf-script.ts';
import { renderingOf } from './columns/rendering.ts';
import { isReportNotice, readLost, reportedCpus } from './columns/trace-cmd.ts';
import { type Companion, createBeside } from './companion.ts';
import { kernelOf } from './kernel.ts';
import type { Flaw } from './line-order.ts';
import { metaOf } from './meta.ts';
import { createCaptureHeader, debugSchemeOf, forgetKernel, readHeaderLine } from './payload/capture-header.ts';
import { countEntry, missingEntries } from './payload/entries.ts';
import { WHAT } from './payload/event-names.ts';
import { createProbeFields } from './payload/kprobe-events.ts';
import { isArm64 } from './payload/other-machines.ts';
import { recordsOf, tellingOf } from './records.ts';
import { silentProbes } from './silent.ts';
import { cpuOf, createAssembly, lose, loseEverywhere, release } from './state/assembly.ts';
import { createIdentities } from './state/identities.ts';
import { inOrder, OUT_OF_ORDER, type Part } from './state/order.ts';
import { createQueue, type Emit } from './state/queue.ts';
import type { Shown } from './survey.ts';

export interface ImportOptions {
  /** Kernel model and mode, as `worldswitch models` lists them; the trace's own header is used where they are absent. */
  readonly model?: string;
  readonly mode?: string;
  /** The machine's largest SVE vector length in bytes. No line of a trace says it: without it `sve_vl` is left out, and counted. */
  readonly sveVl?: number;
  /** Names of events not to look at, as they are printed; `hyp_fp_trap` for what a handler prints of FP traps. */
  readonly ignore?: readonly string[];
  /** The kinds of event that the capture shows wherever they happen; where absent, what its lines say of that. */
  readonly records?: readonly string[];
  /** Of which file the lines are to be read where `trace-cmd report` printed several; where absent, that of the first line. */
  readonly file?: string;
  /** The hypervisor's own trace of the same machine and time. */
  readonly companion?: Companion;
  /** Not to look at what the trace's header says of the kernel: for who wants to find out. */
  readonly anonymous?: boolean;
  /** What a capture is of that does not say so itself. */
  readonly defaults?: { readonly model?: string; readonly mode?: string };
}

export interface Importer {
  /** A line that has shown that the capture is not of an arm64 machine. */
  readonly foreign: Foreign | undefined;
  /**
   * The next line: [start, end) of the bytes, which stay as they are, and at `end` its line feed (a carriage return before
   * it may belong to the line); `lineNumber` from 1; `columns`: what they say, where they have been read.
   */
  push(bytes: Buffer, start: number, end: number, lineNumber: number, columns?: Columns): void;
  /** A line that tells of a loss which `lose` has been told of. */
  passOver(): void;
  /** Behind the last line, which was of that CPU, so many of its events are missing. */
  lose(cpu: number, count: number): void;
  /** A line of a CPU that is not to be used, for what was found when it was put in order. */
  leaveOut(bytes: Buffer, start: number, end: number, lineNumber: number, flaw: NonNullable<Flaw>): void;
  /** No more lines: gives out what waited, and the account. `moved`: lines that were put in order before. */
  finish(moved: number): ImportAccount;
}

/** `shown`: which lines the capture has. `emit` gets each event as the object to be written, and the number of the line it comes from. */
export function createImporter(options: ImportOptions, shown: Shown, emit: Emit): Importer {
  const account = createAccount();
  const header = createCaptureHeader();
  const line = createLine();
  let started = false;
  const beside = createBeside(options.companion, shown);
  const queue = createQueue((event, rawLine) => {
    account.countEvent(event.event, event.inferred === true);
    emit(event, rawLine);
  });
  const assembly = createAssembly({
    queue,
    account,
    ids: createIdentities(),
    line,
    fields: createProbeFields(),
    shown,
  });
  const files = createFiles(options.file);
  const assembler = createAssembler(assembly, options.ignore ?? []);
  /** Losses that the header tells of before the first event, and text between events that may have been one. */
  const losses: { readonly count: number; readonly cpu?: number; readonly note: string }[] = [];
  let foreignLines = 0;
  /** The last line that was used. */
  const previous: Part = { bytes: Buffer.alloc(0), start: 0, end: 0 };

  function begin(): void {
    started = true;
    if (beside.begin(header.clock)) assembly.tells = tellingOf(shown);
    const { model, mode } = nameKernel();
    assembly.ids.setOffsets(header.taskStateOffset, header.vcpuStateOffset);
    assembly.kernelCopy = mode === 'pkvm';
    // What the kernel says of itself counts before what somebody took it for.
    assembly.debugScheme = debugSchemeOf(header.release, model);
    assembly.sveVl = options.sveVl ?? header.sveVl ?? defaultVl();
    if (mode === undefined) account.assume('no mode is given: fp_owner is taken for that of the hypervisor');
    queue.push(metaOf(header, options.records ?? recordsOf(shown), model, mode, assembly.sveVl), 1);
  }

  /** What the caller says of the kernel, else the header, else what the lines show; of an anonymous capture, nothing. */
  function nameKernel(): { readonly model?: string | undefined; readonly mode?: string | undefined } {
    if (options.anonymous === true) {
      forgetKernel(header);
      return options;
    }
    const { model, mode, defaults = {} } = options;
    const said = {
      ...header,
      model: model ?? header.model ?? (header.release === undefined ? defaults.model : undefined),
      mode: mode ?? header.mode ?? defaults.mode,
    };
    if (said.mode === undefined && shown.kinds[WHAT.hypExit] === 1) {
      said.mode = 'nvhe';
      account.presume({
        of: 'mode',
        what: 'the hypervisor has a trace of its own, so the mode is not vhe: taken for nvhe',
      });
    }
    const kernel = kernelOf(said, shown.manner);
    for (const what of kernel.decided) account.assume(what);
    for (const presumption of kernel.presumed) account.presume(presumption);
    return kernel;
  }

  function defaultVl(): number | undefined {
    if (header.sveDefaultVl !== undefined)
      account.assume('the largest vector length is not in the capture: taken for that of new processes');
    return header.sveDefaultVl;
  }

  function loseSomewhere(count: number, note: string, cpu?: number): void {
    if (!started) losses.push({ count, note, ...(cpu === undefined ? {} : { cpu }) });
    else if (cpu !== undefined) lose(assembly, cpuOf(assembly, cpu), count, note);
    else loseEverywhere(assembly, count, note);
  }

  function tellLosses(): void {
    for (const { count, note, cpu } of losses.splice(0)) loseSomewhere(count, note, cpu);
    if (foreignLines > 0) loseSomewhere(foreignLines, 'lines that are not lines of a trace');
    foreignLines = 0;
  }

  function other(text: string, number: number): void {
    if (text.trim() === '') return;
    if (text.startsWith('#')) {
      readFlagHeader(text, line);
      const started = bufferStarted(text);
      // Where the script has counted what that CPU lost, it has been told.
      const isTold = started !== undefined && (header.overrunOf.get(started.cpu) ?? 0) > 0;
      const loss = readHeaderLine(text, header) ?? (isTold ? undefined : started);
      if (loss !== undefined) loseSomewhere(loss.count, loss.note, loss.cpu);
      const { machine } = header;
      if (machine !== undefined && !isArm64(machine))
        account.foreign ??= { machine: machine.slice(0, 40), line: number, event: 'a header' };
      return;
    }
    const lost = readLost(text);
    const count = lost?.count ?? perfLost(text);
    if (lost !== undefined || count > 0) {
      const note = count === 0 ? 'the trace does not say how many' : 'as the trace says';
      loseSomewhere(Math.max(1, count), note, lost?.cpu);
      return;
    }
    notice(text, number);
  }

  function notice(text: string, number: number): void {
    const said = text.slice(marginOf(line) - line.start);
    const cpus = reportedCpus(text) || reportedCpus(said);
    if (cpus > 0) {
      header.cpus ??= cpus;
      return;
    }
    if (isReportNotice(text) || isReportNotice(said)) return;
    if (isCallChain(text)) account.note('call chain');
    else foreign(text, number);
  }

  /** A line of the kernel's log among those of a trace: mostly it has nothing to do with it. */
  function logged(number: number): void {
    const isEntry = renderingOf(line) !== '' || readLost(textOf(line)) !== undefined;
    account.unused(isEntry ? 'an entry of a trace in the log of the kernel' : 'console text', number, textOf(line));
    if (isEntry) foreignLines++;
  }

  function foreign(text: string, number: number): void {
    account.unused('text that is no line of a trace', number, text);
    // Before the first event nothing is known that could be lost.
    if (started) foreignLines++;
  }

  function read(bytes: Buffer, start: number, end: number, number: number, columns?: Columns): string {
    line.bytes = bytes;
    line.number = number;
    if (columns === undefined) {
      line.start = start;
      line.end = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
      line.start = logPrefixEnd(line);
    } else setColumns(line, columns);
    if (startsWith(bytes, CAPTURE_HEADER, line.start)) return '';
    return columns?.rendering ?? renderingOf(line);
  }

  function take(bytes: Buffer, start: number, end: number, number: number, columns?: Columns): void {
    account.lines++;
    const format = read(bytes, start, end, number, columns);
    const isLogged = line.start > start;
    if (isLogged && !shown.inLog) {
      logged(number);
      return;
    }
    if (format === '') {
      // What else is in the log is nothing that is missing from the trace.
      if (isLogged && readLost(textOf(line)) === undefined) account.unused('console text', number, textOf(line));
      else other(textOf(line), number);
      return;
    }
    if (files.isOther(line)) {
      account.note(`left out: of another file, ${marginName(line, line.margin).slice(0, 64)}`);
      return;
    }
    if (beside.hasBefore(line, header.clock)) {
      takeBeside(line.seconds, line.nanoseconds);
      read(bytes, start, end, number, columns);
    }
    if (!started) begin();
    const here = cpuOf(assembly, line.cpu);
    assembly.ts = timeOf(line);
    if (losses.length > 0 || foreignLines > 0) tellLosses();
    if (!inOrder(assembly, here, previous)) return;
    previous.bytes = bytes;
    previous.start = start;
    previous.end = line.end;
    account.records++;
    account.countFormat(format);
    countEntry(header, line.cpu);
    assembler.take(here);
  }

  /** The lines of the hypervisor's trace up to a time. */
  function takeBeside(seconds: number, nanoseconds: number): void {
    if (!started) begin();
    const { number } = line;
    for (let next = beside.next(seconds, nanoseconds); next !== undefined; next = beside.next(seconds, nanoseconds)) {
      if (next.lost === undefined) {
        setText(line, next.text);
        renderingOf(line);
      } else line.cpu = next.lost.cpu;
      line.number = number;
      line.seconds = next.seconds;
      line.nanoseconds = next.nanoseconds;
      assembly.ts = timeOf(line);
      if (losses.length > 0 || foreignLines > 0) tellLosses();
      const here = cpuOf(assembly, line.cpu);
      if (next.lost !== undefined) lose(assembly, here, next.lost.count, 'as the trace of the hypervisor says');
      else if (inOrder(assembly, here, previous)) assembler.take(here);
    }
  }

  /** What is wrong with the hypervisor's trace; and what of it comes after the last line of the host. */
  function finishBeside(): void {
    for (const { number, text } of beside.unused)
      account.unused('text that is no line of the trace of the hypervisor', number, text);
    const why = beside.whyNot(header.clock);
    if (why !== undefined) account.unused(why, account.lines, '');
    else takeBeside(Number.POSITIVE_INFINITY, 0);
  }

  return {
    get foreign() {
      return account.foreign;
    },
    push: take,
    passOver() {
      account.lines++;
    },
    lose: (cpu, count) => loseSomewhere(count, 'as the trace says', cpu),
    leaveOut(bytes, start, end, number, flaw) {
      account.lines++;
      Object.assign(line, { bytes, start, end, number });
      line.start = logPrefixEnd(line);
      renderingOf(line);
      account.unused(FLAWS[flaw], number, textOf(line));
      if (flaw === 'printed twice') return;
      cpuOf(assembly, line.cpu).disordered = true;
      account.records++;
      countEntry(header, line.cpu);
    },
    finish(moved) {
      if (!started) begin();
      assembly.line.number = account.lines;
      tellLosses();
      finishBeside();
      for (const missing of missingEntries(header, account.records))
        loseSomewhere(missing.count, missing.note, missing.cpu);
      for (const here of assembly.cpus) {
        if (here.disordered) lose(assembly, here, 1, OUT_OF_ORDER);
        release(assembly, here);
      }
      queue.flush();
      if (queue.forced > 0) account.assume(FORCED, queue.forced);
      if (moved > 0) account.assume(MOVED, moved);
      const { events } = account.result();
      for (const probe of silentProbes(
        header.probes,
        assembler.hits,
        events,
        assembly.cpus.length,
        options.ignore ?? [],
      ))
        account.unused(`no hit of the probe ${probe}, which was set`, account.lines, '');
      return account.result();
    },
  };
}

const FLAWS = {
  'too late': 'line whose time is later than those after it',
  'printed twice': 'line printed twice',
} as const satisfies Record<NonNullable<Flaw>, string>;
const MOVED = 'lines were out of order, and were put in order by their time';
const FORCED = 'an event was given out before the lines came that say more of it: too many waited';
const CARRIAGE_RETURN = 13;
const CAPTURE_HEADER = Buffer.from('# worldswitch-capture:');
