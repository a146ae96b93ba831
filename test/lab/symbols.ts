/** The symbols of a kernel: /proc/kallsyms of a boot without KASLR, where they have their linked addresses. */

export interface Symbols {
  /** The first address of a name. */
  readonly address: ReadonlyMap<string, bigint>;
  /** Functions and labels of the text, by address. */
  readonly sorted: readonly { readonly address: bigint; readonly name: string }[];
}

/** `address type name`; symbols of modules have a fourth column and are left out. */
export function parseSymbols(text: string): Symbols {
  const address = new Map<string, bigint>();
  const sorted: { address: bigint; name: string }[] = [];
  for (const line of text.split('\n')) {
    const [digits, type, name, module] = line.trim().split(/\s+/);
    if (digits === undefined || type === undefined || name === undefined || module !== undefined) continue;
    const value = BigInt(`0x${digits}`);
    if (!address.has(name)) address.set(name, value);
    if (/^[tw]$/i.test(type) && !/^\$|__pi_/.test(name)) sorted.push({ address: value, name });
  }
  sorted.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  return { address, sorted };
}

export function addressOf(symbols: Symbols, name: string): bigint {
  const address = symbols.address.get(name);
  if (address === undefined) throw new Error(`the kernel has no symbol ${name}`);
  return address;
}

/** The symbol that an address belongs to, and how far into it. */
export function nearest(symbols: Symbols, address: bigint): { readonly name: string; readonly offset: number } {
  let low = 0;
  let high = symbols.sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((symbols.sorted[middle]?.address ?? 0n) <= address) low = middle + 1;
    else high = middle;
  }
  const symbol = symbols.sorted[low - 1];
  if (symbol === undefined) return { name: `0x${address.toString(16)}`, offset: 0 };
  return { name: symbol.name, offset: Number(address - symbol.address) };
}
