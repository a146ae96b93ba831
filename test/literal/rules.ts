/** Some invariants of semantics 7 in literal form, over what the literal model says before and after each event. */

import type { Literal, TraceEvent } from './literal.ts';
import type { Incident, Owner } from './machine.ts';
import { createConfinement, pkvmEager } from './rules-pkvm.ts';
import { createRegisterRules } from './rules-register.ts';
import { sme } from './rules-sme.ts';

export interface Rules {
  /** Steps the model over the event; returns the rules that broke. */
  step(event: TraceEvent): string[];
}

interface Before {
  readonly ownerKernel: Owner;
  readonly vcpu: string;
  readonly refused: boolean;
  readonly dirty: boolean;
  readonly lost: number;
  readonly foreignSave: number;
  readonly otherIncidents: number;
}

export function createRules(literal: Literal, cpus: number): Rules {
  const register = createRegisterRules(literal);
  const confinement = createConfinement(literal);
  return {
    step(event) {
      const cpu = event.cpu;
      const access = register(event);
      if (cpu === undefined) {
        literal.step(event);
        return access();
      }
      const before = look(literal, cpu);
      const confined = confinement(event, cpu);
      literal.step(event);
      const broken = [...generations(literal, before, event), ...points(literal, before, event, cpu, cpus)];
      broken.push(...access(), ...confined(), ...sme(literal, event, before.vcpu, cpu));
      if (literal.neonLive(cpu) && literal.registers(cpu) !== `kneon:${literal.current(cpu)}`) broken.push('FP-15');
      return broken;
    },
  };
}

function look(literal: Literal, cpu: number): Before {
  const vcpu = literal.loaded(cpu);
  const debug = vcpu === 'none' ? undefined : literal.debug(vcpu.slice(5));
  const incidents = literal.incidents();
  return {
    ownerKernel: literal.ownerKernel(cpu),
    vcpu,
    refused: literal.refused(cpu),
    dirty: debug !== undefined && 'debug_dirty' in debug && debug.debug_dirty,
    lost: incidents.lost,
    foreignSave: incidents.foreignSave,
    otherIncidents: sum(incidents) - incidents.lost - incidents.foreignSave,
  };
}

function sum(incidents: Readonly<Record<Incident, number>>): number {
  return Object.values(incidents).reduce((total, count) => total + count, 0);
}

/** No entity's newest generation gets lost, and none is filed under another name. */
function generations(literal: Literal, before: Before, event: TraceEvent): string[] {
  const now = literal.incidents();
  const broken: string[] = [];
  const guestSide = /^guest_(fp|fp_trap|svcr)$/.test(event.event);
  if (now.lost > before.lost) broken.push(guestSide ? 'FP-07' : 'lost');
  if (now.foreignSave > before.foreignSave) broken.push('FP-28');
  if (sum(now) - now.lost - now.foreignSave > before.otherIncidents) broken.push('stale');
  return broken;
}

function points(literal: Literal, before: Before, event: TraceEvent, cpu: number, cpus: number): string[] {
  switch (event.event) {
    case 'guest_enter':
      if (literal.refused(cpu)) return [];
      return [...owner(literal, cpu, cpus), ...entry(literal, before, cpu)];
    case 'guest_exit':
      // A refused run left the registers and DEBUG_DIRTY alone.
      if (before.refused) return [];
      return [...owner(literal, cpu, cpus), ...exit(literal, before, cpu)];
    case 'vcpu_put':
    case 'sched_out':
      return put(literal, before, cpu);
    case 'return_to_user':
      return user(literal, cpu);
    default:
      return literal.running(cpu) ? access(literal, before, cpu) : [];
  }
}

