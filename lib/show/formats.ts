/**
 * The output formats of a replay: `--format` and `--out`, their help, README and the tests read them here. Adding a format
 * is adding its file, which exports a `createReporter`, and a row here; the tests then ask for its goldens.
 */

import type { CreateReporter } from './reporter.ts';

interface FormatRow {
  /** What it is, in a line. */
  readonly doc: string;
  /** It writes while the replay goes on, not only at its end. */
  readonly streams: boolean;
  /** Its file is loaded where it is asked for. */
  readonly load: () => Promise<{ readonly createReporter: CreateReporter }>;
}

export const FORMATS = {
  text: {
    doc: 'for people: the verdict first, one screen for an ordinary trace',
    streams: false,
    load: () => import('./text.ts'),
  },
  json: {
    doc: 'the report as one JSON document: what goldens hold',
    streams: false,
    load: () => import('./json.ts'),
  },
  ndjson: {
    doc: 'a line for each transition, violation and divergence as it happens, the report last',
    streams: true,
    load: () => import('./ndjson.ts'),
  },
  markdown: {
    doc: 'for mails and merge requests: causes, ownership and costs, 72 columns wide',
    streams: false,
    load: () => import('./markdown.ts'),
  },
  sarif: {
    doc: 'SARIF 2.1.0, for code scanning: a result for each violation and divergence',
    streams: false,
    load: () => import('./cases/sarif.ts'),
  },
  junit: {
    doc: 'JUnit XML, for CI systems: a test case for each trace and kernel',
    streams: false,
    load: () => import('./cases/junit.ts'),
  },
  github: {
    doc: 'workflow commands of GitHub Actions, which annotate the lines of traces',
    streams: false,
    load: () => import('./cases/github.ts'),
  },
} as const satisfies Record<string, FormatRow>;

export type Format = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as Format[];

export async function reporterOf(format: Format): Promise<CreateReporter> {
  return (await FORMATS[format].load()).createReporter;
}
