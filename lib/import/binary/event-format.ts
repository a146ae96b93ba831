/**
 * How an event lies in the ring buffer, as the kernel describes it in events/SYSTEM/EVENT/format:
 *
 *   name: kvm_entry
 *   ID: 123
 *   format:
 *   	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
 *   	field:unsigned long vcpu_pc;	offset:8;	size:8;	signed:0;
 *
 *   print fmt: "PC: 0x%016lx", REC->vcpu_pc
 *
 * Defined by f_show, kernel/trace/trace_events.c.
 */

export interface Field {
  readonly name: string;
  /**
   * `dynamic`: a u32 says where in the entry the value lies (low half) and how long it is; `relative`: likewise, from the end of
   * that u32 on; `array`: so many elements; else one integer.
   */
  readonly kind: 'integer' | 'array' | 'dynamic' | 'relative';
  /** Its elements are characters. */
  readonly isText: boolean;
  /** Bytes from the start of the entry, and of the whole field. */
  readonly offset: number;
  readonly size: number;
  /** Bytes of an element of an array; 1 where nothing says it. */
  readonly elementSize: number;
  readonly signed: boolean;
}

export interface EventFormat {
  readonly name: string;
  /** common_type of its entries. */
  readonly id: number;
  readonly fields: ReadonlyMap<string, Field>;
  /** What follows `print fmt:`; '' where there is none. */
  readonly print: string;
}

/** Undefined where the text describes no event. */
export function parseEventFormat(text: string): EventFormat | undefined {
  const name = /^name: (\S{1,128})$/m.exec(text)?.[1];
  const id = /^ID: (\d{1,6})$/m.exec(text)?.[1];
  if (name === undefined || id === undefined) return undefined;
  const fields = new Map<string, Field>();
  for (const line of text.split('\n')) {
    const field = parseField(line);
    if (field !== undefined) fields.set(field.name, field);
  }
  const print = text.indexOf('print fmt:');
  return { name, id: Number(id), fields, print: print < 0 ? '' : text.slice(print + 'print fmt:'.length).trim() };
}

const FIELD = /^\s*field:([^;]{1,400});\s*offset:(\d{1,6});\s*size:(\d{1,6});(?:\s*signed:([01]);)?/;

function parseField(line: string): Field | undefined {
  const match = FIELD.exec(line);
  if (match === null) return undefined;
  const declared = (match[1] as string).trim();
  // `char comm[16]`, `const char * name`, `__data_loc char[] name`
  const parts = /^(.*?)([A-Za-z_]\w*)(\[([^\]]*)\])?$/.exec(declared);
  if (parts === null) return undefined;
  const [, type = '', name = '', brackets, length] = parts;
  const size = Number(match[3]);
  const count = Number(length);
  const kind = kindOf(type, brackets !== undefined);
  return {
    name,
    kind,
    isText: kind !== 'integer' && /\bchar\b/.test(type),
    offset: Number(match[2]),
    size,
    elementSize: kind === 'array' && Number.isInteger(count) && count > 0 ? Math.max(1, Math.floor(size / count)) : 1,
    signed: match[4] === '1',
  };
}

function kindOf(type: string, hasBrackets: boolean): Field['kind'] {
  if (/\b__data_loc\b/.test(type)) return 'dynamic';
  if (/\b__rel_loc\b/.test(type)) return 'relative';
  return hasBrackets ? 'array' : 'integer';
}
