/** TracePackets of one sequence: each with the strings that it is the first to name, some thousand written at a time. */

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { escapeText } from '../../text/escape.ts';
import type { Sink } from '../reporter.ts';
import { INTERNED_DATA, INTERNED_NAME, PACKET, SEQUENCE, TRACE } from './fields.ts';

const SEQUENCE_ID = 1;
const BATCH = 4096;

export type InternedKind = keyof typeof INTERNED_DATA;
const KINDS = Object.keys(INTERNED_DATA) as InternedKind[];

export interface Packets {
  /** `body` writes the fields of the packet that are not the sequence's. */
  packet(body: () => void): void;
  /** The number of the string, which is sent with the packet under way where it is new. */
  intern(kind: InternedKind, name: string): number;
  /** Integers from 0 on. */
  integer(field: number, value: number | bigint): void;
  fixed64(field: number, value: number): void;
  text(field: number, value: string): void;
  message(field: number, body: () => void): void;
  /** Writes what is left. */
  finish(): void;
}

export function createPackets(sink: Sink): Packets {
  let writer = new BinaryWriter();
  let count = 0;
  const numbers = KINDS.map(() => new Map<string, number>());
  /** Strings that no packet has named before. */
  const news: [kind: InternedKind, iid: number, name: string][] = [];

  const integer = (field: number, value: number | bigint): void => {
    writer.tag(field, WireType.Varint).uint64(value);
  };
  const text = (field: number, value: string): void => {
    writer.tag(field, WireType.LengthDelimited).string(escapeText(value, 2000));
  };
  const message = (field: number, body: () => void): void => {
    writer.tag(field, WireType.LengthDelimited).fork();
    body();
    writer.join();
  };
  const sendNames = (): void => {
    if (news.length === 0) return;
    message(PACKET.interned_data, () => {
      for (const [kind, iid, name] of news) {
        message(INTERNED_DATA[kind], () => {
          integer(INTERNED_NAME.iid, iid);
          text(INTERNED_NAME.name, name);
        });
      }
    });
    news.length = 0;
  };
  const finish = (): void => {
    sink.write(writer.finish());
    writer = new BinaryWriter();
  };
  return {
    integer,
    text,
    message,
    finish,
    fixed64(field, value) {
      writer.tag(field, WireType.Bit64).fixed64(value);
    },
    intern(kind, name) {
      const known = numbers[KINDS.indexOf(kind)] as Map<string, number>;
      const iid = known.get(name) ?? known.size + 1;
      if (!known.has(name)) news.push([kind, iid, name]);
      known.set(name, iid);
      return iid;
    },
    packet(body) {
      message(TRACE.packet, () => {
        body();
        integer(PACKET.trusted_packet_sequence_id, SEQUENCE_ID);
        const flags = count === 0 ? SEQUENCE.INCREMENTAL_STATE_CLEARED : SEQUENCE.NEEDS_INCREMENTAL_STATE;
        integer(PACKET.sequence_flags, flags);
        sendNames();
      });
      count += 1;
      if (count % BATCH === 0) finish();
    },
  };
}
