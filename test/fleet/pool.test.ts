import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inPool, type Outcome } from '../../lib/fleet/pool.ts';
import type { Answer, Task } from './pool-program.ts';

const program = new URL('./pool-program.ts', import.meta.url);
const SETTINGS: Answer['settings'] = { big: 2n ** 60n };
const poolOf = (tasks: Iterable<Task>, jobs: number) =>
  inPool<Answer['settings'], Task, Answer>(tasks, { program, settings: SETTINGS, jobs });

async function outcomesOf(tasks: readonly Task[], jobs: number): Promise<Outcome<Answer>[]> {
  const outcomes: Outcome<Answer>[] = [];
  for await (const { outcome } of poolOf(tasks, jobs)) outcomes.push(outcome);
  return outcomes;
}

const nameOf = (outcome: Outcome<Answer>): string => ('died' in outcome ? outcome.died : outcome.result.name);

test('results come in the order of the tasks, whichever is ready first', async () => {
  const tasks = [60, 0, 30, 0, 0, 20, 0].map((takes, at) => ({ name: String(at), takes }));
  const outcomes = await outcomesOf(tasks, 3);
  assert.deepEqual(outcomes.map(nameOf), ['0', '1', '2', '3', '4', '5', '6']);
  for (const outcome of outcomes) assert.deepEqual('result' in outcome && outcome.result.settings, SETTINGS);
});

test('as many processes work as there are jobs', async () => {
  const tasks = Array.from({ length: 8 }, (_, at) => ({ name: String(at), takes: 200 }));
  const pids = (await outcomesOf(tasks, 2)).map((outcome) => ('result' in outcome ? outcome.result.pid : 0));
  assert.equal(new Set(pids).size, 2);
});

test('a process that ends takes its task with it and nothing else', async () => {
  const ends: readonly (Task['end'] | undefined)[] = [
    undefined,
    'kill',
    undefined,
    'exit',
    undefined,
    'throw',
    undefined,
  ];
  const tasks = ends.map((end, at) => ({ name: String(at), takes: 0, ...(end !== undefined && { end }) }));
  for (const jobs of [1, 2]) {
    const names = (await outcomesOf(tasks, jobs)).map(nameOf);
    assert.deepEqual(names, ['0', 'SIGKILL', '2', 'exit code 7', '4', 'exit code 1', '6']);
  }
});

test('a process that is ended by a signal in good order is ended by that signal', async () => {
  const tasks = (['SIGHUP', 'SIGINT', 'SIGTERM'] as const).map((end) => ({ name: end, takes: 0, end }));
  assert.deepEqual((await outcomesOf(tasks, 1)).map(nameOf), ['SIGHUP', 'SIGINT', 'SIGTERM']);
});

test('tasks are taken as they are needed, and whoever stops listening ends the processes', async () => {
  let taken = 0;
  function* endless(): Generator<Task> {
    for (;;) yield { name: String(taken++), takes: 0 };
  }
  let pid = 0;
  for await (const { outcome } of poolOf(endless(), 1)) {
    assert.ok('result' in outcome);
    pid = outcome.result.pid;
    if (outcome.result.name === '9') break;
  }
  assert.ok(taken < 1000, `${taken} tasks`);
  const isThere = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const end = Date.now() + 10_000;
  while (isThere() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(isThere(), false);
  // What is still there would keep this process from ending.
  assert.deepEqual(
    process.getActiveResourcesInfo().filter((what) => what === 'ProcessWrap'),
    [],
  );
});
