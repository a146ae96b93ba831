/** Which kernel a capture is taken for: what its header says, what its lines show, and what is only presumed. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { findingsOf } from '../../lib/replay/findings.ts';
import { createReplay } from '../../lib/replay/replay.ts';
import { decode } from '../../lib/trace/decode.ts';
import { createEventRecord } from '../../lib/trace/event.ts';
import { DATA, importText } from '../support/captures.ts';

const header = (...words: readonly string[]): string =>
  words.map((word) => `# worldswitch-capture: ${word}\n`).join('');

interface Load {
  readonly ms: number;
  /** The load calls fpsimd_save_and_flush_cpu_state. */
  readonly eager: boolean;
}

/** A load and a put of one vCPU. */
function lines({ ms, eager }: Load): string {
  const vcpu = 'kvm=0xffff000001000000 vcpu=0 vptr=0xffff000002000000 on=-1 ifl=0x0 cfl=0x0 owner=0';
  const at = (us: number, text: string): string =>
    `             vmm-100     [000] d....  ${(1000 + ms / 1000 + us / 1e6).toFixed(6)}: ${text}\n`;
  return [
    at(0, `vcpu_load: (kvm_arch_vcpu_load+0x0/0x200) ${vcpu} cpu=0`),
    at(10, `load_fp: (kvm_arch_vcpu_load_fp+0x0/0x80) ${vcpu}`),
    ...(eager ? [at(20, 'save_flush: (fpsimd_save_and_flush_cpu_state+0x0/0x80)')] : []),
    at(30, 'load_fp_ret: (kvm_arch_vcpu_load+0x60/0x200 <- kvm_arch_vcpu_load_fp)'),
    at(40, `vcpu_put: (kvm_arch_vcpu_put+0x0/0x200) ${vcpu}`),
  ].join('');
}
const loads = (count: number, eager: boolean): string =>
  Array.from({ length: count }, (_, index) => lines({ ms: index, eager })).join('');

const DEBIAN = header('release=6.1.0-56-arm64', 'mode=vhe');

describe('the kernel of a capture', () => {
  it('whose release can be of two models is the one that saves the host when its lines show it', () => {
    const eager = importText(DEBIAN + loads(5, true));
    assert.equal(eager.events[0]?.model, 'v6.1-stable');
    assert.deepEqual(eager.account.presumed, []);
    assert.match(
      Object.keys(eager.account.assumptions).join(),
      /can be v5\.19 or v6\.1-stable: taken for v6\.1-stable/,
    );
    assert.equal(importText(DEBIAN + loads(5, false)).events[0]?.model, 'v5.19');
  });

  it('is presumed where nothing decides', () => {
    const { events, account } = importText(DEBIAN);
    assert.equal(events[0]?.model, 'v6.1-stable');
    assert.match(
      account.presumed.map(({ what }) => what).join(),
      /^release 6\.1\.0-56-arm64 can be .* nothing in the capture decides/,
    );
  });

  it('is what the version says, or the caller', () => {
    const named = DEBIAN + header('version=#1 SMP Debian 6.1.27-1 (2023-05-08)') + loads(5, true);
    assert.equal(importText(named).events[0]?.model, 'v5.19');
    const { events, account } = importText(DEBIAN, { model: 'v6.2' });
    assert.deepEqual([events[0]?.model, account.presumed], ['v6.2', []]);
  });

  it('that is presumed can be the wrong one: no verdict under it is FAIL', () => {
    // A capture of another kernel, which does not do what v6.1 does.
    const text = readFileSync(new URL('split-instances.ftrace', DATA), 'utf8');
    const verdictUnder = (head: string): string => {
      const { events, account } = importText(head + text);
      const replay = createReplay({});
      const record = createEventRecord();
      for (const event of events) {
        assert.equal(decode(event, record), undefined);
        replay.step(record);
      }
      const { model, mode } = events[0] as { model?: string; mode?: string };
      replay.note(findingsOf({ account, model, mode }, true));
      return replay.finish([]).verdict;
    };
    assert.equal(verdictUnder(header('model=v6.12-stable', 'mode=nvhe')), 'fail');
    assert.equal(verdictUnder(header('model=v6.12-stable')), 'inconclusive');
    assert.equal(verdictUnder(''), 'inconclusive');
  });
});
