import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Failure } from '../../lib/cli/exit.ts';
import { runProgram } from '../../lib/cli/program.ts';
import { streamOutput } from '../../lib/cli/terminal/output.ts';
import { int, member, struct, writeBtf } from '../btf/btf-writer.ts';

const directory = mkdtempSync(join(tmpdir(), 'btf-commands-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(directory, name), bytes);
  return join(directory, name);
};
const KERNEL = writeBtf([
  int('int', 4),
  struct('kvm_vcpu_arch', 64, member('fp_state', 1, 8)),
  struct('kvm_vcpu', 128, member('vcpu_id', 1, 36), member('arch', 2, 64)),
  struct('kvm_host_data', 32, member('fp_owner', 1, 16)),
]);

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const result = { code: -1, stdout: '', stderr: '' };
  const collect = (key: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk, _encoding, done) {
        result[key] += chunk;
        done();
      },
    });
  const io = { stdin: {}, stdout: collect('stdout'), stderr: collect('stderr'), env: {} };
  const output = streamOutput(io.stdout);
  result.code = await runProgram(argv, { stdout: output, io });
  await output.finish();
  return result;
}

test('probes writes the script to stdout and what it lacks to stderr', async () => {
  const bare = await run('probes');
  assert.equal(bare.code, 0);
  assert.match(bare.stdout, /^#!\/bin\/sh\n/);
  assert.match(bare.stderr, /^note: without BTF/);
  const full = await run('probes', '--btf', file('plain', KERNEL), '--mode', 'nvhe', '--cpus', '4', '--both-instances');
  assert.match(full.stdout, /^owner_offset='10'$/m);
  assert.match(full.stdout, /^asked_mode='nvhe'$/m);
  assert.match(full.stdout, /^asked_cpus=4$/m);
  assert.match(full.stdout, /^both_instances=1$/m);
  const zipped = await run('probes', '--btf', file('zipped', gzipSync(KERNEL)), '--function', 'kvm_vcpu_load_debug');
  assert.match(zipped.stdout, /^probe p kvm_vcpu_load_debug /m);
});

test('probes refuses with a usage error', async () => {
  await assert.rejects(run('probes', '--function', 'kvm_hyp_handle_fpsimd'), Failure);
  await assert.rejects(
    run('probes', '--btf', join(directory, 'absent')),
    /absent: expected a file that can be read, found no such file$/,
  );
  await assert.rejects(run('probes', '--btf', file('elf', Buffer.from('\x7fELF'.padEnd(64)))), /is no BTF: at byte 0/);
  await assert.rejects(run('probes', '--mode', 'el3'), { code: 'commander.invalidArgument' });
  await assert.rejects(run('probes', '--cpus', '0'), { code: 'commander.invalidArgument' });
});

test('a limit is an error of both commands, never a field that is missing, and its option lifts it', async () => {
  const many = Array.from({ length: 300 }, (_, n) => member(`m${n}`, 1, 0));
  const path = file(
    'large',
    writeBtf([
      int('int', 4),
      struct('kvm_vcpu_arch', 64, ...many, member('fp_state', 1, 8)),
      struct('kvm_vcpu', 128, ...many, member('vcpu_id', 1, 36), member('arch', 2, 64)),
      struct('kvm_host_data', 32, ...many, member('fp_owner', 1, 16)),
    ]),
  );
  for (const command of ['probes', 'footprint']) {
    const few = run(command, '--btf', path, '--max-btf-members', '300');
    await assert.rejects(few, /BTF: .*expected at most 300 members .*\(--max-btf-members lifts this limit\)$/);
    assert.equal((await run(command, '--btf', path, '--max-btf-members', '303')).code, 0);
    await assert.rejects(run(command, '--btf', path, '--max-btf-name', '8'), /--max-btf-name lifts this limit/);
    await assert.rejects(run(command, '--btf', path, '--max-btf-types', '3'), /--max-btf-types lifts this limit/);
    await assert.rejects(run(command, '--btf', path, '--max-btf-bytes', '99'), /--max-btf-bytes lifts this limit/);
    await assert.rejects(
      run(command, '--btf', '/dev/zero'),
      /\/dev\/zero: expected at most 33554432 bytes, found more/,
    );
  }
});

test('footprint prints text and JSON, of models or of a kernel', async () => {
  const text = await run('footprint', '--models', 'v6.2,v6.10', '--vcpus', '10', '--cpus', '2');
  assert.equal(text.code, 0);
  assert.match(text.stdout, /10 vCPUs on 2 CPUs/);
  assert.match(text.stdout, /^v6\.10 +0 +548/m);
  assert.doesNotMatch(text.stdout, /v7\.1/);
  const json = JSON.parse((await run('footprint', '--btf', file('kernel', KERNEL), '--format', 'json')).stdout);
  assert.deepEqual([json.vcpus, json.cpus], [64, 16]);
  assert.deepEqual(json.kernel.cpu.fields, [{ name: 'fp_owner', bytes: 4, offset: 16 }]);
  await assert.rejects(run('footprint', '--models', 'v9'), /unknown model 'v9'/);
  await assert.rejects(run('footprint', '--models', 'v6.2', '--btf', file('kernel', KERNEL)), Failure);
});
