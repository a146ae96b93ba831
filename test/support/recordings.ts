/** Writes trace.dat (versions 6 and 7) and perf.data by their published formats, for machines of either byte order and word size. */

import { deflateSync } from 'node:zlib';

export interface EventSpec {
  readonly system: string;
  readonly name: string;
  readonly id: number;
  /** Declaration without its name's brackets in `name`, bytes, signed. */
  readonly fields: readonly {
    readonly type: string;
    readonly name: string;
    readonly size: number;
    readonly signed?: boolean;
  }[];
  readonly print: string;
}

export interface EntrySpec {
  readonly cpu: number;
  /** In ns; not below that of the CPU's entry before it. */
  readonly time: bigint;
  readonly event: EventSpec;
  readonly pid: number;
  readonly flags?: number;
  /** By field name; texts are for fields whose type begins with `char` or `__data_loc`. */
  readonly values: Readonly<Record<string, bigint | string>>;
  /** Entries that were lost before it, in the page that it begins; -1: nobody knows how many. */
  readonly lost?: number;
}

export interface Machine {
  readonly bigEndian: boolean;
  readonly longSize: 4 | 8;
}

export interface TraceDatSpec extends Machine {
  readonly version: 6 | 7;
  readonly compression?: 'none' | 'zlib';
  readonly pageSize: number;
  readonly cpus: number;
  readonly entries: readonly EntrySpec[];
  readonly events: readonly EventSpec[];
  readonly commands?: Readonly<Record<number, string>>;
  readonly uname?: string;
  readonly clock?: string;
  readonly kallsyms?: string;
  /** Entries of an instance beside the top buffer. */
  readonly instance?: readonly EntrySpec[];
  /** Options as they are, by their number. */
  readonly options?: readonly (readonly [id: number, data: Buffer])[];
}

const COMMON: EventSpec['fields'] = [
  { type: 'unsigned short', name: 'common_type', size: 2 },
  { type: 'unsigned char', name: 'common_flags', size: 1 },
  { type: 'unsigned char', name: 'common_preempt_count', size: 1 },
  { type: 'int', name: 'common_pid', size: 4, signed: true },
];

interface Placed {
  readonly name: string;
  readonly type: string;
  readonly at: number;
  readonly size: number;
  readonly signed: boolean;
}

