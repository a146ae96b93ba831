/**
 * Every cell of the profile table is pinned: a model with one switch set otherwise no longer gives the expected report of
 * some trace of its own; or the model is like one of which that is so, but for switches of which it is.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODELS, type Model } from '../../lib/models/models.ts';
import type { Profile } from '../../lib/models/profile.ts';
import { FOLDERS, type Run, resultOf, runsOf, traceOf } from '../support/corpus.ts';

const BOOLEAN = [false, true] as const;

/** The legal values of every switch. */
const VALUES: { readonly [Switch in keyof Profile]: readonly Profile[Switch][] } = {
  ownerLoc: ['vcpu', 'hd'],
  accessor: ['explicit', 'v1bug', 'ok'],
  hostSave: ['lazy', 'eager'],
  tifSveAtLoad: ['BUG', 'prepare', 'none'],
  el0enTracking: BOOLEAN,
  zcr: ['put', 'lazysw'],
  hostSveTz: BOOLEAN,
  pkvmFp: ['direct', 'copy', 'split', 'eager'],
  pkvmLoadPut: BOOLEAN,
  guestSme: BOOLEAN,
  sveStateSize: ['sve', 'max'],
  nestedVlCap: BOOLEAN,
  cptrCompute: ['const', 'cached', 'scratch'],
  cptrVhe: ['rmw', 'scratch'],
  trapReactivate: BOOLEAN,
  runMapFp: ['share+pin', 'share', 'none'],
  dbg: ['dirty', 'owner'],
  mdcrSite: ['common', 'split'],
  hostBuf: ['vcpu', 'hd', 'disable'],
  runningVcpuVhe: ['run', 'loadput'],
  fpmr: BOOLEAN,
  nestedSkip: BOOLEAN,
  neonPreemptible: BOOLEAN,
  neonIrqsOff: BOOLEAN,
  pmuserenrFlag: BOOLEAN,
  dsbNsh: BOOLEAN,
  hostSme: BOOLEAN,
  fgt: ['sme', 'cond', 'always'],
  hcrxRestore: ['none', 'const', 'saved'],
  cpuOnSctlr: BOOLEAN,
  fpcrLoad: ['differs', 'always'],
  mdcrAtLoad: ['once', 'either'],
  csselr: BOOLEAN,
  vpidr: BOOLEAN,
  stage2Vhe: ['run', 'load'],
  isbBeforeFp: BOOLEAN,
  isbBeforeUnmask: BOOLEAN,
  userFormat: BOOLEAN,
  isbAfterFpexc: BOOLEAN,
  mpam: ['none', 'write', 'update'],
  e0poe: ['none', 'lost', 'kept'],
  panicGuard: BOOLEAN,
  pkvmDebug: ['none', 'registers', 'all'],
  el2Synchronises: BOOLEAN,
  saveCurrent: ['preserve', 'flush'],
  accFlushes: ['none', 'sve', 'all'],
  neonFlushFirst: BOOLEAN,
  execFpmr: BOOLEAN,
  ptraceKeepsZa: BOOLEAN,
};

type Switch = keyof Profile;

/** Another value that a switch has no effect with, and why: `applies` says in which models. */
interface Silent {
  readonly between: readonly unknown[];
  readonly applies: (profile: Profile) => boolean;
  readonly why: string;
}

const SILENT: Partial<Record<Switch, Silent>> = {
  accessor: {
    between: ['explicit', 'ok'],
    applies: ({ ownerLoc }) => ownerLoc === 'vcpu',
    why: 'what the accessor could miss under pKVM is still in the vCPU',
  },
  tifSveAtLoad: {
    between: ['prepare', 'none'],
    applies: ({ hostSave }) => hostSave === 'eager',
    why: 'the host is saved at load as it is, whatever TIF_SVE says',
  },
  pkvmFp: {
    between: ['direct', 'copy'],
    applies: () => true,
    why: 'that EL2 works on a copy of the vCPU, kept equal at entry and exit, is not modelled',
  },
  sveStateSize: {
    between: ['sve', 'max'],
    applies: ({ guestSme }) => !guestSme,
    why: 'without SME in guests there is one vector length',
  },
  userFormat: {
    between: BOOLEAN,
    applies: ({ guestSme }) => !guestSme,
    why: 'without SME in guests there is one format',
  },
  el0enTracking: {
    between: BOOLEAN,
    applies: ({ hostSave }) => hostSave === 'eager',
    why: 'the host is reloaded at the next return to user mode, and its enables with it',
  },
  accFlushes: {
    between: ['sve', 'all'],
    applies: ({ hostSme }) => !hostSme,
    why: 'no SME in the host',
  },
  neonFlushFirst: {
    between: BOOLEAN,
    applies: ({ hostSme, neonPreemptible }) => !hostSme || !neonPreemptible,
    why: 'without SME the flush touches no register, and before v6.8 no state is loaded',
  },
  execFpmr: {
    between: BOOLEAN,
    applies: ({ fpmr }) => !fpmr,
    why: 'no FPMR',
  },
  ptraceKeepsZa: {
    between: BOOLEAN,
    applies: ({ hostSme }) => !hostSme,
    why: 'no SME in the host',
  },
  e0poe: {
    between: ['none', 'kept'],
    applies: () => true,
    why: 'a bit that the kernel does not know is not lost',
  },
  pkvmDebug: {
    between: ['none', 'registers', 'all'],
    applies: ({ dbg }) => dbg === 'dirty',
    why: 'the flags of a vCPU go to EL2 and back with it',
  },
  nestedVlCap: {
    between: BOOLEAN,
    applies: ({ zcr }) => zcr === 'put',
    why: "the guest's ZCR_ELx is not switched at entry",
  },
  cptrCompute: {
    between: ['const', 'cached'],
    applies: ({ ownerLoc }) => ownerLoc === 'vcpu',
    why: 'a new vCPU owns no registers: the value that is kept is the constant',
  },
  runMapFp: {
    between: ['share+pin', 'share'],
    applies: () => true,
    why: 'that a task is kept alive is not modelled: tasks do not end',
  },
  isbBeforeFp: {
    between: BOOLEAN,
    applies: ({ zcr }) => zcr === 'put',
    why: 'EL2 does not touch FP state in the exit path',
  },
  hostSveTz: {
    between: BOOLEAN,
    applies: ({ accessor }) => accessor === 'v1bug',
    why: 'outside of VHE this kernel never finds the guest to own the registers, and touches no SVE',
  },
};

