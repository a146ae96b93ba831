/** Recordings that are damaged or made to do harm: text, or an error that says what is wrong; never a crash, a loop, or all memory. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { textOf } from '../../../lib/import/binary/as-text.ts';
import { Malformed } from '../../../lib/import/binary/cursor.ts';
import { openPerfData } from '../../../lib/import/binary/perf-data.ts';
import type { Recording } from '../../../lib/import/binary/recording.ts';
import { storageOf } from '../../../lib/import/binary/storage.ts';
import { openTraceDat } from '../../../lib/import/binary/trace-dat.ts';
import { EVENTS, KVM_ENTRY, KVM_EXIT, PROBE, SCHED_SWITCH } from '../../support/kvm-events.ts';
import { createRandom, type Random } from '../../support/random.ts';
import { type EntrySpec, numbers, perfData, traceDat } from '../../support/recordings.ts';

const MACHINE = { bigEndian: false, longSize: 8 } as const;
const ENTRIES = Array.from({ length: 40 }, (_, index): EntrySpec => {
  const event = [KVM_ENTRY, KVM_EXIT, SCHED_SWITCH, PROBE][index % 4] as EntrySpec['event'];
  return {
    cpu: index % 2,
    time: BigInt(index * 1000),
    event,
    pid: 91,
    values: { what: 'text', prev_comm: 'a', next_comm: 'b' },
  };
});
const DAT = {
  ...MACHINE,
  pageSize: 1024,
  cpus: 2,
  events: EVENTS,
  entries: ENTRIES,
  commands: { 91: 'vmm' },
  uname: 'Linux h 7.3 aarch64',
};

interface Seed {
  readonly name: string;
  readonly bytes: Buffer;
  readonly open: (bytes: Buffer) => Recording;
}

const dat = (bytes: Buffer): Recording => openTraceDat(storageOf(bytes));
const perf = (bytes: Buffer): Recording => openPerfData(storageOf(bytes));

const SEEDS: readonly Seed[] = [
  { name: 'trace.dat 6', bytes: traceDat({ ...DAT, version: 6 }), open: dat },
  { name: 'trace.dat 7', bytes: traceDat({ ...DAT, version: 7 }), open: dat },
  { name: 'trace.dat 7, zlib', bytes: traceDat({ ...DAT, version: 7, compression: 'zlib' }), open: dat },
  { name: 'trace.dat 7, big-endian', bytes: traceDat({ ...DAT, version: 7, bigEndian: true, longSize: 4 }), open: dat },
  { name: 'perf.data', bytes: perfData({ ...MACHINE, events: EVENTS, entries: ENTRIES }), open: perf },
  {
    name: 'perf.data of a pipe',
    bytes: perfData({ ...MACHINE, events: EVENTS, entries: ENTRIES, pipe: true }),
    open: perf,
  },
];

/** What is read of it; the error, where there is one. A text that is much longer than the recording is an error of the test. */
function readAll({ open }: Seed, bytes: Buffer): Malformed | undefined {
  let length = 0;
  try {
    for (const chunk of textOf(open(bytes))) {
      length += chunk.length;
      assert.ok(length < 100 * bytes.length + 100_000, 'more text than there can be');
    }
  } catch (error) {
    if (error instanceof Malformed) return error;
    throw error;
  }
  return undefined;
}

/** Numbers that sizes, counts and places are when somebody means harm. */
const STRANGE = [
  0n,
  1n,
  3n,
  4n,
  7n,
  0x7fn,
  0xffn,
  0xffffn,
  0x7fff_ffffn,
  0xffff_ffffn,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

function damaged(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(copy.length);
    const kind = random.below(4);
    if (kind === 0) copy[at] = random.below(256);
    else if (kind === 1) copy[at] = (copy[at] as number) ^ (1 << random.below(8));
    else {
      const size = random.pick([2, 4, 8]);
      numbers({ bigEndian: random.once(2), longSize: 8 })
        .of(size, random.pick(STRANGE))
        .copy(copy, at);
    }
  }
  return random.once(4) ? copy.subarray(0, random.below(copy.length)) : copy;
}

