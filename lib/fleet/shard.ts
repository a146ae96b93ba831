/** Which part of a list one of several processes takes: each item is in one shard, whoever works it out. */

/** Shard `index` of `count`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface Sized {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/**
 * The items of the shard, the largest first: each item, from the largest to the smallest, goes to the shard that has the
 * fewest bytes so far, so that shards are of one size as far as their items allow (a longest one takes at most 4/3 of the
 * time of the best division: Graham 1969). Depends on paths and sizes alone, not on the order of the list.
 */
export function shardOf<T extends Sized>(items: readonly T[], { index, count }: Shard): readonly T[] {
  const loads = createLoads(count);
  return largestFirst(items).filter(({ size }) => loads.add(size) === index - 1);
}

export function largestFirst<T extends Sized>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** A binary heap of the shards by their load, the number of the shard deciding between equal ones. */
function createLoads(count: number): { add(size: number): number } {
  const heap = Array.from({ length: count }, (_, shard) => ({ shard, load: 0 }));
  type Load = (typeof heap)[number];
  const before = (a: Load, b: Load): boolean => a.load < b.load || (a.load === b.load && a.shard < b.shard);
  return {
    add(size) {
      const least = heap[0] as Load;
      // An empty file is an item too: it takes its time.
      least.load += size + 1;
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let next = at;
        if (left < count && before(heap[left] as Load, heap[next] as Load)) next = left;
        if (right < count && before(heap[right] as Load, heap[next] as Load)) next = right;
        if (next === at) return least.shard;
        [heap[at], heap[next]] = [heap[next] as Load, heap[at] as Load];
        at = next;
      }
    },
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A shard and where its number comes from, or what is wrong, in words (unescaped). */
export type Chosen = { readonly shard: Shard; readonly from: string } | { readonly wrong: string };

/** "3/16", or "/16" where the environment says which. Undefined where neither it nor the environment says anything. */
export function chooseShard(text: string | undefined, env: Environment): Chosen | undefined {
  const [, said, of] = /^(\d{1,7})?\/(\d{1,7})$/.exec(text ?? '') ?? [];
  if (text !== undefined && of === undefined) return { wrong: `--shard ${text}: expected I/N, such as 3/16, or /N` };
  if (said !== undefined) return checked(Number(said), Number(of), `--shard ${text}`);
  const count = of === undefined ? undefined : Number(of);
  if (env.SLURM_ARRAY_TASK_ID !== undefined) return slurm(env, count);
  if (env.JOB_COMPLETION_INDEX !== undefined) return kubernetes(env.JOB_COMPLETION_INDEX, count);
  if (count === undefined) return undefined;
  return { wrong: `--shard ${text}: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX says which of them` };
}

function checked(index: number, count: number, from: string): Chosen {
  if (index >= 1 && index <= count && count <= 1_000_000) return { shard: { index, count }, from };
  return { wrong: `${from}: shard ${index} of ${count}, expected one from 1 to ${count}, of at most 1000000` };
}

/** Tasks of a job array are numbered from its least one, in its steps. */
function slurm(env: Environment, count: number | undefined): Chosen {
  const number = (name: string, absent?: string): number => {
    const text = env[name] ?? absent ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  };
  const least = number('SLURM_ARRAY_TASK_MIN', '0');
  const index = (number('SLURM_ARRAY_TASK_ID') - least) / number('SLURM_ARRAY_TASK_STEP', '1') + 1;
  const many = count ?? number('SLURM_ARRAY_TASK_COUNT');
  if (Number.isInteger(index) && Number.isInteger(many)) return checked(index, many, 'SLURM_ARRAY_TASK_ID');
  return { wrong: 'SLURM_ARRAY_TASK_ID is not one of a plain range of tasks, such as --array=1-16: say --shard I/N' };
}

/** Pods of an indexed Job are numbered from 0; how many there are, no variable says. */
function kubernetes(text: string, count: number | undefined): Chosen {
  if (count === undefined) return { wrong: 'JOB_COMPLETION_INDEX is set: say with --shard /N how many completions' };
  if (!/^\d{1,7}$/.test(text)) return { wrong: `JOB_COMPLETION_INDEX is ${text}: expected an integer` };
  return checked(Number(text) + 1, count, 'JOB_COMPLETION_INDEX');
}
