/**
 * The scanner of scan.ts and scan-values.ts once more, in AssemblyScript, which the build compiles to WebAssembly: texts
 * are compared sixteen bytes at a time, times are read eight digits at a time, and nothing looks whether an index is within
 * its table. It takes the lines that the one in TypeScript takes and makes the same records of them. memory.ts says what
 * stands before this text, and what is in memory.
 */

const LINE_FEED: u32 = 0x0a;
const CARRIAGE_RETURN: u32 = 0x0d;
const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const SLASH: u32 = 0x2f;
const ZERO: u32 = 0x30;
const BACKSLASH: u32 = 0x5c;
const OPENING_BRACE: u32 = 0x7b;
const CLOSING_BRACE: u32 = 0x7d;
const FIRST_PRINTABLE: u32 = 0x20;

const SPREAD: u32 = 0x9e3779b1;
/** `true`, `fals`, `alse` and `"0x` as numbers. */
const TRUE: u32 = 0x65757274;
const FALSE_START: u32 = 0x736c6166;
const FALSE_END: u32 = 0x65736c61;
const QUOTED_0X: u32 = 0x783022;
/** 2^53, and the tenth of 2^64. */
const UNSAFE: u64 = 0x20_0000_0000_0000;
const TENTH: u64 = 1_844_674_407_370_955_161;
const LAST_NONE: i32 = 0;
const LAST_VCPU: i32 = 2;

/** Where there is no position: the line is not for this scanner. */
const NOWHERE: i32 = 0;

// @ts-ignore: decorator
@inline
function byteAt(at: i32): u32 {
  return load<u8>(at);
}

// @ts-ignore: decorator
@inline
function matches(entry: i32, at: i32): bool {
  if (v128.any_true(v128.and(v128.xor(v128.load(at), v128.load(entry)), v128.load(entry + ENTRY_MASK)))) return false;
  if (load<i32>(entry + ENTRY_LENGTH) <= 16) return true;
  return !v128.any_true(
    v128.and(v128.xor(v128.load(at + 16), v128.load(entry + 16)), v128.load(entry + ENTRY_MASK + 16)),
  );
}

function find(lexicon: i32, at: i32): i32 {
  const hash = (load<u32>(at) * SPREAD) >> load<u32>(lexicon);
  const entries = load<i32>(lexicon + LEXICON_ENTRIES);
  let id: i32 = load<i16>(lexicon + LEXICON_HEADS + (hash << 1));
  while (id != NONE && !matches(entries + id * ENTRY_BYTES, at)) id = load<i32>(entries + id * ENTRY_BYTES + ENTRY_NEXT);
  return id;
}

function takeInteger(start: i32, target: i32): i32 {
  let value = byteAt(start) - ZERO;
  if (value > 9) return NOWHERE;
  let position = start + 1;
  if (value != 0) {
    for (let digit = byteAt(position) - ZERO; digit <= 9; digit = byteAt(position) - ZERO) {
      if (position - start == MOST_DIGITS) return NOWHERE;
      value = value * 10 + digit;
      position++;
    }
  }
  store<u32>(target, value);
  return position;
}

function takeTruth(start: i32, target: i32): i32 {
  const text = load<u32>(start);
  if (text == TRUE) {
    store<u32>(target, 1);
    return start + 4;
  }
  if (text != FALSE_START || load<u32>(start + 1) != FALSE_END) return NOWHERE;
  store<u32>(target, 0);
  return start + 5;
}

function takeFlag(start: i32, target: i32): i32 {
  const digit = byteAt(start) - ZERO;
  if (digit > 1) return NOWHERE;
  store<u32>(target, digit);
  return start + 1;
}

/** Eight digits at once, in a word that holds their values. */
// @ts-ignore: decorator
@inline
function eightDigits(digits: u64): u64 {
  const pairs = (digits * 2561) >> 8;
  const fours = ((pairs & 0x00ff00ff00ff00ff) * 6553601) >> 16;
  return ((fours & 0x0000ffff0000ffff) * 42949672960001) >> 32;
}