describe('recordings that are damaged', () => {
  for (const seed of SEEDS) {
    it(`${seed.name}: as it is it is read, and 700 times damaged it is read or refused`, () => {
      assert.equal(readAll(seed, seed.bytes), undefined);
      for (let number = 0; number < 700; number++) {
        const error = readAll(seed, damaged(seed.bytes, createRandom(number)));
        if (error !== undefined) assert.ok(error.expected !== '' && error.found !== '', `${number}: ${error.message}`);
      }
    });

    it(`${seed.name}: cut short anywhere it is refused, or has lost what was behind`, () => {
      for (let length = 8; length < seed.bytes.length; length += 41) readAll(seed, seed.bytes.subarray(0, length));
      const half = seed.bytes.subarray(0, seed.bytes.length / 2);
      assert.ok(seed.name.includes('pipe') || readAll(seed, half) !== undefined);
    });
  }

  it('a place that options come back to is not read for ever', () => {
    const bytes = traceDat({ ...DAT, version: 7 });
    // The last option, DONE, says where the next options are: where these are.
    const first = bytes.readBigUInt64LE(25);
    bytes.writeBigUInt64LE(first, bytes.length - 8);
    assert.match(readAll({ name: '', bytes, open: dat }, bytes)?.message ?? '', /options that come to an end/);
  });

  it('a print fmt that is deep, long or not of C is answered with the fields', () => {
    const prints = [
      `"%d", ${'('.repeat(100_000)}1${')'.repeat(100_000)}`,
      `"%d", ${'1 + '.repeat(100_000)}1`,
      `"%d", ${'-'.repeat(100_000)}1`,
      `"%d", ${'REC->vcpu_pc ? 1 : '.repeat(10_000)}2`,
      `"%d", 1 << 100000000000`,
      `"%d", ${'9'.repeat(100_000)}`,
      '"%n", REC->vcpu_pc',
      '"%s", __print_hex(REC->vcpu_pc, 8)',
      '"%d %d", REC->vcpu_pc',
      '"%d", REC->nothing',
      '"unclosed',
      '"%999d", REC->vcpu_pc',
      '"%pI4", REC->vcpu_pc',
    ];
    for (const print of prints) {
      const event = { ...KVM_ENTRY, print };
      const entries: EntrySpec[] = [{ cpu: 0, time: 1n, event, pid: 1, values: { vcpu_pc: 0x10n } }];
      const bytes = traceDat({ ...DAT, version: 6, events: [event], entries });
      const text = Buffer.concat([...textOf(dat(bytes))]).toString('latin1');
      assert.match(text, /kvm_entry: (vcpu_pc=0x10| *-?\d+)\n/, print.slice(0, 40));
    }
  });

  it('an entry that is shorter than its fields is a line that was cut, and texts stay on their line', () => {
    const long = { ...PROBE, fields: [...PROBE.fields, { type: 'u64', name: 'more', size: 8 }] };
    const entries: EntrySpec[] = [
      { cpu: 0, time: 1n, event: PROBE, pid: 91, values: { what: 'one\ntwo\n[000] 1.0: kvm_exit: x' } },
    ];
    const bytes = traceDat({ ...DAT, version: 6, events: [PROBE], entries, commands: { 91: 'a\rb' } });
    const [line, ...others] = Buffer.concat([...textOf(dat(bytes))])
      .toString('latin1')
      .split('\n')
      .filter((text) => !text.startsWith('#'));
    assert.match(line ?? '', /a\?b-91 .*what="one\?two\?\[000\]/);
    assert.deepEqual(others, ['']);
    const cut = traceDat({
      ...DAT,
      version: 6,
      events: [long],
      entries: entries.map((entry) => ({ ...entry, values: {} })),
    });
    assert.match(Buffer.concat([...textOf(dat(cut))]).toString('latin1'), /vcpu_load: ?\n?/);
  });

  it('a machine that is not arm64 is named', () => {
    const other = traceDat({ ...DAT, version: 7, uname: 'Linux h 6.12 x86_64' });
    const error = readAll({ name: '', bytes: other, open: dat }, other);
    assert.deepEqual([error?.expected, error?.found], ['a recording of an arm64 machine', 'one of x86_64']);
    const also = perfData({ ...MACHINE, events: EVENTS, entries: ENTRIES, architecture: 'riscv64' });
    assert.equal(readAll({ name: '', bytes: also, open: perf }, also)?.found, 'one of riscv64');
  });
});
