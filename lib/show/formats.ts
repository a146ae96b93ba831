/** The reporters by format. Adding a format is adding its file, its name in `FORMATS`, and a row here. */

import { jsonReporter } from './json.ts';
import { ndjsonReporter } from './ndjson.ts';
import type { CreateReporter, Format } from './reporter.ts';
import { textReporter } from './text.ts';

export const REPORTERS: Readonly<Record<Format, CreateReporter>> = {
  text: textReporter,
  json: jsonReporter,
  ndjson: ndjsonReporter,
};
