/** Every rule, in the order of the semantics. */

import type { Rule } from './rule.ts';
import { DEBUG_RULES } from './rules/debug.ts';
import { FP_GUEST_RULES } from './rules/fp-guest.ts';
import { FP_HOST_RULES } from './rules/fp-host.ts';
import { FP_OWNER_RULES } from './rules/fp-owner.ts';
import { FP_RESUME_RULES } from './rules/fp-resume.ts';
import { HOST_DATA_RULES } from './rules/host-data.ts';
import { HOST_TRAP_RULES } from './rules/host-traps.ts';
import { SME_RULES } from './rules/sme.ts';

const byId = (a: Rule, b: Rule): number => (a.id < b.id ? -1 : 1);

export const RULES: readonly Rule[] = [
  ...[...FP_OWNER_RULES, ...FP_HOST_RULES, ...FP_RESUME_RULES, ...FP_GUEST_RULES].sort(byId),
  ...[...DEBUG_RULES, ...HOST_TRAP_RULES, ...HOST_DATA_RULES].sort(byId),
  ...SME_RULES,
];
