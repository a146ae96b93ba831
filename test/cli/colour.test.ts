import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasColour } from '../../lib/cli/terminal/colour.ts';

const TTY = { isTTY: true };
const PIPE = {};

test('the option wins over everything', () => {
  assert.equal(hasColour('always', PIPE, { NO_COLOR: '1', FORCE_COLOR: '0' }), true);
  assert.equal(hasColour('never', TTY, { FORCE_COLOR: '1' }), false);
});

test('then NO_COLOR where it is not empty, then FORCE_COLOR, then the terminal', () => {
  assert.equal(hasColour('auto', TTY, { NO_COLOR: '1', FORCE_COLOR: '1' }), false);
  assert.equal(hasColour('auto', TTY, { NO_COLOR: '' }), true);
  assert.equal(hasColour('auto', PIPE, { FORCE_COLOR: '1' }), true);
  assert.equal(hasColour('auto', PIPE, { FORCE_COLOR: '' }), true);
  assert.equal(hasColour('auto', TTY, { FORCE_COLOR: '0' }), false);
  assert.equal(hasColour('auto', TTY, { FORCE_COLOR: 'false' }), false);
  assert.equal(hasColour('auto', TTY, {}), true);
  assert.equal(hasColour('auto', PIPE, {}), false);
  assert.equal(hasColour('auto', TTY, { TERM: 'dumb' }), false);
});