function layoutOf(event: EventSpec): Placed[] {
  let at = 0;
  return [...COMMON, ...event.fields].map(({ type, name, size, signed = false }) => {
    const align = type.startsWith('char') ? 1 : Math.min(size, 8);
    at = Math.ceil(at / align) * align;
    const placed = { name: name.replace(/\[.*$/, ''), type, at, size, signed };
    at += size;
    return placed;
  });
}

/** As events/SYSTEM/EVENT/format has it. */
export function formatText(event: EventSpec): string {
  const declared = [...COMMON, ...event.fields];
  const lines = layoutOf(event).map(
    ({ at, size, signed }, index) =>
      `\tfield:${declared[index]?.type} ${declared[index]?.name};\toffset:${at};\tsize:${size};\tsigned:${Number(signed)};\n`,
  );
  lines.splice(COMMON.length, 0, '\n');
  return `name: ${event.name}\nID: ${event.id}\nformat:\n${lines.join('')}\nprint fmt: ${event.print}\n`;
}

/** Numbers in the byte order of a machine. */
export function numbers({ bigEndian, longSize }: Machine) {
  const of = (size: number, value: bigint): Buffer => {
    const bytes = Buffer.alloc(size);
    for (let index = 0; index < size; index++) {
      bytes[bigEndian ? size - 1 - index : index] = Number((value >> BigInt(8 * index)) & 0xffn);
    }
    return bytes;
  };
  return {
    of,
    u8: (value: number) => of(1, BigInt(value)),
    u16: (value: number) => of(2, BigInt(value)),
    u32: (value: number) => of(4, BigInt(value)),
    u64: (value: number | bigint) => of(8, BigInt(value)),
    long: (value: number | bigint) => of(longSize, BigInt(value)),
    text: (value: string) => Buffer.from(`${value}\0`, 'latin1'),
    /** u64 size, then the bytes. */
    sized: (bytes: Buffer | string) =>
      Buffer.concat([of(8, BigInt(bytes.length)), Buffer.from(bytes as string, 'latin1')]),
    sized32: (bytes: Buffer | string) =>
      Buffer.concat([of(4, BigInt(bytes.length)), Buffer.from(bytes as string, 'latin1')]),
  };
}

/** The data of an entry, a multiple of four bytes. */
export function entryBytes({ event, pid, flags = 0, values }: EntrySpec, machine: Machine): Buffer {
  const { of } = numbers(machine);
  const fields = layoutOf(event);
  const end = Math.max(...fields.map(({ at, size }) => at + size));
  const fixed = Buffer.alloc(end);
  const behind: Buffer[] = [];
  let behindSize = 0;
  const all: Record<string, bigint | string> = {
    common_type: BigInt(event.id),
    common_flags: BigInt(flags),
    common_pid: BigInt(pid),
    ...values,
  };
  for (const { name, type, at, size } of fields) {
    const value = all[name] ?? 0n;
    if (typeof value === 'bigint') of(size, value).copy(fixed, at);
    else if (type.startsWith('__data_loc')) {
      const text = Buffer.from(`${value}\0`, 'latin1');
      of(4, BigInt((text.length << 16) | (end + behindSize))).copy(fixed, at);
      behind.push(text);
      behindSize += text.length;
    } else Buffer.from(value, 'latin1').copy(fixed, at, 0, size);
  }
  const whole = Buffer.concat([fixed, ...behind]);
  return Buffer.concat([whole, Buffer.alloc((4 - (whole.length % 4)) % 4)]);
}

/** Pages of one CPU. */
function pagesOf(entries: readonly EntrySpec[], machine: Machine, pageSize: number): Buffer {
  const { u32, u64, long } = numbers(machine);
  const header = 8 + machine.longSize;
  const pages: Buffer[] = [];
  let parts: Buffer[] = [];
  let size = 0;
  let time = 0n;
  let pageTime = 0n;
  let lost = 0;

  const word = (type: number, delta: number): Buffer =>
    u32(machine.bigEndian ? type * 2 ** 27 + delta : delta * 32 + type);

  function close(): void {
    if (parts.length === 0) return;
    const data = Buffer.concat(parts);
    const stored = lost > 0 ? long(lost) : Buffer.alloc(0);
    const commit = data.length + (lost !== 0 ? 2 ** 31 : 0) + (lost > 0 ? 2 ** 30 : 0);
    const page = Buffer.alloc(pageSize);
    Buffer.concat([u64(pageTime), long(commit), data, stored]).copy(page);
    pages.push(page);
    parts = [];
    size = 0;
    lost = 0;
  }

  for (const entry of entries) {
    const data = entryBytes(entry, machine);
    const room = pageSize - header - machine.longSize - 8;
    if (size + data.length + 16 > room || (entry.lost ?? 0) !== 0) close();
    if (parts.length === 0) {
      pageTime = entry.time;
      time = entry.time;
      lost = entry.lost ?? 0;
    }
    let delta = entry.time - time;
    time = entry.time;
    const record: Buffer[] = [];
    if (delta >= 2n ** 27n) {
      record.push(word(30, Number(delta & 0x7ff_ffffn)), u32(Number(delta >> 27n)));
      delta = 0n;
    }
    if (data.length / 4 <= 28) record.push(word(data.length / 4, Number(delta)), data);
    else record.push(word(0, Number(delta)), u32(data.length + 4), data);
    const bytes = Buffer.concat(record);
    parts.push(bytes);
    size += bytes.length;
  }
  close();
  return Buffer.concat(pages);
}

function beginning(version: string, machine: Machine, pageSize: number): Buffer {
  const { u8, u32, text } = numbers(machine);
  return Buffer.concat([
    Buffer.from('\x17\x08\x44tracing', 'latin1'),
    text(version),
    u8(Number(machine.bigEndian)),
    u8(machine.longSize),
    u32(pageSize),
  ]);
}

function headerPages(machine: Machine): Buffer {
  const { text, sized } = numbers(machine);
  return Buffer.concat([
    text('header_page'),
    sized('\tfield: u64 timestamp;\n'),
    text('header_event'),
    sized('# compressed\n'),
  ]);
}

function systemsOf(events: readonly EventSpec[], machine: Machine): Buffer {
  const { u32, text, sized } = numbers(machine);
  const systems = [...new Set(events.map(({ system }) => system))].filter((name) => name !== 'ftrace');
  const formats = (name: string): Buffer[] => {
    const own = events.filter(({ system }) => system === name).map((event) => sized(formatText(event)));
    return [u32(own.length), ...own];
  };
  return Buffer.concat([
    ...formats('ftrace'),
    u32(systems.length),
    ...systems.flatMap((name) => [text(name), ...formats(name)]),
  ]);
}

const commandsText = (commands: Readonly<Record<number, string>> = {}): string =>
  Object.entries(commands)
    .map(([pid, name]) => `${pid} ${name}\n`)
    .join('');

const optionsOf = ({ uname, clock, options = [] }: TraceDatSpec): (readonly [number, Buffer])[] => [
  ...(uname === undefined ? [] : [[5, Buffer.from(`${uname}\0`)] as const]),
  ...(clock === undefined ? [] : [[4, Buffer.from(`local [${clock}]\0`)] as const]),
  ...options,
];

export function traceDat(spec: TraceDatSpec): Buffer {
  return spec.version === 6 ? version6(spec) : version7(spec);
}

const cpuData = (spec: TraceDatSpec, entries = spec.entries): Buffer[] =>
  Array.from({ length: spec.cpus }, (_, cpu) =>
    pagesOf(
      entries.filter((entry) => entry.cpu === cpu),
      spec,
      spec.pageSize,
    ),
  );

function version6(spec: TraceDatSpec): Buffer {
  const { u16, u32, u64, text, sized, sized32 } = numbers(spec);
  const FLYRECORD = Buffer.from('flyrecord\0');
  /** The place of the instance is not known before all that stands before it. */
  const startWith = (instance: number): Buffer => {
    const own: (readonly [number, Buffer])[] =
      spec.instance === undefined ? [] : [[3, Buffer.concat([u64(instance), text('other')])]];
    const options = [...optionsOf(spec), ...own].map(([id, data]) => Buffer.concat([u16(id), sized32(data)]));
    return Buffer.concat([
      beginning('6', spec, spec.pageSize),
      headerPages(spec),
      systemsOf(spec.events, spec),
      sized32(spec.kallsyms ?? ''),
      sized32(''),
      sized(commandsText(spec.commands)),
      u32(spec.cpus),
      ...(options.length === 0 ? [] : [Buffer.from('options  \0'), ...options, u16(0)]),
      FLYRECORD,
    ]);
  };
  const tableOf = (at: number, data: readonly Buffer[]): Buffer => {
    let place = at + 16 * spec.cpus;
    const rows = data.map((bytes) => {
      const row = Buffer.concat([u64(place), u64(bytes.length)]);
      place += bytes.length;
      return row;
    });
    return Buffer.concat([...rows, ...data]);
  };
  const length = startWith(0).length;
  const top = tableOf(length, cpuData(spec));
  if (spec.instance === undefined) return Buffer.concat([startWith(0), top]);
  const instance = length + top.length;
  const rest = tableOf(instance + FLYRECORD.length, cpuData(spec, spec.instance));
  return Buffer.concat([startWith(instance), top, FLYRECORD, rest]);
}

function version7(spec: TraceDatSpec): Buffer {
  const { u16, u32, u64, text, sized, sized32 } = numbers(spec);
  const { compression = 'none' } = spec;
  const isPacked = compression === 'zlib';
  const parts: Buffer[] = [beginning('7', spec, spec.pageSize), text(compression), text('1')];
  let at = parts.reduce((sum, part) => sum + part.length, 0) + 8;
  const behind: Buffer[] = [];
  const put = (bytes: Buffer): number => {
    const place = at;
    behind.push(bytes);
    at += bytes.length;
    return place;
  };
  const section = (id: number, content: Buffer): number => {
    const packed = Buffer.concat([sized32Packed(content), deflated(content)]);
    const body = isPacked ? packed : content;
    return put(Buffer.concat([u16(id), u16(Number(isPacked)), u32(0), u64(body.length), body]));
  };
  const deflated = (content: Buffer): Buffer => deflateSync(content);
  const sized32Packed = (content: Buffer): Buffer =>
    Buffer.concat([u32(deflated(content).length), u32(content.length)]);

  const systems = systemsOf(spec.events, spec);
  const ftraceEnd = ftraceSize(spec);
  const places: [number, number][] = [
    [16, section(16, headerPages(spec))],
    [17, section(17, systems.subarray(0, ftraceEnd))],
    [18, section(18, systems.subarray(ftraceEnd))],
    [19, section(19, sized32(spec.kallsyms ?? ''))],
    [21, section(21, sized(commandsText(spec.commands)))],
  ];
  const bufferOption = (name: string, data: readonly Buffer[]): Buffer => {
    const rows = data.map((bytes, cpu) => {
      const body = isPacked ? packed(bytes) : bytes;
      return Buffer.concat([u32(cpu), u64(put(body)), u64(bytes.length === 0 ? 0 : body.length)]);
    });
    const buffer = put(Buffer.concat([u16(3), u16(Number(isPacked)), u32(0), u64(0)]));
    return Buffer.concat([
      ...[u64(buffer), text(name), text(spec.clock ?? 'local'), u32(spec.pageSize), u32(rows.length)],
      ...rows,
    ]);
  };
  const packed = (bytes: Buffer): Buffer => {
    const chunks = Array.from({ length: Math.ceil(bytes.length / (2 * spec.pageSize)) }, (_, index) =>
      bytes.subarray(index * 2 * spec.pageSize, (index + 1) * 2 * spec.pageSize),
    );
    return Buffer.concat([
      u32(chunks.length),
      ...chunks.flatMap((chunk) => [u32(deflated(chunk).length), u32(chunk.length), deflated(chunk)]),
    ]);
  };
  const options: (readonly [number, Buffer])[] = [
    ...places.map(([id, place]) => [id, u64(place)] as const),
    [3, bufferOption('', cpuData(spec))],
    ...(spec.instance === undefined ? [] : [[3, bufferOption('other', cpuData(spec, spec.instance))] as const]),
    ...optionsOf(spec),
    [0, u64(0)],
  ];
  const first = section(0, Buffer.concat(options.map(([id, data]) => Buffer.concat([u16(id), sized32(data)]))));
  return Buffer.concat([...parts, u64(first), ...behind]);
}

/** Bytes of ftrace's own formats, which come first. */
function ftraceSize(spec: TraceDatSpec): number {
  return (
    systemsOf(
      spec.events.filter(({ system }) => system === 'ftrace'),
      spec,
    ).length - 4
  );
}

export interface PerfDataSpec extends Machine {
  readonly entries: readonly EntrySpec[];
  readonly events: readonly EventSpec[];
  readonly commands?: Readonly<Record<number, string>>;
  readonly release?: string;
  readonly architecture?: string;
  /** As `perf record -o -` writes it. */
  readonly pipe?: boolean;
  /** Entries to a round. */
  readonly round?: number;
}

const SAMPLE_TYPE = 0x10587n;

export function perfData(spec: PerfDataSpec): Buffer {
  const { u32, u64 } = numbers(spec);
  const attribute = attributeOf(spec);
  const data = Buffer.concat(perfRecords(spec));
  const tracing = tracingData(spec);
  const features: [number, Buffer][] = [[1, tracing]];
  if (spec.release !== undefined) features.push([4, perfText(spec.release, spec)]);
  if (spec.architecture !== undefined) features.push([6, perfText(spec.architecture, spec)]);
  const magic = spec.bigEndian ? '2ELIFREP' : 'PERFILE2';
  if (spec.pipe === true) {
    const padded = Buffer.concat([tracing, Buffer.alloc((8 - (tracing.length % 8)) % 8)]);
    return Buffer.concat([
      ...[Buffer.from(magic), u64(16)],
      perfRecord(spec, 64, Buffer.concat([attribute, u64(1)])),
      ...features.slice(1).map(([id, bytes]) => perfRecord(spec, 80, Buffer.concat([u64(id), bytes]))),
      ...[perfRecord(spec, 66, u32(tracing.length)), padded],
      data,
    ]);
  }
  const start = 104;
  const ids = start;
  const attrs = ids + 8;
  const dataAt = attrs + attribute.length + 16;
  const bitmap = features.reduce((bits, [id]) => bits | (1n << BigInt(id)), 0n);
  let at = dataAt + data.length + features.length * 16;
  const table = features.map(([, bytes]) => {
    const row = Buffer.concat([u64(at), u64(bytes.length)]);
    at += bytes.length;
    return row;
  });
  return Buffer.concat([
    ...[Buffer.from(magic), u64(start), u64(attribute.length + 16)],
    ...[u64(attrs), u64(attribute.length + 16), u64(dataAt), u64(data.length), u64(0), u64(0)],
    ...[u64(bitmap), u64(0), u64(0), u64(0)],
    u64(1),
    ...[attribute, u64(ids), u64(8)],
    data,
    ...table,
    ...features.map(([, bytes]) => bytes),
  ]);
}

const perfText = (value: string, machine: Machine): Buffer => numbers(machine).sized32(`${value}\0`);

function attributeOf(machine: Machine): Buffer {
  const { u32, u64 } = numbers(machine);
  const sampleIdAll = machine.bigEndian ? 1n << 45n : 1n << 18n;
  const start = Buffer.concat([u32(2), u32(128), u64(0), u64(1), u64(SAMPLE_TYPE), u64(4), u64(sampleIdAll)]);
  return Buffer.concat([start, Buffer.alloc(128 - start.length)]);
}

function tracingData(spec: PerfDataSpec): Buffer {
  const { sized32 } = numbers(spec);
  const sections = [headerPages(spec), systemsOf(spec.events, spec), sized32(''), sized32('')];
  return Buffer.concat([beginning('0.5', spec, 4096), ...sections]);
}

function perfRecord(machine: Machine, type: number, body: Buffer): Buffer {
  const { u16, u32 } = numbers(machine);
  return Buffer.concat([u32(type), u16(0), u16(body.length + 8), body]);
}

/** Within a round, samples lie by CPU. */
function perfRecords(spec: PerfDataSpec): Buffer[] {
  const { u32, u64, text } = numbers(spec);
  const records = Object.entries(spec.commands ?? {}).map(([pid, name]) => {
    const named = Buffer.concat([u32(Number(pid)), u32(Number(pid)), text(name)]);
    const padded = Buffer.concat([named, Buffer.alloc((8 - (named.length % 8)) % 8)]);
    return perfRecord(spec, 3, Buffer.concat([padded, trailer(0, 0n, 0)]));
  });
  const { round = 8 } = spec;
  for (let start = 0; start < spec.entries.length; start += round) {
    const entries = [...spec.entries.slice(start, start + round)].sort((a, b) => a.cpu - b.cpu);
    for (const entry of entries) {
      if ((entry.lost ?? 0) > 0)
        records.push(
          perfRecord(spec, 2, Buffer.concat([u64(1), u64(entry.lost ?? 0), trailer(entry.pid, entry.time, entry.cpu)])),
        );
      records.push(perfRecord(spec, 9, sampleOf(entry)));
    }
    records.push(perfRecord(spec, 68, Buffer.alloc(0)));
  }
  return records;

  function sampleOf(entry: EntrySpec): Buffer {
    const raw = entryBytes(entry, spec);
    const padded = Buffer.concat([raw, Buffer.alloc((8 - ((raw.length + 4) % 8)) % 8)]);
    return Buffer.concat([
      ...[u64(1), u64(0xffff_8000_0000_0000n), u32(entry.pid), u32(entry.pid), u64(entry.time)],
      ...[u32(entry.cpu), u32(0), u64(1), u32(padded.length), padded],
    ]);
  }

  /** TID, TIME, CPU, IDENTIFIER. */
  function trailer(pid: number, time: bigint, cpu: number): Buffer {
    return Buffer.concat([u32(pid), u32(pid), u64(time), u32(cpu), u32(0), u64(1)]);
  }
}
