/** `worldswitch schema`: the formats as JSON Schema. */

import { Argument } from 'commander';
import { reportSchema } from '../../report/schema.ts';
import { toJson } from '../../text/json.ts';
import { jsonSchema } from '../../trace/schema.ts';
import type { Context, Declare } from '../context.ts';
import { EXIT } from '../exit.ts';

const SCHEMAS = { trace: jsonSchema, report: reportSchema };

export const declare: Declare = (command, act) => {
  command
    .description('print the JSON Schema of a trace line, or of a report')
    .addArgument(new Argument('[what]', 'trace (default) or report').choices(Object.keys(SCHEMAS)).default('trace'))
    .action(act(schema));
};

async function schema({ stdout }: Context, what: keyof typeof SCHEMAS): Promise<number> {
  stdout.write(`${toJson(SCHEMAS[what](), 2)}\n`);
  return EXIT.ok;
}
