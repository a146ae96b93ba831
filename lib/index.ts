/** The public API: read a trace, replay it, get the report. The command line is made of the same pieces; README has an example. */

export type { Rule } from './check/rule.ts';
export { RULES } from './check/rules.ts';
export { formatInputError } from './ingest/message.ts';
export { type ReadOptions, readTrace } from './ingest/reader.ts';
export type { Batch, InputError, InputProgress, Source } from './ingest/source.ts';
export { DEFAULT_MODE, DEFAULT_MODEL, MODELS, type Model } from './models/models.ts';
export { MODES, type Mode, type Profile } from './models/profile.ts';
export { type FileOptions, replayFile, TraceError } from './replay/file.ts';
export { createReplay, type Replay, type ReplayOptions } from './replay/replay.ts';
export type * from './report/report.ts';
export { type DecodeError, decode } from './trace/decode.ts';
export { encode } from './trace/encode.ts';
export { createEventRecord, type EventRecord } from './trace/event.ts';
export { jsonSchema } from './trace/schema.ts';
export { EVENTS, FIELDS } from './trace/vocabulary.ts';
