/** What the counting plugin wrote. */

/**
 * Executions of one instruction. An address can have several: where a kprobe is set, a breakpoint stands for the word that was
 * there before.
 */
export interface Count {
  readonly address: bigint;
  readonly word: number;
  readonly count: number;
}

interface Snapshot {
  readonly name: string;
  /** By the line without its count. */
  readonly counts: ReadonlyMap<string, Count>;
}

export function parseSnapshots(text: string): Snapshot[] {
  const snapshots: { name: string; counts: Map<string, Count> }[] = [];
  text.split('\n').forEach((line, index) => {
    if (line === '' || line.startsWith('hyp ')) return;
    if (line === 'full') throw new Error('the counting plugin ran out of places: raise MAX_POINTS in plugin/count.c');
    const words = line.split(' ');
    if (words[0] === 'snap' && words[1] !== undefined) {
      snapshots.push({ name: words[1], counts: new Map() });
      return;
    }
    const [address, word, count] = words;
    const last = snapshots.at(-1);
    if (last === undefined || count === undefined || !/^[0-9a-f]+ [0-9a-f]+ \d+$/.test(line))
      throw new Error(`line ${index + 1} of the counts: expected "snap NAME" or "ADDRESS WORD COUNT", found "${line}"`);
    last.counts.set(`${address} ${word}`, {
      address: BigInt(`0x${address}`),
      word: Number.parseInt(word as string, 16),
      count: Number(count),
    });
  });
  return snapshots;
}

/**
 * What was executed while the capture ran: from the last beginning to the end after it. The capture script turns tracing on
 * before, to ask for kernel memory; it does so for the capture last.
 */
export function capturedWindow(snapshots: readonly Snapshot[]): Count[] {
  const begin = snapshots.findLastIndex(({ name }) => name === 'begin');
  const end = snapshots.findIndex(({ name }, index) => index > begin && name === 'end');
  if (begin < 0 || end < 0)
    throw new Error(
      `the counts have no capture: expected snapshots "begin" and "end", found ${snapshots.map(({ name }) => name).join(', ') || 'none'}`,
    );
  return difference(snapshots[begin] as Snapshot, snapshots[end] as Snapshot);
}

function difference(before: Snapshot, after: Snapshot): Count[] {
  return [...after.counts].flatMap(([key, { count, ...place }]) => {
    const executed = count - (before.counts.get(key)?.count ?? 0);
    return executed > 0 ? [{ ...place, count: executed }] : [];
  });
}

/** Executions of whatever stood at an address. */
export function byAddress(counts: readonly Count[]): ReadonlyMap<bigint, number> {
  const result = new Map<bigint, number>();
  for (const { address, count } of counts) result.set(address, (result.get(address) ?? 0) + count);
  return result;
}
