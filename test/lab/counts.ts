/** What the counting plugin wrote. */

/** Executions by address. */
export type Counts = ReadonlyMap<bigint, { readonly word: number; readonly count: number }>;

interface Snapshot {
  readonly name: string;
  readonly counts: Counts;
}

export function parseSnapshots(text: string): Snapshot[] {
  const snapshots: { name: string; counts: Map<bigint, { word: number; count: number }> }[] = [];
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
    last.counts.set(BigInt(`0x${address}`), { word: Number.parseInt(word as string, 16), count: Number(count) });
  });
  return snapshots;
}

/**
 * What was executed while the capture ran: from the last beginning to the end after it. The capture script turns tracing on
 * before, to ask for kernel memory; it does so for the capture last.
 */
export function capturedWindow(snapshots: readonly Snapshot[]): Counts {
  const begin = snapshots.findLastIndex(({ name }) => name === 'begin');
  const end = snapshots.findIndex(({ name }, index) => index > begin && name === 'end');
  if (begin < 0 || end < 0)
    throw new Error(
      `the counts have no capture: expected snapshots "begin" and "end", found ${snapshots.map(({ name }) => name).join(', ') || 'none'}`,
    );
  return difference(snapshots[begin]?.counts ?? new Map(), snapshots[end]?.counts ?? new Map());
}

function difference(before: Counts, after: Counts): Counts {
  const result = new Map<bigint, { word: number; count: number }>();
  for (const [address, { word, count }] of after) {
    const executed = count - (before.get(address)?.count ?? 0);
    if (executed > 0) result.set(address, { word, count: executed });
  }
  return result;
}
