/** FP-22: under pKVM with eager restore EL1 finds its registers as it left them. */

import type { Literal, TraceEvent } from './literal.ts';

/** 7, "when to evaluate": HD[H].fp_owner speaks about EL1 as a whole. */
export function pkvmEager({ mode, profile }: Literal): boolean {
  return mode === 'pkvm' && profile.pkvmFp === 'eager';
}

interface Entered {
  readonly registers: string;
  readonly generation: number;
  /** They held the only newest value of their entity. */
  readonly live: boolean;
}

/** Called before the event; the function returned, after it, gives the rules that broke. */
export function createConfinement(literal: Literal): (event: TraceEvent, cpu: number) => () => string[] {
  const entered = new Map<number, Entered>();
  return ({ event }, cpu) => {
    if (!pkvmEager(literal)) return () => [];
    if (event === 'guest_enter') {
      const registers = literal.registers(cpu);
      const named = /^(task:[1-9]|vcpu:)/.test(registers);
      const live = named && literal.auth(registers) === `cpu:${cpu}`;
      entered.set(cpu, { registers, generation: literal.generation(cpu), live });
    }
    const before = entered.get(cpu);
    const v = literal.loaded(cpu);
    if (event !== 'guest_exit' || before === undefined || literal.refused(cpu)) return () => [];
    const used = literal.owner(cpu) === 'guest';
    return () => (confined(literal, cpu, before, v, used) ? [] : ['FP-22']);
  };
}

function confined(literal: Literal, cpu: number, before: Entered, v: string, used: boolean): boolean {
  if (literal.auth(v) !== 'mem' || literal.zaAuth(v) !== 'mem' || literal.hypHolds(cpu) !== 'none') return false;
  const sme = literal.features(v.slice(5)).sme_max_vl > 0;
  if (literal.owner(cpu) !== 'host' && !(sme && !used && literal.owner(cpu) === 'free')) return false;
  const registers = literal.registers(cpu);
  // An SME guest's SVCR.SM zeroes registers which it never owned: nobody's then, and nothing is lost where all was saved.
  if (sme && !used && registers === 'none') return !before.live;
  const same = registers === before.registers && literal.generation(cpu) === before.generation;
  return same && (!before.live || literal.auth(registers) === `cpu:${cpu}`);
}
