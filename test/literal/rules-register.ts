/** FP-23, FP-24, SM-01, SM-02: what userspace may do with the registers, and in which order it should. */

import type { Literal, TraceEvent } from './literal.ts';

/** Called before the event; the function returned, after it, gives the rules that broke. */
export function createRegisterRules(literal: Literal): (event: TraceEvent) => () => string[] {
  /** Registers which userspace wrote since the vCPU was last loaded, by vCPU. */
  const written = new Map<string, Set<string>>();
  return (event) => {
    const key = `${event.vm ?? 0}/${event.vcpu ?? 0}`;
    if (event.event === 'vcpu_load' || event.event === 'sched_in' || event.event === 'vcpu_reset') written.delete(key);
    if (event.event !== 'reg_get' && event.event !== 'reg_set') return () => [];
    const set = written.get(key) ?? new Set<string>();
    written.set(key, set);
    const v = `vcpu:${key}`;
    const svcr = literal.svcrOf(v);
    const live = literal.auth(v) !== 'mem' || literal.zaAuth(v) !== 'mem';
    return () => {
      const broken = live ? ['FP-23'] : [];
      if (literal.lastResult() !== 'ok') return broken;
      broken.push(...legality(literal, event.reg ?? '', key, svcr));
      if (event.event === 'reg_set') broken.push(...order(literal, event.reg ?? '', v, svcr, set));
      return broken;
    };
  };
}

/** An access that succeeded and should not have; SVCR as it was before. */
function legality(literal: Literal, reg: string, key: string, svcr: number): string[] {
  const { sve_max_vl, fa64 } = literal.features(key);
  const streaming = (svcr & 1) !== 0;
  const vector = sve_max_vl > 0 || streaming;
  const broken: string[] = [];
  if (reg.startsWith('v') && vector) broken.push('FP-24');
  if (/^([zp]\d|ffr)/.test(reg) && !vector) broken.push('FP-24');
  if ((reg === 'za' || reg === 'zt0') && (svcr & 2) === 0) broken.push('SM-02');
  if (reg === 'ffr' && streaming && !fa64) broken.push('SM-02');
  return broken;
}

/** SM-01: a change of SVCR kills what was written before it. */
function order(literal: Literal, reg: string, v: string, before: number, written: Set<string>): string[] {
  if (reg !== 'svcr') {
    written.add(reg);
    return [];
  }
  const changed = before ^ literal.svcrOf(v);
  const dead = [...written].filter((name) =>
    /^z[at]/.test(name) ? (changed & 2) !== 0 : (changed & 1) !== 0 && /^([vzp]\d|ffr|fpsr|fpmr)/.test(name),
  );
  for (const name of dead) written.delete(name);
  return dead.length > 0 ? ['SM-01'] : [];
}
