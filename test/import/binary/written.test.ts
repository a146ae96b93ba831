/** Recordings that were written by their published formats are read as the text that the kernel prints of their entries. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { textOf } from '../../../lib/import/binary/as-text.ts';
import { openPerfData } from '../../../lib/import/binary/perf-data.ts';
import type { Recording } from '../../../lib/import/binary/recording.ts';
import { storageOf } from '../../../lib/import/binary/storage.ts';
import { openTraceDat } from '../../../lib/import/binary/trace-dat.ts';
import {
  EVENTS,
  FUNCTION,
  KVM_ENTRY,
  KVM_EXIT,
  KVM_SYS_ACCESS,
  PROBE,
  SCHED_SWITCH,
} from '../../support/kvm-events.ts';
import { type EntrySpec, perfData, traceDat } from '../../support/recordings.ts';

const CPUS = 3;
const COMMANDS = { 91: 'vmm', 7: 'a b: [001] c' };
const KALLSYMS = 'ffff800080010000 T vcpu_put\nffff800080020000 t kvm_arch_vcpu_load\nffff800080030000 d data\n';

/** An event, and the payload that the kernel prints of it. */
interface Case {
  readonly event: EntrySpec['event'];
  readonly values: EntrySpec['values'];
  readonly payload: string;
}

const hex = (value: bigint, digits = 1): string => value.toString(16).padStart(digits, '0');
const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const name = fc.stringMatching(/^[ -~]{1,15}$/);

const entries = word.map(
  (pc): Case => ({ event: KVM_ENTRY, values: { vcpu_pc: pc }, payload: `PC: 0x${hex(pc, 16)}` }),
);

const exits = fc
  .tuple(fc.constantFrom('IRQ', 'SERROR', 'TRAP', 'IL'), fc.boolean(), fc.constantFrom(0, 7, 0x24, 0x3f), word)
  .map(([code, serror, ec, pc]): Case => {
    const number = BigInt(['IRQ', 'SERROR', 'TRAP', 'IL'].indexOf(code)) + (serror ? 2n ** 31n : 0n);
    const words: Record<number, string> = { 0: 'UNKNOWN', 7: 'FP_ASIMD', 36: 'DABT_LOW', 63: '0x3f' };
    return {
      event: KVM_EXIT,
      values: { ret: number, esr_ec: BigInt(ec), vcpu_pc: pc },
      payload: `${code}: HSR_EC: 0x${hex(BigInt(ec), 4)} (${words[ec]}), PC: 0x${hex(pc, 16)}`,
    };
  });

const accesses = fc
  .tuple(word, fc.boolean(), fc.array(fc.nat(15), { minLength: 5, maxLength: 5 }))
  .map(([pc, isWrite, [op0 = 0, op1 = 0, crn = 0, crm = 0, op2 = 0]]): Case => {
    const values = { Op0: op0, Op1: op1, CRn: crn, CRm: crm, Op2: op2 };
    const register = Object.entries(values).map(([key, value]) => [key, BigInt(value)]);
    return {
      event: KVM_SYS_ACCESS,
      values: { vcpu_pc: pc, is_write: BigInt(isWrite), ...Object.fromEntries(register) },
      payload: `PC: ${hex(pc)} UNKN (${op0},${op1},${crn},${crm},${op2}) ${isWrite ? 'write' : 'read'}`,
    };
  });

const STATES: Readonly<Record<string, bigint>> = {
  R: 0n,
  S: 1n,
  D: 2n,
  I: 0x80n,
  'S|D': 3n,
  'R+': 0x100n * 2n,
  'S+': 0x201n,
};
/** The bit above all states is that of preemption: (0x83 + 1) << 1. */
const PREEMPTED = 0x108n;

const switches = fc
  .tuple(
    name,
    fc.nat(4_000_000),
    fc.integer({ min: -1, max: 139 }),
    fc.constantFrom('R', 'S', 'D', 'I', 'S|D'),
    fc.boolean(),
    name,
    fc.nat(4_000_000),
  )
  .map(([from, pid, prio, state, preempted, to, next]): Case => {
    const value = (STATES[state] as bigint) | (preempted ? PREEMPTED : 0n);
    return {
      event: SCHED_SWITCH,
      values: {
        prev_comm: from,
        prev_pid: BigInt(pid),
        prev_prio: BigInt(prio),
        prev_state: value,
        next_comm: to,
        next_pid: BigInt(next),
        next_prio: 120n,
      },
      payload: `prev_comm=${from} prev_pid=${pid} prev_prio=${prio} prev_state=${stateOf(value)} ==> next_comm=${to} next_pid=${next} next_prio=120`,
    };
  });

