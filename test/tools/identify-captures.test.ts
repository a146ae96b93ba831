/** From the beginnings of captures of running kernels, half of all kernels and more are told; whole ones are identified in test/nightly. */

import { test } from 'node:test';
import { assertNarrowed, CAPTURED, skip } from '../support/identify.ts';

/** Of some six thousand. */
const LINES = 700;

for (const name of CAPTURED) test(`${name} is known by its beginning`, { skip }, () => assertNarrowed(name, LINES));