/** Switches of protected KVM, which not every model has. */
const OF_PKVM: readonly Switch[] = ['pkvmFp', 'pkvmLoadPut', 'pkvmDebug', 'cpuOnSctlr'];

function isSilent(model: Model, name: Switch, value: unknown): boolean {
  if (OF_PKVM.includes(name) && !model.modes.includes('pkvm')) return true;
  const silent = SILENT[name];
  if (silent === undefined || !silent.applies(model.profile)) return false;
  return silent.between.includes(value) && silent.between.includes(model.profile[name]);
}

/** Without the machine's name; whole, as text. */
function told(run: Run, profile: Profile): string {
  const { report, asked } = resultOf({ ...run, model: { ...run.model, profile } });
  const { model: _name, ...rest } = report;
  return JSON.stringify([rest, asked]);
}

/** The runs of each model that have an expected report, small ones first. */
const RUNS = FOLDERS.flatMap(runsOf)
  .map((run) => ({ run, size: traceOf(run.folder, run.trace).events.length }))
  .filter(({ size }) => size < 1000)
  .sort((a, b) => a.size - b.size)
  .map(({ run }) => run);

/** Switches set otherwise, as "hostSave: lazy", that no expected report of the model notices. */
function unnoticedOf(model: Model): string[] {
  const runs = RUNS.filter((run) => run.model === model).map((run) => ({ run, expected: told(run, model.profile) }));
  return (Object.keys(VALUES) as Switch[]).flatMap((name) =>
    VALUES[name]
      .filter((value) => value !== model.profile[name])
      .filter((value) => !runs.some(({ run, expected }) => told(run, { ...model.profile, [name]: value }) !== expected))
      .filter((value) => !isSilent(model, name, value))
      .map((value) => `${name}: ${value}`),
  );
}

/** Models whose every switch is noticed in their own reports. Any other leans on that of them which is most like it. */
const PINNED: ReadonlySet<string> = new Set([
  ...[
    'v5.18',
    'v6.2',
    'v6.1-stable',
    'seed-v1',
    'v6.10-rc1',
    'v6.10',
    'v6.12',
    'v6.12-stable',
    'v6.14',
    'v6.16',
    'v7.1',
  ],
  ...['sme-guest-v12', 'sme-rfc-2024'],
]);

/** Switches in which the other is not like the model, as it has them. */
const differences = ({ profile }: Model, other: Model): string[] =>
  (Object.keys(VALUES) as Switch[])
    .filter((name) => profile[name] !== other.profile[name])
    .map((name) => `${name}: ${other.profile[name]}`);

for (const model of MODELS) {
  const unnoticed = unnoticedOf(model);
  if (PINNED.has(model.name)) {
    test(`every switch of ${model.name} is noticed where it is set otherwise`, () => {
      assert.deepEqual(unnoticed, []);
    });
  } else {
    test(`what sets ${model.name} apart from the model most like it is noticed in its own reports`, () => {
      const others = MODELS.filter(({ name }) => PINNED.has(name)).map((other) => differences(model, other));
      const [fewest = []] = others.sort((a, b) => a.length - b.length);
      assert.ok(fewest.length > 0, 'it is like another');
      const toDo = `touch traces/golden/TRACE.${model.name}.vhe.json, of a trace that tells; UPDATE_GOLDEN=1 writes it`;
      assert.deepEqual(
        fewest.filter((difference) => unnoticed.includes(difference)),
        [],
        toDo,
      );
    });
  }
}

test('the table above knows every switch', () => {
  for (const { profile } of MODELS) assert.deepEqual(Object.keys(profile).sort(), Object.keys(VALUES).sort());
});
