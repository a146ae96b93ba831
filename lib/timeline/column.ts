/** Numbers that come one after the other, of which there may be millions. */

const FIRST = 1024;

/** Integers from 0 to 2^32 - 1. */
export class Column {
  #items = new Uint32Array(FIRST);
  length = 0;

  push(value: number): void {
    if (this.length === this.#items.length) {
      const wider = new Uint32Array(2 * this.length);
      wider.set(this.#items);
      this.#items = wider;
    }
    this.#items[this.length++] = value;
  }

  at(index: number): number {
    return this.#items[index] as number;
  }

  /** All of them, in an array of their length. */
  finish(): Uint32Array {
    return this.#items.slice(0, this.length);
  }
}

/** The same for times, which are larger; exact up to 2^53 - 1. */
export class TimeColumn {
  #items = new Float64Array(FIRST);
  length = 0;

  push(value: number): void {
    if (this.length === this.#items.length) {
      const wider = new Float64Array(2 * this.length);
      wider.set(this.#items);
      this.#items = wider;
    }
    this.#items[this.length++] = value;
  }

  finish(): Float64Array {
    return this.#items.slice(0, this.length);
  }
}
