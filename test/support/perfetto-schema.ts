/** What a trace of Perfetto is made of, as far as this project writes it: names and numbers are those of protos/perfetto/trace. */

import protobuf from 'protobufjs';

export const PERFETTO_TRACE = protobuf
  .parse(
    `
  syntax = "proto2";
  message Trace { repeated TracePacket packet = 1; }
  message TracePacket {
    optional uint64 timestamp = 8;
    optional uint32 trusted_packet_sequence_id = 10;
    optional TrackEvent track_event = 11;
    optional InternedData interned_data = 12;
    optional uint32 sequence_flags = 13;
    optional TrackDescriptor track_descriptor = 60;
  }
  message TrackDescriptor {
    optional uint64 uuid = 1;
    optional string name = 2;
    optional ProcessDescriptor process = 3;
    optional uint64 parent_uuid = 5;
  }
  message ProcessDescriptor { optional int32 pid = 1; optional string process_name = 6; }
  message TrackEvent {
    enum Type { TYPE_UNSPECIFIED = 0; TYPE_SLICE_BEGIN = 1; TYPE_SLICE_END = 2; TYPE_INSTANT = 3; TYPE_COUNTER = 4; }
    repeated uint64 category_iids = 3;
    repeated DebugAnnotation debug_annotations = 4;
    optional Type type = 9;
    optional uint64 name_iid = 10;
    optional uint64 track_uuid = 11;
    repeated fixed64 flow_ids = 47;
    repeated fixed64 terminating_flow_ids = 48;
  }
  message DebugAnnotation { optional uint64 name_iid = 1; optional int64 int_value = 4; optional string string_value = 6; }
  message InternedString { optional uint64 iid = 1; optional string name = 2; }
  message InternedData {
    repeated InternedString event_categories = 1;
    repeated InternedString event_names = 2;
    repeated InternedString debug_annotation_names = 3;
  }
`,
    { keepCase: true },
  )
  .root.lookupType('Trace');
