/** Numbers of a trace, one for each event: 12 bytes an event, so that a trace of any size can be held against another. */

export interface NumberTape {
  push(event: number, state: number, line: number): void;
  readonly length: number;
  event(index: number): number;
  state(index: number): number;
  line(index: number): number;
}

const WIDTH = 3;

export function createNumberTape(): NumberTape {
  let words = new Uint32Array(WIDTH * 1024);
  let length = 0;
  return {
    push(event, state, line) {
      if ((length + 1) * WIDTH > words.length) {
        const more = new Uint32Array(words.length * 2);
        more.set(words);
        words = more;
      }
      words[length * WIDTH] = event;
      words[length * WIDTH + 1] = state;
      words[length * WIDTH + 2] = line;
      length += 1;
    },
    get length() {
      return length;
    },
    event: (index) => words[index * WIDTH] as number,
    state: (index) => words[index * WIDTH + 1] as number,
    line: (index) => words[index * WIDTH + 2] as number,
  };
}