/** As the print fmt of sched_switch says it, of the states that it has there. */
function stateOf(value: bigint): string {
  const mask = (0x84n << 1n) - 1n;
  let left = value & mask;
  const words: string[] = [];
  for (const [text, bit] of [
    ['S', 1n],
    ['D', 2n],
    ['I', 0x80n],
  ] as const) {
    if ((left & bit) === bit) words.push(text);
    left &= ~bit;
  }
  if (left !== 0n) words.push(`0x${hex(left)}`);
  const state = (value & mask) === 0n ? 'R' : words.join('|');
  return state + ((value & (0x84n << 1n)) === 0n ? '' : '+');
}

const probes = fc
  .tuple(
    word,
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    fc.nat(255),
    fc.oneof(name, fc.stringMatching(/^x{120,300}$/)),
  )
  .map(
    ([kvm, on, cpu, what]): Case => ({
      event: PROBE,
      values: { __probe_ip: 0xffff_8000_8001_0000n, kvm, on: BigInt(on), cpu: BigInt(cpu), what },
      payload: `(ffff800080010000) kvm=0x${hex(kvm)} on=${on} cpu=${cpu} what="${what}"`,
    }),
  );

const functions = fc.nat(0xffff).map((offset): Case => {
  const ip = 0xffff_8000_8002_0000n + BigInt(offset);
  return {
    event: FUNCTION,
    values: { ip, parent_ip: 0xffff_8000_8001_0004n },
    payload: 'kvm_arch_vcpu_load <-vcpu_put',
  };
});

const CASES = [entries, exits, accesses, switches, probes];

const gaps = fc.oneof(fc.nat(3), fc.nat(5000), fc.nat(2 ** 31), fc.constant(2 ** 27 - 1), fc.constant(2 ** 27));

interface Written {
  readonly entry: EntrySpec;
  readonly line: string;
}

const FLAGS: readonly (readonly [number, string])[] = [
  [0, '.....'],
  [0x01, 'd....'],
  [0x05, 'dn...'],
  [0x11, 'd.s..'],
  [0x19, 'd.H..'],
  [0x08, '..h..'],
  [0x24, '.N...'],
];

/** Entries in the order of time, with the lines that the kernel would print. */
const recorded = (cases: readonly fc.Arbitrary<Case>[]): fc.Arbitrary<Written[]> =>
  fc
    .tuple(
      fc.bigInt({ min: 0n, max: 10n ** 17n }),
      fc.array(
        fc.tuple(
          fc.oneof(...cases),
          gaps,
          fc.nat(CPUS - 1),
          fc.constantFrom(0, 7, 91, 4_000_000),
          fc.constantFrom(...FLAGS),
        ),
        {
          maxLength: 60,
        },
      ),
    )
    .map(([start, all]) => {
      let time = start;
      return all.map(([{ event, values, payload }, gap, cpu, pid, [flags, columns]]) => {
        time += BigInt(gap) + 1n;
        const comm = pid === 0 ? '<idle>' : ((COMMANDS as Record<number, string>)[pid] ?? '<...>');
        const at = `${time / 1_000_000_000n}.${String(time % 1_000_000_000n).padStart(9, '0')}`;
        const what = event === FUNCTION ? payload : `${event.name}: ${payload}`;
        return {
          entry: { cpu, time, event, pid, flags, values },
          line: `${comm.padStart(16)}-${String(pid).padEnd(7)} [00${cpu}] ${columns} ${at}: ${what}`,
        };
      });
    });

const machines = fc.record({ bigEndian: fc.boolean(), longSize: fc.constantFrom(4 as const, 8 as const) });

