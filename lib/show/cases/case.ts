/** What came of one trace on one kernel, in the terms of those who gate on it: JUnit, SARIF, annotations, TAP. */

import type { Severity } from '../../report/report.ts';

/** error: nothing could be said, since something could not be read; skip: it was not to be looked at. */
export type CaseOutcome = 'pass' | 'fail' | 'inconclusive' | 'error' | 'skip';

export interface CaseFinding {
  readonly severity: Severity;
  /** A rule of `worldswitch rules`, or one of `CASE_RULES`. */
  readonly rule: string;
  /** A sentence, unescaped. */
  readonly message: string;
  /** As it was given on the command line; '-' is stdin. */
  readonly path: string;
  /** From 1; 0: the file as a whole. */
  readonly line: number;
  /** The kernel function in which it happened. */
  readonly source?: string;
}

export interface Case {
  /** What it is told apart by: "v6.10 vhe". */
  readonly name: string;
  /** The trace. */
  readonly path: string;
  readonly outcome: CaseOutcome;
  /** Why it is no pass, most important first; unescaped. */
  readonly reasons: readonly string[];
  readonly findings: readonly CaseFinding[];
  /** How long it took; absent where it is told of a replay, whose outputs have no clock. */
  readonly seconds?: number;
}

/** What can be found beside violations, with help for those who meet it. */
export const CASE_RULES = {
  divergence: {
    title: 'an observed value diverges',
    help: 'A value that was read inside the running kernel is not the one that the emulator has. Either the trace is of another kernel than the model, or the model is wrong: replay --explain names the switch of the model that would explain it.',
  },
  golden: {
    title: 'not the expected report',
    help: 'The report differs from the golden beside the trace. worldswitch check --update --dry-run shows how, --update accepts it.',
  },
  'stale-golden': {
    title: 'a golden of no trace',
    help: 'An expected report whose trace is gone, or of a kernel that there is not. worldswitch check --update removes it.',
  },
  inconclusive: {
    title: 'not everything could be checked',
    help: 'Nothing failed, but values that checks need are not known from the trace, or a part of it could not be followed. The message says which.',
  },
  input: {
    title: 'not a trace',
    help: 'The file cannot be read as a trace. worldswitch schema prints the JSON Schema of a line.',
  },
} as const satisfies Record<string, { readonly title: string; readonly help: string }>;

/** "a/x.ndjson:12", as compilers write it; unescaped. */
export function whereOf({ path, line }: Pick<CaseFinding, 'path' | 'line'>): string {
  const name = path === '-' ? '<stdin>' : path;
  return line > 0 ? `${name}:${line}` : name;
}
