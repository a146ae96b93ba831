/** BTF that is wrong or made to exhaust, always the same: whatever it is, a command ends soon, with a result or an error. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { int, member, struct, writeBtf } from '../btf/btf-writer.ts';
import { btfInputOf } from './btf-input.ts';
import { tryInput } from './try.ts';

const folder = mkdtempSync(join(tmpdir(), 'worldswitch-'));
after(() => rmSync(folder, { recursive: true }));

const BLOBS = 400;

test(`${BLOBS} blobs`, async () => {
  const codes = new Set<string>();
  for (let number = 0; number < BLOBS; number++) {
    const input = btfInputOf(number);
    const fault = await tryInput(input, join(folder, 'blob'));
    assert.equal(fault, undefined, `blob ${number}: ${input.argv.join(' ')}`);
    codes.add(String(input.argv[0]));
  }
  assert.deepEqual([...codes].sort(), ['footprint', 'probes']);
});

/** Says on stderr how much memory the process took at most, in KiB. */
const TELL_MEMORY = `data:text/javascript,process.on('exit',()=>process.stderr.write('\\n'+process.resourceUsage().maxRSS))`;

function memoryOf(argv: readonly string[]): number {
  const program = join(import.meta.dirname, '../../bin/worldswitch.ts');
  const node = ['--import', TELL_MEMORY, '--import', import.meta.resolve('tsx'), program];
  const { status, stderr } = spawnSync(process.execPath, [...node, ...argv], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  assert.ok(status === 0 || status === 2, `exit code ${status}: ${stderr.slice(0, 400)}`);
  return Number(/\d+$/.exec(stderr)?.[0]) * 1024;
}

const MOST_BYTES = 200 * 1024 * 1024;
const types = [int('u32', 4), struct('kvm_vcpu_arch', 8)];
const many = (name: string, count: number) =>
  struct('kvm_host_data', 8, ...Array.from({ length: count }, () => member(name, 1, 0)));

for (const [what, bytes] of [
  ['as many members with as long names as there may be', writeBtf([...types, many('n'.repeat(511), 8192)])],
  ['a blob of zeros as large as there may be', gzipSync(Buffer.alloc(32 * 1024 * 1024))],
  ['zeros that expand a thousand times', gzipSync(Buffer.alloc(256 * 1024 * 1024))],
  ['types without end', gzipSync(padded(writeBtf(types), 31 * 1024 * 1024))],
] as const) {
  test(`memory for ${what}`, () => {
    const path = join(folder, 'large');
    writeFileSync(path, bytes);
    const less = memoryOf(['footprint', '--models', 'v6.10']);
    for (const command of ['footprint', 'probes']) {
      const more = memoryOf([command, '--btf', path]) - less;
      assert.ok(more < MOST_BYTES, `${command}: ${more} bytes`);
    }
  });
}

/** The blob with integer types before its own, as many as fit into `bytes`. */
function padded(blob: Uint8Array, bytes: number): Buffer {
  const [head, body] = [Buffer.from(blob.subarray(0, 24)), blob.subarray(24)];
  // A forward declaration without a name: three words.
  const record = Buffer.from([0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0]);
  const count = Math.floor(bytes / record.length);
  const more = Buffer.alloc(count * record.length, record);
  const view = new DataView(head.buffer, head.byteOffset);
  view.setUint32(12, view.getUint32(12, true) + more.length, true);
  view.setUint32(16, view.getUint32(16, true) + more.length, true);
  return Buffer.concat([head, more, body]);
}