function linesOf(recording: Recording): string[] {
  const text = Buffer.concat([...textOf(recording)]).toString('latin1');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('a recording is read as its text', () => {
  it('trace.dat of either version, compressed or not, of machines of either byte order', () => {
    const property = fc.property(
      recorded([...CASES, functions]),
      machines,
      fc.constantFrom(6 as const, 7 as const),
      fc.constantFrom('none' as const, 'zlib' as const),
      fc.constantFrom(1024, 4096, 65536),
      (written, machine, version, compression, pageSize) => {
        const bytes = traceDat({
          ...{ ...machine, version, compression, pageSize, cpus: CPUS, events: EVENTS, commands: COMMANDS },
          ...{ entries: written.map(({ entry }) => entry), kallsyms: KALLSYMS, uname: 'Linux host 7.3.4 aarch64' },
        });
        // A long of 4 bytes cannot print the upper half of what is a field of 8.
        const expected = written.map(({ line }) => line);
        const lines = linesOf(openTraceDat(storageOf(bytes)));
        if (machine.longSize === 8) assert.deepEqual(lines, expected);
        else assert.deepEqual(lines.map(withoutPayload), expected.map(withoutPayload));
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  it('with an instance beside the top buffer: both, in the order of time', () => {
    const property = fc.property(
      recorded(CASES),
      fc.constantFrom(6 as const, 7 as const),
      fc.boolean(),
      (written, version, isPacked) => {
        const bytes = traceDat({
          ...{ bigEndian: false, longSize: 8, pageSize: 1024, cpus: CPUS, events: EVENTS, commands: COMMANDS, version },
          compression: isPacked ? 'zlib' : 'none',
          entries: written.filter((_, index) => index % 3 > 0).map(({ entry }) => entry),
          instance: written.filter((_, index) => index % 3 === 0).map(({ entry }) => entry),
        });
        assert.deepEqual(
          linesOf(openTraceDat(storageOf(bytes))),
          written.map(({ line }) => line),
        );
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it('perf.data of a file and of a pipe, whatever the order of its samples within a round', () => {
    const property = fc.property(
      recorded(CASES),
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 20 }),
      (written, bigEndian, pipe, round) => {
        const bytes = perfData({
          ...{ bigEndian, longSize: 8, pipe, round, events: EVENTS, commands: COMMANDS },
          ...{ entries: written.map(({ entry }) => entry), release: '7.3.4', architecture: 'aarch64' },
        });
        const recording = openPerfData(storageOf(bytes));
        assert.deepEqual(
          linesOf(recording),
          written.map(({ line }) => line),
        );
        assert.deepEqual([recording.release, recording.machine], ['7.3.4', 'aarch64']);
      },
    );
    fc.assert(property, { numRuns: 100 });
  });

  const withoutPayload = (line: string): string => line.slice(0, 60);
  const LOSSES = [KVM_ENTRY, KVM_ENTRY].map(
    (event, index): EntrySpec => ({
      cpu: 1,
      time: BigInt(1000 + index),
      event,
      pid: 91,
      values: {},
      lost: [5, -1][index] as number,
    }),
  );

  it('says where entries were lost, and how many, where the recording does', () => {
    for (const version of [6, 7] as const) {
      for (const longSize of [4, 8] as const) {
        const bytes = traceDat({
          version,
          bigEndian: longSize === 4,
          longSize,
          pageSize: 4096,
          cpus: 2,
          events: EVENTS,
          entries: LOSSES,
        });
        const lines = linesOf(openTraceDat(storageOf(bytes)));
        assert.deepEqual(
          lines.filter((_, index) => index === 0 || index === 2),
          ['CPU:1 [LOST 5 EVENTS]', 'CPU:1 [LOST EVENTS]'],
        );
      }
    }
    const bytes = perfData({ bigEndian: false, longSize: 8, events: EVENTS, entries: LOSSES.slice(0, 1) });
    assert.equal(linesOf(openPerfData(storageOf(bytes)))[0], 'CPU:1 [LOST 5 EVENTS]');
  });

  it('a clock that counts no time is printed as it is; times are shifted as the recording says', () => {
    const one = LOSSES.slice(0, 1).map((entry) => ({ ...entry, lost: 0 }));
    const spec = {
      version: 7,
      bigEndian: false,
      longSize: 8,
      pageSize: 4096,
      cpus: 2,
      events: EVENTS,
      entries: one,
    } as const;
    assert.match(
      linesOf(openTraceDat(storageOf(traceDat({ ...spec, clock: 'counter' })))).at(-1) ?? '',
      / 1000: kvm_entry/,
    );
    const options: [number, Buffer][] = [
      [7, Buffer.from('0x10\0')],
      [1, Buffer.from('-1\0')],
    ];
    assert.match(
      linesOf(openTraceDat(storageOf(traceDat({ ...spec, options })))).at(-1) ?? '',
      / 0\.000000016: kvm_entry/,
    );
  });
});
