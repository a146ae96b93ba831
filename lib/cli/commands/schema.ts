/** `worldswitch schema`: trace format 1 as JSON Schema. */

import { toJson } from '../../text/json.ts';
import { jsonSchema } from '../../trace/schema.ts';
import { EXIT } from '../exit.ts';
import type { Output } from '../terminal/output.ts';

export async function schema(stdout: Output): Promise<number> {
  stdout.write(`${toJson(jsonSchema(), 2)}\n`);
  return EXIT.ok;
}
