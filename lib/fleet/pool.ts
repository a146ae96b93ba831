/**
 * Work on several cores: a task goes to whichever process is free, the results come in the order of the tasks, whatever
 * the timing. Processes, not threads: a trace that takes one down with it takes nothing else.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { constants } from 'node:os';

export interface Pool<Settings> {
  /** The program of the processes, which calls `serve`. */
  readonly program: URL;
  /** What every process is told once. */
  readonly settings: Settings;
  /** How many processes, 1 or more. */
  readonly jobs: number;
}

/** What the process sends and is sent. Structured clones: settings may hold bigints. */
export interface Assignment<Settings, Task> {
  readonly settings?: Settings;
  readonly task: Task;
}

/** What became of a task. */
export type Outcome<Result> =
  | { readonly result: Result }
  /** The process ended instead of answering: "exit code 3", or by which signal, "SIGKILL". */
  | { readonly died: string };

/** There is a process for each core: threads that collect its garbage beside it would take time from the others, and more of it. */
const ALONE = ['--single-threaded-gc'];

/** Tasks that are given out beyond the one whose result is awaited: bounds the results that are held. */
const AHEAD = 256;

/** Each task with its outcome, in the order of the tasks. Ends its processes when it is not iterated further. */
export async function* inPool<Settings, Task, Result>(
  tasks: Iterable<Task>,
  { program, settings, jobs }: Pool<Settings>,
): AsyncGenerator<{ readonly task: Task; readonly outcome: Outcome<Result> }> {
  const desks = Array.from({ length: jobs }, () => createDesk<Settings, Task, Result>(program, settings));
  const free = createQueue(desks);
  let over = false;
  const work = async (task: Task): Promise<Outcome<Result>> => {
    const desk = await free.take();
    // Nobody waits for it any more, and a process that is started now would never be ended.
    if (over) return { died: 'not begun' };
    const outcome = await desk.run(task);
    free.give(desk);
    return outcome;
  };
  try {
    const rest = tasks[Symbol.iterator]();
    const given: { readonly task: Task; readonly outcome: Promise<Outcome<Result>> }[] = [];
    for (;;) {
      while (given.length < AHEAD) {
        const { done, value } = rest.next();
        if (done) break;
        given.push({ task: value, outcome: work(value) });
      }
      const first = given.shift();
      if (first === undefined) return;
      yield { task: first.task, outcome: await first.outcome };
    }
  } finally {
    over = true;
    for (const desk of desks) desk.close();
  }
}

interface Desk<Task, Result> {
  /** One task at a time. */
  run(task: Task): Promise<Outcome<Result>>;
  close(): void;
}

/** A place for one process, which is started where there is something to do and after the one before it has died. */
function createDesk<Settings, Task, Result>(program: URL, settings: Settings): Desk<Task, Result> {
  let child: ChildProcess | undefined;
  const started = (): ChildProcess => {
    const made = fork(program, {
      serialization: 'advanced',
      execArgv: [...ALONE, ...inherited()],
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    // What is sent to a process that is gone fails; that it is gone, its exit tells.
    made.on('error', () => {});
    made.on('exit', () => {
      if (child === made) child = undefined;
    });
    child = made;
    return made;
  };
  return {
    run(task) {
      const assignment: Assignment<Settings, Task> = child === undefined ? { settings, task } : { task };
      const process = child ?? started();
      return new Promise((resolve) => {
        const end = (outcome: Outcome<Result>): void => {
          process.off('message', answered).off('exit', exited);
          resolve(outcome);
        };
        const answered = (result: unknown): void => end({ result: result as Result });
        const exited = (code: number | null, signal: string | null): void =>
          end({ died: signal ?? signalOf(code) ?? `exit code ${code}` });
        process.on('message', answered).on('exit', exited);
        process.send(assignment, () => {});
      });
    },
    close: () => child?.disconnect(),
  };
}

/** Of a process that was ended by a signal in good order. */
function signalOf(code: number | null): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => code === 128 + number)?.[0];
}

/** What brings TypeScript to a process in development; not what is said of this process alone, such as `-e` or `--test`. */
function inherited(): string[] {
  return process.execArgv.flatMap((option, at) => {
    if (option.startsWith('--import=') || option.startsWith('--max-old-space-size')) return [option];
    return option === '--import' ? [option, process.execArgv[at + 1] ?? ''] : [];
  });
}

function createQueue<T>(items: readonly T[]): { take(): Promise<T>; give(item: T): void } {
  const here = [...items];
  const waiting: ((item: T) => void)[] = [];
  return {
    take() {
      const item = here.shift();
      return item === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(item);
    },
    give(item) {
      const next = waiting.shift();
      if (next === undefined) here.push(item);
      else next(item);
    },
  };
}
