/** `worldswitch schema`: trace format 1 as JSON Schema. */

import { toJson } from '../../text/json.ts';
import { jsonSchema } from '../../trace/schema.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';

export const declare: Declare = (command, act) => {
  command.description('print the JSON Schema of a trace line').action(act(schema));
};

async function schema({ stdout }: Context): Promise<number> {
  stdout.write(`${toJson(jsonSchema(), 2)}\n`);
  return EXIT.ok;
}
