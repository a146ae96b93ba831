/** The captures of running kernels as they are, of kernels that save the host lazily, and of the newest. */

import { test } from 'node:test';
import { assertIdentified, skip } from '../support/identify.ts';

for (const name of [
  ...['7.3-vhe', '7.3-nvhe', '7.3-pkvm', '6.12-lazy-vhe', '6.12-lazy-nvhe', '6.12-lazy-neon-vhe'],
  ...['6.12-lazy-neon-nvhe', '6.12-seed-v1-vhe', '6.12-seed-v1-nvhe'],
]) {
  test(`${name} is identified`, { skip }, () => assertIdentified(name));
}
