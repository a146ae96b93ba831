/** A trace in which two of three events move the ownership: what printing a line for each costs. */

import { closeSync, openSync, writeSync } from 'node:fs';

const CPUS = 4;
const VCPUS = 8;
/** Loads, traps and puts collected before they are written. */
const BATCH = 10_000;

/** Writes a trace of about `transitions` transitions to `path`. */
export function generateTransitions(path: string, transitions: number): void {
  const file = openSync(path, 'w');
  writeSync(file, '{"event":"meta","format":1,"model":"v6.12-stable","mode":"vhe"}\n');
  let text = '';
  for (let round = 0; round < transitions / 2; round++) {
    const [ts, cpu, vcpu] = [1_000_000 + 1000 * round, round % CPUS, round % VCPUS];
    text += `{"event":"vcpu_load","ts":${ts},"cpu":${cpu},"vm":0,"vcpu":${vcpu},"task":${100 + vcpu}}\n`;
    text += `{"event":"guest_fp_trap","ts":${ts + 100},"cpu":${cpu},"ec":"0x07"}\n`;
    text += `{"event":"vcpu_put","ts":${ts + 200},"cpu":${cpu}}\n`;
    if (round % BATCH !== 0) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
}
