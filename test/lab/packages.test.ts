import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aptConfiguration, kernelPackages, mirrorsOf, selftestsFor, sourcesList } from './packages.ts';
import { programsNamed } from './selftests.ts';

test('the newest kernel of a series comes first, and where it is split the package that has it', () => {
  const names = [
    'linux-image-7.2.9+deb13-arm64',
    'linux-image-7.2.12+deb13-arm64',
    'linux-binary-7.2.12+deb13-arm64',
    'linux-image-7.2.12+deb13-arm64-dbg',
    'linux-image-7.2.12+deb13-arm64-16k',
    'linux-image-7.2.12+deb13-rt-arm64',
    'linux-image-7.2-arm64',
    'linux-image-7.20.1+deb14-arm64',
    'linux-headers-7.2.13+deb13-arm64',
  ];
  assert.deepEqual(kernelPackages(names, '7.2'), [
    { package: 'linux-binary-7.2.12+deb13-arm64', release: '7.2.12+deb13-arm64' },
    { package: 'linux-image-7.2.12+deb13-arm64', release: '7.2.12+deb13-arm64' },
    { package: 'linux-image-7.2.9+deb13-arm64', release: '7.2.9+deb13-arm64' },
  ]);
});

test('kernels named by ABI number, and a series that is the beginning of another', () => {
  const names = ['linux-image-6.1.0-9-arm64', 'linux-image-6.1.0-56-arm64', 'linux-image-6.12.118+deb13-arm64'];
  assert.deepEqual(
    kernelPackages(names, '6.1').map(({ release }) => release),
    ['6.1.0-56-arm64', '6.1.0-9-arm64'],
  );
  assert.deepEqual(kernelPackages(names, '6.18'), []);
});

test('mirrors are those of Debian that apt uses', () => {
  const targets = [
    'Other|Debian|http://other.invalid/',
    'Debian|Debian Backports|http://backports.invalid/debian/',
    'Debian|Debian|http://mirror.invalid/debian/',
    'Debian|Debian-Security|http://mirror.invalid/debian-security/',
  ].join('\n');
  assert.deepEqual(mirrorsOf(targets), {
    main: 'http://mirror.invalid/debian/',
    security: 'http://mirror.invalid/debian-security/',
  });
  assert.deepEqual(mirrorsOf(''), { main: undefined, security: undefined });
});

test('no suite stands twice in sources.list for an architecture', () => {
  for (const architecture of ['amd64', 'arm64']) {
    const lines = sourcesList('http://m.invalid', 'http://s.invalid', architecture).trim().split('\n');
    const seen = lines.flatMap((line) => {
      const [, architectures, uri, suite] = /^deb \[arch=(\S+)\] (\S+) (\S+) main$/.exec(line) ?? [];
      return [...new Set(architectures?.split(','))].map((name) => `${name} ${uri} ${suite}`);
    });
    assert.equal(new Set(seen).size, seen.length);
    assert.equal(seen.length, architecture === 'arm64' ? 9 : 10);
  }
  assert.ok(!sourcesList('http://m.invalid', undefined, 'amd64').includes('security'));
});

test("apt keeps its state in the folder, and reads none of the system's sources", () => {
  const text = aptConfiguration('/folder', 'amd64');
  for (const line of ['Dir::State "/folder";', 'Dir::Cache "/folder";', 'Dir::Etc::sourceparts "/dev/null";'])
    assert.ok(text.includes(line), line);
  assert.match(text, /APT::Architectures \{ "amd64"; "arm64"; \};/);
});

test('selftests are those of the kernel, or of the next that has its source packaged', () => {
  const chosen = ['6.1', '6.12', '6.16', '7.2', '7.3', '7.9'].map((series) => selftestsFor(series).series);
  assert.deepEqual(chosen, ['6.1', '6.12', '7.3', '7.3', '7.3', '7.3']);
});

test('selftests are built where the Makefiles name them, under either folder', () => {
  const makefile =
    'TEST += aarch64/debug-exceptions\nTEST += steal_time\nX = arm64/at\n\tssve-test za-test \\\nrseq_test';
  const names = ['debug-exceptions', 'steal_time', 'at', 'ssve-test', 'sve-test', 'za', 'rseq'];
  assert.deepEqual(programsNamed(makefile, names), ['aarch64/debug-exceptions', 'steal_time', 'arm64/at', 'ssve-test']);
});