/** FP-02, FP-03. */
function owner(literal: Literal, cpu: number, cpus: number): string[] {
  const broken: string[] = [];
  const v = literal.loaded(cpu);
  const here = `cpu:${cpu}`;
  const guest = literal.registers(cpu) === v && literal.auth(v) === here;
  const task = `task:${literal.current(cpu)}`;
  const host = literal.valid(cpu, task) && !literal.tif(literal.current(cpu), cpu);
  let nobody = true;
  for (const entity of literal.entities()) {
    if (literal.auth(entity) === here || literal.zaAuth(entity) === here) nobody = false;
  }
  const is = literal.owner(cpu);
  const untrue = (is === 'guest') !== guest || (is === 'host' && !host) || (is === 'free' && !nobody);
  if (untrue && !pkvmEager(literal)) broken.push('FP-03');
  for (let other = 0; other < cpus; other++) {
    if (other !== cpu && literal.auth(v) === `cpu:${other}`) broken.push('FP-02');
  }
  return broken;
}

/** FP-05. */
function access(literal: Literal, before: Before, cpu: number): string[] {
  const sme = literal.trapOf(cpu, 'sme') === 0;
  const open = sme || literal.trapOf(cpu, 'fpsimd') === 0 || literal.trapOf(cpu, 'sve') === 0;
  if (open && (!literal.valid(cpu, before.vcpu) || literal.owner(cpu) !== 'guest')) return ['FP-05'];
  return sme && literal.features(before.vcpu.slice(5)).sme_max_vl === 0 ? ['FP-05'] : [];
}

/** FP-12, DB-03, DB-12. */
function entry(literal: Literal, before: Before, cpu: number): string[] {
  const broken = access(literal, before, cpu);
  const foreign = literal.tif(literal.current(cpu), cpu);
  const freed = literal.ownerKernel(cpu) === 'free' && (pkvmEager(literal) || literal.owner(cpu) === 'free');
  if (foreign && !freed) broken.push('FP-12');
  const debug = literal.debug(before.vcpu.slice(5));
  // Dirty: TDA=0 needs the flag before setup_debug; the other half of the rule needs USE_HW and the OS lock.
  if ('debug_dirty' in debug && !literal.tda(cpu) && !before.dirty) broken.push('DB-03');
  if ('debug_owner' in debug && literal.tda(cpu) !== (debug.debug_owner !== 'guest')) broken.push('DB-03');
  if (!literal.tda(cpu) && !literal.debugSwitched(cpu)) broken.push('DB-12');
  return broken;
}

/** FP-11, FP-13 after ctxsync, DB-02, HD-02. */
function exit(literal: Literal, before: Before, cpu: number): string[] {
  const broken: string[] = [];
  const v = before.vcpu;
  const bound = literal.last(cpu) === v && !literal.tif(literal.current(cpu), cpu);
  if (literal.ownerKernel(cpu) === 'guest' && !bound) broken.push('FP-11');
  if (literal.registers(cpu) === v && literal.auth(v) === `cpu:${cpu}` && literal.last(cpu) !== v) broken.push('FP-13');
  const debug = literal.debug(v.slice(5));
  if ('debug_dirty' in debug && debug.debug_dirty) broken.push('DB-02');
  if (!literal.mpidrRight(cpu)) broken.push('HD-02');
  return broken;
}

/** FP-04, FP-11 after put_fp. */
function put(literal: Literal, before: Before, cpu: number): string[] {
  const broken: string[] = [];
  if (literal.auth(before.vcpu) !== 'mem' || literal.zaAuth(before.vcpu) !== 'mem') broken.push('FP-04');
  const flushed = literal.tif(literal.current(cpu), cpu) && literal.last(cpu) === 'none';
  if (before.ownerKernel === 'guest' && !flushed) broken.push('FP-11');
  return broken;
}

/** FP-11, FP-27. */
function user(literal: Literal, cpu: number): string[] {
  const broken: string[] = [];
  const pid = literal.current(cpu);
  if (literal.tif(pid, cpu) || literal.last(cpu) !== `task:${pid}`) broken.push('FP-11');
  if (!literal.valid(cpu, `task:${pid}`)) broken.push('FP-27');
  if ((literal.svcr(cpu) & 2) !== 0 && !literal.zaValid(cpu, `task:${pid}`)) broken.push('FP-27');
  return broken;
}
