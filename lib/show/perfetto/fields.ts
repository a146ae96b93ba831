/** Numbers of the fields that are written, as protos/perfetto/trace has them. */

export const TRACE = { packet: 1 } as const;
export const PACKET = {
  timestamp: 8,
  trusted_packet_sequence_id: 10,
  track_event: 11,
  interned_data: 12,
  sequence_flags: 13,
  track_descriptor: 60,
} as const;
export const SEQUENCE = { INCREMENTAL_STATE_CLEARED: 1, NEEDS_INCREMENTAL_STATE: 2 } as const;
export const TRACK_DESCRIPTOR = { uuid: 1, name: 2, process: 3, parent_uuid: 5 } as const;
export const PROCESS_DESCRIPTOR = { pid: 1, process_name: 6 } as const;
export const TRACK_EVENT = {
  category_iids: 3,
  debug_annotations: 4,
  type: 9,
  name_iid: 10,
  track_uuid: 11,
  flow_ids: 47,
  terminating_flow_ids: 48,
} as const;
export const TYPE = { SLICE_BEGIN: 1, SLICE_END: 2, INSTANT: 3 } as const;
export const DEBUG_ANNOTATION = { name_iid: 1, int_value: 4, string_value: 6 } as const;
export const INTERNED_DATA = { event_categories: 1, event_names: 2, debug_annotation_names: 3 } as const;
/** EventCategory, EventName and DebugAnnotationName alike. */
export const INTERNED_NAME = { iid: 1, name: 2 } as const;