function takeTime(start: i32, target: i32): i32 {
  const isQuoted = byteAt(start) == QUOTE;
  const first = isQuoted ? start + 1 : start;
  let position = first;
  let value: u64 = 0;
  while (position - first < 16) {
    const digits = load<u64>(position) ^ 0x3030303030303030;
    // A byte above 9 has its high bit set once 0x76 is added, or had it set before.
    if ((((digits & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676) | digits) & 0x8080808080808080) break;
    value = value * 100_000_000 + eightDigits(digits);
    position += 8;
  }
  for (let digit = byteAt(position) - ZERO; digit <= 9; digit = byteAt(position) - ZERO) {
    if (value > TENTH || (value == TENTH && digit > 5)) return NOWHERE;
    value = value * 10 + digit;
    position++;
  }
  const length = position - first;
  if (length == 0 || (length > 1 && byteAt(first) == ZERO)) return NOWHERE;
  if (!isQuoted && value >= UNSAFE) return NOWHERE;
  store<u32>(target, <u32>(value >> 32));
  store<u32>(target + 4, <u32>value);
  if (!isQuoted) return position;
  return byteAt(position) == QUOTE ? position + 1 : NOWHERE;
}

function takeHex(start: i32, bits: i32, target: i32): i32 {
  if ((load<u32>(start) & 0xff_ffff) != QUOTED_0X) return NOWHERE;
  const first = start + 3;
  let position = first;
  let value: u64 = 0;
  for (let digit: i32 = load<i8>(HEX_DIGITS + byteAt(position)); digit >= 0; ) {
    value = (value << 4) | digit;
    position++;
    digit = load<i8>(HEX_DIGITS + byteAt(position));
  }
  const length = position - first;
  if (length == 0 || length > 16 || byteAt(position) != QUOTE) return NOWHERE;
  if (bits > 31) {
    if (bits < 64) return NOWHERE;
    store<u32>(target, <u32>(value >> 32));
    store<u32>(target + 4, <u32>value);
  } else {
    if (value >> bits) return NOWHERE;
    store<u32>(target, <u32>value);
  }
  return position + 1;
}

function takeEntity(start: i32, target: i32): i32 {
  const last = find(ENTITY_TEXTS, start);
  if (last == NONE) return NOWHERE;
  store<i32>(target, last);
  let position = start + 6;
  if (last == LAST_NONE) return position;
  position = takeInteger(position, target + 4);
  if (position == NOWHERE) return NOWHERE;
  if (last == LAST_VCPU) {
    if (byteAt(position) != SLASH) return NOWHERE;
    position = takeInteger(position + 1, target + 8);
    if (position == NOWHERE) return NOWHERE;
  }
  return byteAt(position) == QUOTE ? position + 1 : NOWHERE;
}

function skipText(start: i32): i32 {
  if (byteAt(start) != QUOTE) return NOWHERE;
  let position = start + 1;
  let byte = byteAt(position);
  while (byte != QUOTE) {
    if (byte < FIRST_PRINTABLE || byte == BACKSLASH) return NOWHERE;
    position++;
    byte = byteAt(position);
  }
  return position + 1;
}

/** The words of a row: method, place, least, most, multiple, bits, lexicon and its entries. */
function takeValue(position: i32, row: i32, record: i32): i32 {
  const target = record + load<i32>(row, 4);
  switch (load<i32>(row)) {
    case INTEGER: {
      const end = takeInteger(position, target);
      if (end == NOWHERE) return NOWHERE;
      const value = load<i32>(target);
      if (value < load<i32>(row, 8) || value > load<i32>(row, 12)) return NOWHERE;
      const multiple = load<i32>(row, 16);
      return multiple == 1 || value % multiple == 0 ? end : NOWHERE;
    }
    case TRUTH:
      return takeTruth(position, target);
    case BIT:
      return takeFlag(position, target);
    case FLAG: {
      const end = takeTruth(position, target);
      return end == NOWHERE ? takeFlag(position, target) : end;
    }
    case TIME:
      return takeTime(position, target);
    case HEX:
      return takeHex(position, load<i32>(row, 20), target);
    case ENUM: {
      const value = find(load<i32>(row, 24), position);
      if (value == NONE) return NOWHERE;
      store<i32>(target, value);
      return position + load<i32>(load<i32>(row, 28) + value * ENTRY_BYTES + ENTRY_LENGTH);
    }
    case ENTITY:
      return takeEntity(position, target);
    case TEXT:
      return skipText(position);
    default:
      return NOWHERE;
  }
}

function scanLine(start: i32, record: i32): i32 {
  const lastPart = RECORD_BYTES - 16;
  for (let at = 0; at < lastPart; at += 16) v128.store(record + at, v128.load(EMPTY + at));
  v128.store(record + lastPart, v128.load(EMPTY + lastPart));
  if (byteAt(start) != OPENING_BRACE) return NOWHERE;
  let position = start + 1;
  let kind = NOT_YET;
  let key = FIRST;
  let seen: u64 = 0;
  let after = COMMA;
  while (after == COMMA) {
    const guess = FOLLOWING + kind * KEYS + key;
    key = load<u8>(guess);
    if (!matches(KEY_ENTRIES + key * ENTRY_BYTES, position)) {
      key = find(KEY_TEXTS, position);
      if (key == NONE) return NOWHERE;
      store<u8>(guess, <u8>key);
    }
    position += load<i32>(KEY_ENTRIES + key * ENTRY_BYTES + ENTRY_LENGTH);
    if (key == EVENT_KEY) {
      if (kind != NOT_YET) return NOWHERE;
      kind = find(EVENT_TEXTS, position);
      if (kind == NONE) return NOWHERE;
      position += load<i32>(EVENT_ENTRIES + kind * ENTRY_BYTES + ENTRY_LENGTH);
    } else {
      const bit = <u64>1 << <u64>key;
      if (seen & bit) return NOWHERE;
      seen |= bit;
      position = takeValue(position, KEY_ROWS + key * KEY_BYTES, record);
      if (position == NOWHERE) return NOWHERE;
    }
    after = byteAt(position);
    position++;
  }
  if (after != CLOSING_BRACE) return NOWHERE;
  if (byteAt(position) == CARRIAGE_RETURN) position++;
  if (byteAt(position) != LINE_FEED) return NOWHERE;
  if (kind == NOT_YET) return NOWHERE;
  const required = load<u64>(REQUIRED + kind * 8);
  if ((seen & required) != required || (seen & load<u64>(OTHERS + kind * 8))) return NOWHERE;
  store<i32>(record + KIND_BYTE, kind);
  store<u64>(record + SEEN_BYTE, seen);
  return position + 1;
}

/**
 * Scans lines from the position and the line number in STATE to `end`, until the records from `record` on reach beyond
 * `full`, or to a line that is not for this scanner, which STATE then says. Returns where the next record goes.
 */
export function scan(end: i32, record: i32, full: i32): i32 {
  let position = load<i32>(STATE);
  let line = load<i32>(STATE, 4);
  store<i32>(STATE, 0, 8);
  while (position < end && record <= full) {
    if (byteAt(position) == LINE_FEED) {
      position++;
    } else {
      const next = scanLine(position, record);
      if (next == NOWHERE) {
        store<i32>(STATE, 1, 8);
        break;
      }
      store<i32>(record + LINE_BYTE, line);
      record += RECORD_BYTES;
      position = next;
    }
    line++;
  }
  store<i32>(STATE, position);
  store<i32>(STATE, line, 4);
  return record;
}
