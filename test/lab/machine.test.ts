import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archive, directory, file } from './cpio.ts';
import { KERNELS, MODE_PARAMETERS } from './kernels.ts';
import { type Machine, machineArguments } from './machine.ts';

const MACHINE: Machine = {
  mode: 'vhe',
  sme: false,
  cpus: 2,
  memory: 1536,
  kernel: '/k/Image',
  initrd: '/i',
  firmware: '/f',
  count: undefined,
};

const after = (args: readonly string[], option: string): string | undefined => args[args.indexOf(option) + 1];

test('every mode of every kernel has its kernel parameters, once', () => {
  for (const mode of new Set(KERNELS.flatMap(({ modes }) => modes))) {
    const append = after(machineArguments({ ...MACHINE, mode }), '-append') ?? '';
    assert.equal(append, `console=ttyAMA0 rdinit=/init panic=-1 loglevel=4 nokaslr ${MODE_PARAMETERS[mode]}`.trim());
  }
});

test('vectors of one length, with and without SME', () => {
  assert.equal(after(machineArguments(MACHINE), '-cpu'), 'max,sve=on,sve-max-vq=4,sme=off');
  assert.equal(
    after(machineArguments({ ...MACHINE, sme: true }), '-cpu'),
    'max,sve=on,sve-max-vq=4,sme=on,sme1024=off,sme2048=off',
  );
});

test('the plugin is loaded where something is counted', () => {
  assert.ok(!machineArguments(MACHINE).includes('-plugin'));
  const count = { plugin: '/p.so', plan: '/plan', output: '/out' };
  assert.equal(after(machineArguments({ ...MACHINE, count }), '-plugin'), '/p.so,plan=/plan,out=/out');
});

test('an archive has directories before what is in them, and every part begins at a multiple of four', () => {
  const bytes = archive([directory('tmp'), file('a/b/c', 'text'), file('a/d', new Uint8Array([1, 2, 3]))]);
  const names: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    assert.equal(at % 4, 0);
    assert.equal(bytes.toString('latin1', at, at + 6), '070701');
    const field = (index: number): number =>
      Number.parseInt(bytes.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const nameLength = field(11);
    names.push(bytes.toString('latin1', at + 110, at + 110 + nameLength - 1));
    const content = at + ((110 + nameLength + 3) & ~3);
    if (names.at(-1) === 'a/b/c') assert.equal(bytes.toString('latin1', content, content + field(6)), 'text');
    at = content + ((field(6) + 3) & ~3);
  }
  assert.deepEqual(names, ['a', 'a/b', 'tmp', 'a/b/c', 'a/d', 'TRAILER!!!']);
});
