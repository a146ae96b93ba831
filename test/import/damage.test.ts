/** Captures that are not whole: what is missing is said, and nothing crashes. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readPluginExit } from '../../lib/import/columns/trace-cmd.ts';
import { exitOf } from '../../lib/import/payload/exit.ts';
import { DATA, faultOf, importText, only } from '../support/captures.ts';

const OPTIONS = { model: 'v6.10', mode: 'vhe', sveVl: 64 };
const text = readFileSync(new URL('lazy-vhe.ftrace', DATA), 'utf8');
const lines = text.trimEnd().split('\n');
const whole = importText(text, OPTIONS);
const at = (pattern: RegExp): number => lines.findIndex((line) => pattern.test(line));
const unusedOf = (input: string) => importText(input, OPTIONS).account.unused;

/** `text` with the header's count of entries made true again. */
const counted = (parts: string[]): string => {
  const entries = parts.filter((line) => /^ +\S.*-\d+ +\[/.test(line)).length;
  return parts.join('\n').replace(/written: \d+\/\d+/, `written: ${entries}/${entries}`);
};

describe('damaged captures', () => {
  it('cut within a line: the entry is damaged, the rest is counted by the header', () => {
    const index = at(/: sync_fp: /);
    const half = [...lines.slice(0, index), lines[index]?.slice(0, 125)].join('\n');
    const { events, account } = importText(half, OPTIONS);
    assert.deepEqual(
      account.unused.map(({ what, count, firstLine }) => [what, count, firstLine]),
      [['damaged sync_fp', 1, index + 1]],
    );
    const lost = only(events, 'lost').map(({ cpu, count }) => [cpu, count]);
    assert.deepEqual(lost, [
      [1, 1],
      [undefined, lines.length - 1 - index],
    ]);
  });

  it('a value cut short is not taken for one', () => {
    const index = at(/: vcpu_load: .* l1=0xffff/);
    for (const cut of [1, 5, 12]) {
      const parts = lines.map((line, i) => (i === index ? line.slice(0, -cut) : line));
      const { events, account } = importText(parts.join('\n'), OPTIONS);
      assert.equal(account.unused[0]?.what, 'damaged vcpu_load', `${cut} characters`);
      assert.ok(only(events, 'lost').length > 0);
    }
    const fewer = lines.map((line, i) =>
      i === at(/: sync_fp_ret: /) + 0 ? line : line.replace(/^(.*: flush_fp: .*) l0=.*$/, '$1'),
    );
    // All of them alike is another capture; one of them is a line that was cut.
    assert.deepEqual(unusedOf(fewer.join('\n')), []);
    const flushes = lines.flatMap((line, i) => (/: flush_fp: /.test(line) ? [i] : []));
    const one = lines.map((line, i) => (i === flushes[1] ? line.replace(/ l0=.*$/, '') : line));
    assert.equal(unusedOf(one.join('\n'))[0]?.what, 'damaged flush_fp');
  });

  it('a kvm_exit between the entry of ctxflush and its return: the entry to the guest is missing, and lost', () => {
    const entry = at(/: flush_fp_ret: |: kvm_entry: /);
    const from = lines.findLastIndex((line, i) => i < entry && /: flush_fp: /.test(line));
    const without = lines.filter(
      (line, i) => i < from || i > at(/: kvm_exit: /) || !/: (flush_fp_ret|kvm_entry): /.test(line),
    );
    assert.ok(without.length < lines.length);
    const { events } = importText(counted(without), OPTIONS);
    const notes = only(events, 'lost').map(({ note }) => note);
    assert.deepEqual([...new Set(notes)], ['the entry to a guest is not in the trace']);
  });

  it('an exception class of more than 6 bits is none: the line is damaged', () => {
    for (const [ec, isOne] of [
      ['0x003f', true],
      ['0x0040', false],
      ['0x1007', false],
    ] as const) {
      const strange = lines.map((line) => line.replace(/(kvm_exit: TRAP: HSR_EC: )0x[0-9a-f]{4}/, `$1${ec}`));
      const { account, events } = importText(strange.join('\n'), OPTIONS);
      assert.deepEqual([...new Set(account.unused.map(({ what }) => what))], isOne ? [] : ['damaged kvm_exit'], ec);
      assert.equal(only(events, 'lost').length > 0, !isOne);
      for (const event of events) assert.equal(faultOf(event), undefined);
    }
    assert.equal(exitOf('TRAP', 0x40), undefined);
    assert.deepEqual(readPluginExit('ret=2 esr_ec=0x3f vcpu_pc=0x1'), { ec: '0x3f' });
    assert.equal(readPluginExit('ret=2 esr_ec=0x40 vcpu_pc=0x1'), undefined);
  });

  it('every cut of every line is either understood in full or said to be damaged', () => {
    const first = lines.findIndex((line) => !line.startsWith('#'));
    fc.assert(
      fc.property(fc.integer({ min: first + 100, max: lines.length - 1 }), fc.nat(), (index, cut) => {
        const line = lines[index] ?? '';
        const parts = [...lines];
        parts[index] = line.slice(0, cut % line.length);
        const { events, account } = importText(parts.join('\n'), OPTIONS);
        const lost = only(events, 'lost').length > 0;
        const said = account.unused.length > 0;
        // A blank rest, or a cut that takes nothing a trace could hold (the PC of kvm_entry), leaves the header's count.
        assert.ok(lost || (!said && events.length === whole.events.length), `line ${index + 1}: ${parts[index]}`);
      }),
      { numRuns: 150 },
    );
  });

  it('a CPU whose lines are not there is missed by the count of entries, or by its own', () => {
    const one = lines.filter((line) => !line.includes(' [001] '));
    assert.equal(only(importText(one.join('\n'), OPTIONS).events, 'lost').length, 1);
    const own = ['# worldswitch-capture: entries.0=3', '# worldswitch-capture: entries.1=7', ...one.slice(12, 15)];
    assert.deepEqual(
      only(importText(own.join('\n'), OPTIONS).events, 'lost').map(({ cpu, count }) => [cpu, count]),
      [[1, 7]],
    );
  });

  it('console text between lines costs nothing, within a line what that line said', () => {
    const index = at(/: flush_fp: /);
    const message = '[   12.345678] usb 1-1: new device';
    const between = importText([...lines.slice(0, index), message, ...lines.slice(index)].join('\n'), OPTIONS);
    assert.deepEqual(between.events, whole.events);
    assert.deepEqual(
      between.account.unused.map(({ what }) => what),
      ['console text'],
    );
    const line = lines[index] ?? '';
    const broken = [
      ...lines.slice(0, index),
      `${line.slice(0, 90)}${message}`,
      line.slice(90),
      ...lines.slice(index + 1),
    ];
    const { events, account } = importText(broken.join('\n'), OPTIONS);
    assert.deepEqual(
      account.unused.map(({ what }) => what),
      ['damaged flush_fp', 'text that is no line of a trace'],
    );
    assert.ok(only(events, 'lost').length >= 2);
  });

  it('[LOST n EVENTS], EVENTS DROPPED, PERF_RECORD_LOST and the beginning of a buffer become `lost`', () => {
    const said: [string, number | undefined, number][] = [
      ['CPU:1 [LOST 12 EVENTS]', 1, 12],
      ['CPU:0 [LOST EVENTS]', 0, 1],
      ['CPU:1 [34 EVENTS DROPPED]', 1, 34],
      ['CPU:1 [EVENTS DROPPED]', 1, 1],
      ['##### CPU 1 buffer started ####', 1, 1],
      ['         swapper     0 [001]    12.345678: PERF_RECORD_LOST lost 56', undefined, 56],
    ];
    for (const [line, cpu, count] of said) {
      const parts = [...lines.slice(0, 150), line, ...lines.slice(150)];
      const lost = only(importText(parts.join('\n'), OPTIONS).events, 'lost');
      assert.deepEqual(
        lost.map((event) => [event.cpu, event.count]),
        [[cpu, count]],
        line,
      );
    }
  });

  it('lines printed twice are used once; lines out of order are not used, and said to be missing', () => {
    const twice = importText(
      lines.flatMap((line) => (line.startsWith('#') ? [line] : [line, line])).join('\n'),
      OPTIONS,
    );
    assert.deepEqual(twice.events, whole.events);
    assert.deepEqual(
      twice.account.unused.map(({ what, count }) => [what, count]),
      [['line printed twice', 300]],
    );
    // A piece that is printed again, too.
    const again = [...lines.slice(0, 350), ...lines.slice(100, 200), ...lines.slice(350)];
    assert.deepEqual(importText(again.join('\n'), OPTIONS).events, whole.events);
    // One that has gone too far to go back.
    const far = [...lines.slice(0, 40), ...lines.slice(140), ...lines.slice(40, 140)];
    const { account, events } = importText(far.join('\n'), OPTIONS);
    assert.ok((account.unused[0]?.count ?? 0) >= 30);
    assert.ok(only(events, 'lost').length > 0);
  });

  it('a trace that begins in the middle of a run says so', () => {
    const begin = at(/: sync_fp: /);
    const { events } = importText(lines.slice(begin).join('\n'), OPTIONS);
    assert.match(
      events.find((event) => event.event === 'lost')?.note ?? '',
      /the load of vCPU \d\/\d is not in the trace/,
    );
  });

  it('a put, an exit or a task switch that is not there is missed', () => {
    const nth = (pattern: RegExp, n: number): number =>
      lines.flatMap((line, i) => (pattern.test(line) ? [i] : []))[n] ?? -1;
    const without = (pattern: RegExp, from: number, count: number) => {
      let left = count;
      return counted(lines.filter((line, i) => i < from || left === 0 || !pattern.test(line) || left-- === 0));
    };
    // The first ones are there, so that it is known that they are printed.
    const put = nth(/: vcpu_put: /, 2);
    const noPut = without(/\[000\].*: (vcpu_put|put_fp): /, put, 2);
    const noExit = without(/\[001\].*: (sync_fp|sync_fp_ret|kvm_exit): /, nth(/\[001\].*: sync_fp: /, 2), 3);
    const noSwitch = without(/\[001\].*: (sched|thread)_switch: /, nth(/\[001\].*: sched_switch: /, 5), 2);
    for (const [input, note] of [
      [noPut, /the put of vCPU/],
      [noExit, /the exit of a guest/],
      [noSwitch, /a switch to task|the put of vCPU/],
    ] as const) {
      const lost = only(importText(input, OPTIONS).events, 'lost');
      assert.match(lost[0]?.note ?? '', note);
    }
  });

  it('no input makes it fail: bytes changed, lines dropped, repeated and exchanged', () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 40 }),
        fc.array(fc.tuple(fc.nat(lines.length - 1), fc.nat(lines.length - 1)), { maxLength: 5 }),
        (changes, swaps) => {
          const changed = Buffer.from(bytes);
          for (const [index, value] of changes) changed[index] = value;
          const parts = changed.toString('latin1').split('\n');
          for (const [from, to] of swaps) parts.splice(to, 0, ...parts.splice(from, 1));
          const { events, account } = importText(Buffer.from(parts.join('\n'), 'latin1'), OPTIONS);
          assert.deepEqual(
            events.map(faultOf).filter((fault) => fault !== undefined),
            [],
          );
          assert.ok(account.records <= account.lines);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('rubbish, an empty input and lines without end', () => {
    for (const input of [
      '',
      '\n\n',
      '\0\0\0',
      '{"event":"meta","format":1}\n',
      'x'.repeat(3_000_000),
      '='.repeat(70_000),
    ]) {
      assert.deepEqual(
        importText(input).events.map(({ event }) => event),
        ['meta'],
      );
    }
  });
});
