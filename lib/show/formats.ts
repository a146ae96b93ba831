/**
 * The output formats of a replay: `--format` and `--out`, their help, README and a test read them here. Adding a format is
 * adding its file, which exports a `createReporter`, and a row here.
 */

import type { CreateReporter } from './reporter.ts';

interface FormatRow {
  /** What it is, in a line. */
  readonly doc: string;
  /** Its file is loaded where it is asked for. */
  readonly load: () => Promise<{ readonly createReporter: CreateReporter }>;
}

export const FORMATS = {
  text: { doc: 'for people: the verdict first, one screen for an ordinary trace', load: () => import('./text.ts') },
  json: { doc: 'the report as one JSON document: what goldens hold', load: () => import('./json.ts') },
  ndjson: {
    doc: 'a line for each transition, violation and divergence as it happens, the report last',
    load: () => import('./ndjson.ts'),
  },
} as const satisfies Record<string, FormatRow>;

export type Format = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as Format[];

export async function reporterOf(format: Format): Promise<CreateReporter> {
  return (await FORMATS[format].load()).createReporter;
}
