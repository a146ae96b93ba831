/** Times of events: of those that are in order the first and the last are told. */

export interface Clock {
  /** Halves of a time, as signed integers. */
  note(high: number, low: number): void;
  /** Tells what is noted. */
  tell(): void;
}

/** `hear` gets halves of a time, unsigned. */
export function createClock(hear: (tsHigh: number, tsLow: number) => void): Clock {
  let isOpen = false;
  let lastHigh = 0;
  let lastLow = 0;
  const tell = (): void => {
    if (isOpen) hear(lastHigh >>> 0, lastLow >>> 0);
    isOpen = false;
  };
  return {
    note(high, low) {
      const isLater = high === lastHigh ? low >>> 0 >= lastLow >>> 0 : high >>> 0 > lastHigh >>> 0;
      if (!isOpen || !isLater) {
        tell();
        hear(high >>> 0, low >>> 0);
        isOpen = true;
      }
      lastHigh = high;
      lastLow = low;
    },
    tell,
  };
}
