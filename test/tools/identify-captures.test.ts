/** The captures of running kernels as they are, of kernels that save the host at load. */

import { test } from 'node:test';
import { assertIdentified, skip } from '../support/identify.ts';

for (const name of ['6.1-vhe', '6.1-nvhe', '6.12-vhe', '6.12-nvhe', '6.12-hvhe', '6.12-pkvm']) {
  test(`${name} is identified`, { skip }, () => assertIdentified(name));
}
