/** The values that states have, each once: a state is a small number. */

import {
  ANYBODY,
  type Entity,
  KERNEL_NEON,
  NOBODY,
  nameOf,
  TASK,
  type Tristate,
  UNKNOWN,
  VCPU,
} from '../kernel/state/entity.ts';
import { GUEST_OWNED, OWNER_NAMES } from '../kernel/state/owner.ts';
import type { Vcpu } from '../kernel/state/vcpu.ts';
import type { Value, ValueKind } from './timeline.ts';

const ENTITY_KINDS: Readonly<Record<number, ValueKind>> = {
  [NOBODY]: 'none',
  [ANYBODY]: 'unknown',
  [TASK]: 'host',
  [VCPU]: 'guest',
  [KERNEL_NEON]: 'neon',
};

export interface Values {
  readonly list: readonly Value[];
  readonly unknown: number;
  readonly none: number;
  entity(entity: Entity, live: boolean): number;
  /** fp_owner; where it is the guest, that of the vCPU that is loaded. */
  owner(owner: number, vcpu: Vcpu | undefined): number;
  /** A place: the CPU of that number. */
  cpu(id: number, live: boolean): number;
  flag(value: Tristate): number;
  word(kind: ValueKind, text: string): number;
}

export function createValues(): Values {
  const list: Value[] = [];
  const words = new Map<string, number>();
  const vcpuNumbers = new Map<Entity, number>();
  const live = new Map<Entity, number>();
  const stored = new Map<Entity, number>();
  const owned = new Map<Vcpu, number>();

  const add = (value: Value): number => list.push(value) - 1;
  const word = (kind: ValueKind, text: string, id = 0, isLive = true): number => {
    const key = `${kind} ${isLive} ${text}`;
    const known = words.get(key);
    if (known !== undefined) return known;
    const made = add({ kind, id, live: isLive, text });
    words.set(key, made);
    return made;
  };
  const numberOf = (entity: Entity): number => {
    if (entity.kind !== VCPU) return 0;
    const known = vcpuNumbers.get(entity) ?? vcpuNumbers.size;
    vcpuNumbers.set(entity, known);
    return known;
  };
  const unknown = word('unknown', 'unknown');
  const none = word('none', 'none');
  const flags = [word('word', '0'), word('word', '1')];
  return {
    list,
    unknown,
    none,
    word,
    entity(entity, isLive) {
      const map = isLive ? live : stored;
      const known = map.get(entity);
      if (known !== undefined) return known;
      const kind = ENTITY_KINDS[entity.kind] as ValueKind;
      const shared = kind === 'none' || kind === 'unknown';
      const made = shared
        ? word(kind, nameOf(entity))
        : add({ kind, id: numberOf(entity), live: isLive, text: nameOf(entity) });
      map.set(entity, made);
      return made;
    },
    owner(owner, vcpu) {
      const name = OWNER_NAMES[owner] as ValueKind;
      if (owner !== GUEST_OWNED || vcpu === undefined) return word(name, name);
      const known = owned.get(vcpu);
      if (known !== undefined) return known;
      const made = add({ kind: 'guest', id: numberOf(vcpu), live: true, text: 'guest' });
      owned.set(vcpu, made);
      return made;
    },
    cpu: (id, isLive) => word('cpu', `CPU ${id}`, id, isLive),
    flag: (value) => (value === UNKNOWN ? unknown : (flags[value] as number)),
  };
}
