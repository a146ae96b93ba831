/** Whole captures of running kernels are identified as what they are of; `npm test` looks at the beginning of each. */

import { test } from 'node:test';
import { assertIdentified, CAPTURED, skip } from '../support/identify.ts';

for (const name of CAPTURED) test(`${name} is identified`, { skip }, () => assertIdentified(name));
