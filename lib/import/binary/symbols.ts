/** Names of functions by address, from the text of /proc/kallsyms: `ffff800080032fd8 T fpsimd_thread_switch`. */

export interface Symbols {
  /** The name of the function that an address lies in; the address itself where nothing says it. */
  nameOf(address: bigint): string;
}

const LINE = /^([0-9a-f]{8,16}) [tTwW] (\S{1,512})/;

/** The text is looked at when the first name is asked for: most recordings have no entry that needs one. */
export function createSymbols(kallsyms: Buffer): Symbols {
  let table: { readonly addresses: BigUint64Array; readonly names: readonly string[] } | undefined;

  function parse(): NonNullable<typeof table> {
    const found: [bigint, string][] = [];
    for (const line of kallsyms.toString('latin1').split('\n')) {
      const match = LINE.exec(line);
      // Where addresses are hidden (kptr_restrict) all of them are 0.
      if (match !== null && !/^0+$/.test(match[1] as string)) found.push([BigInt(`0x${match[1]}`), match[2] as string]);
    }
    found.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
    return { addresses: BigUint64Array.from(found, ([address]) => address), names: found.map(([, name]) => name) };
  }

  return {
    nameOf(address) {
      table ??= parse();
      const { addresses, names } = table;
      let low = 0;
      let high = addresses.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((addresses[middle] as bigint) <= address) low = middle + 1;
        else high = middle;
      }
      return names[low - 1] ?? `0x${address.toString(16)}`;
    },
  };
}
