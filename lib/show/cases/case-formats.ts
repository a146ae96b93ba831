/** The formats of a check that are for programs: those of cases. */

import type { Style } from '../reporter.ts';
import type { Case } from './case.ts';

interface CaseFormatRow {
  readonly doc: string;
  readonly load: () => Promise<(cases: readonly Case[], style: Pick<Style, 'version'>) => string>;
}

export const CASE_FORMATS = {
  junit: { doc: 'JUnit XML: a suite for each trace', load: async () => (await import('./junit.ts')).formatJunit },
  sarif: { doc: 'SARIF 2.1.0, for code scanning', load: async () => (await import('./sarif.ts')).formatSarif },
  github: {
    doc: 'workflow commands of GitHub Actions: annotations',
    load: async () => (await import('./github.ts')).formatGithub,
  },
  tap: { doc: 'TAP 14, the Test Anything Protocol', load: async () => (await import('./tap.ts')).formatTap },
} as const satisfies Record<string, CaseFormatRow>;

export type CaseFormat = keyof typeof CASE_FORMATS;
