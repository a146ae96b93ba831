/** `worldswitch help TOPIC`: what is the same for several commands. */

import { MODELS } from '../models/models.ts';
import { CASE_FORMATS } from '../show/cases/case-formats.ts';
import { FORMATS } from '../show/formats.ts';
import { labelled } from '../text/wrap.ts';
import { ENVIRONMENT, EXAMPLES, EXIT_CODES } from './help.ts';

const LABEL = 16;

const rows = (named: Readonly<Record<string, string>>): string =>
  Object.entries(named)
    .flatMap(([name, doc]) => labelled(2, LABEL, name, doc, (text) => text))
    .join('\n');

const docs = (formats: Readonly<Record<string, { readonly doc: string }>>): string =>
  rows(Object.fromEntries(Object.entries(formats).map(([name, { doc }]) => [name, doc])));

const INPUTS = {
  NDJSON: "trace format 1, a JSON object a line: 'worldswitch schema trace' is its JSON Schema",
  ftrace: 'what trace and trace_pipe print',
  'trace-cmd': 'what trace-cmd report prints',
  perf: 'what perf script prints',
  'gzip, zstd': 'each of these may be compressed; the content says so, not the name',
};

/** What each topic says, without a line feed at its end. */
export const TOPICS: Readonly<Record<string, () => string>> = {
  formats: () =>
    `What is read:\n${rows(INPUTS)}\n\nFormats of replay, --format and --out:\n${docs(FORMATS)}\n\nFormats of check:\n${docs(CASE_FORMATS)}`,
  'exit-codes': () => EXIT_CODES.trim(),
  environment: () => ENVIRONMENT.trim(),
  examples: () => EXAMPLES.trim(),
  models: () =>
    `A model covers all kernels between two changes of the world switch. --model\ntakes its name, a version (v6.11) or a release (6.12.107+deb13-arm64).\n\n${rows(
      Object.fromEntries(MODELS.map(({ name, kernels }) => [name, kernels])),
    )}`,
};
