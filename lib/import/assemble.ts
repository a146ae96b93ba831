/** A line of the trace is recognised, its fields are read, and its step is taken. */

import { createKindFinder } from './columns/kind.ts';
import { bodyOf, nameOf, textOf, UNSAID } from './columns/line.ts';
import { fieldsShown } from './payload/callers.ts';
import { WHAT, WHAT_COUNT } from './payload/event-names.ts';
import { isProbe, readProbeFields } from './payload/kprobe-events.ts';
import { otherMachineOf } from './payload/other-machines.ts';
import { tellingOf } from './records.ts';
import { type Assembly, lose } from './state/assembly.ts';
import { type CpuState, NO_TASK } from './state/cpu.ts';
import { hypervisorStep, threadOf } from './steps/el2.ts';
import { decideTrap } from './steps/fp-traps.ts';
import { decideNeon } from './steps/neon.ts';
import { decideReturn } from './steps/return.ts';
import { enterAt, step } from './steps/steps.ts';
import { confirmTask } from './steps/switch.ts';
import { endTransfer, userSaved } from './steps/transfer.ts';

export interface Assembler {
  /** The line that the assembly's `line` describes, which is the next one of its CPU. */
  take(here: CpuState): void;
  /** By kind of line: 1 where there was one. */
  readonly hits: Uint8Array;
}

/** `ignore`: names of events to leave out, as they are printed, or `hyp_fp_trap`. */
export function createAssembler(assembly: Assembly, ignore: readonly string[]): Assembler {
  const kindOf = createKindFinder(ignore);
  /** Number of fields of each probe's lines: one that has fewer was cut. */
  const fieldCounts = new Int32Array(WHAT_COUNT).fill(-1);
  const hits = new Uint8Array(WHAT_COUNT);
  const { line, fields } = assembly;

  /** False where the line is cut: what it would have said is missing. */
  function readFields(here: CpuState, what: number): boolean {
    fields.has = 0;
    if (!isProbe(what) || line.isFunction) return true;
    const count = readProbeFields(line, fields);
    const usual = fieldCounts[what] as number;
    if (count < 0 || count < usual) return false;
    if (count > usual && usual >= 0) {
      lose(assembly, here, 1, 'an earlier line was cut: it had fewer fields than this one');
      here.current = line.pid;
    }
    fieldCounts[what] = count;
    return true;
  }

  /** Whether the line is of another architecture's KVM: it tells nothing then. */
  function isForeign(): boolean {
    const machine = otherMachineOf(nameOf(line), bodyOf(line));
    if (machine === undefined) return false;
    assembly.account.foreign ??= { machine, line: line.number, event: nameOf(line) };
    return true;
  }

  /** The first line of its kind, beyond what was looked at before the import began. */
  function show(what: number): void {
    assembly.shown.kinds[what] = 1;
    assembly.shown.fields[what] = isProbe(what) && !line.isFunction ? fieldsShown(line, fields) : fields.has;
    assembly.tells = tellingOf(assembly.shown);
  }

  function damaged(here: CpuState, what: string): void {
    isForeign();
    assembly.account.unused(`damaged ${what}`, line.number, textOf(line));
    lose(assembly, here, 1, `a line that was cut: ${what}`);
    here.current = Math.max(line.pid, NO_TASK);
  }

  return {
    hits,
    take(here) {
      const what = kindOf(line);
      hits[what] = 1;
      // Of a function that is called within the step of another line.
      const isInner = what === WHAT.userSave || what === WHAT.userLoad;
      if (!isInner) here.lines++;
      if (line.pid === UNSAID) {
        line.pid = threadOf(assembly, here);
        if (line.pid < 0 && what !== WHAT.hypEnter && what !== WHAT.hypExit) {
          damaged(here, `${nameOf(line)} of a thread that has ended`);
          return;
        }
      }
      // fpsimd_thread_switch() saves for the task that goes.
      const isSwitchSave = what === WHAT.userSave && here.what === WHAT.threadSwitch && here.current !== line.pid;
      if (here.current !== line.pid && !isSwitchSave) confirmTask(assembly, here, line.pid);
      if (what === WHAT.kvmEntry && isForeign()) return;
      if (what === WHAT.unknown) {
        isForeign();
        assembly.account.unused(`${line.isFunction ? 'function' : 'event'} ${nameOf(line)}`, line.number, textOf(line));
        return;
      }
      if (what === WHAT.hypEnter || what === WHAT.hypExit) {
        fields.has = 0;
        if (!hypervisorStep(assembly, here, what, enterAt)) damaged(here, nameOf(line));
        else if (assembly.shown.kinds[what] === 0) show(what);
        return;
      }
      const read = readFields(here, what);
      if (read && here.possibleTrap !== undefined) decideTrap(assembly, here);
      if (read) endTransfer(assembly, here, what);
      if (read && isSwitchSave) {
        userSaved(assembly, here, line.pid);
        return;
      }
      if (read) decideReturn(assembly, here, what);
      if (read) decideNeon(assembly, here, what);
      const complete = read && step(assembly, here, what);
      if (!line.softirq && !isInner) here.what = what;
      if (!complete) damaged(here, nameOf(line));
      else if (assembly.shown.kinds[what] === 0) show(what);
    },
  };
}
