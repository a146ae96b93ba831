/** SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */

import type { Invocation, Log, ReportingDescriptor, Result } from 'sarif';
import { RULES } from '../../check/rules.ts';
import type { Severity } from '../../report/report.ts';
import { toJson } from '../../text/json.ts';
import type { Style } from '../reporter.ts';
import { CASE_RULES, type Case, type CaseFinding } from './case.ts';
import { reportsCase } from './report-case.ts';

const LEVEL = { error: 'error', warning: 'warning', suspicious: 'note' } as const satisfies Record<Severity, string>;

export const createReporter = reportsCase(formatSarif);

interface Found extends CaseFinding {
  /** Of which case. */
  readonly name: string;
}

/** One run: the rules that were met, in the order of their names, and a result for each finding. */
export function formatSarif(cases: readonly Case[], { version }: Pick<Style, 'version'>): string {
  const found = cases.flatMap(({ name, findings }) => findings.map((finding): Found => ({ ...finding, name })));
  const ids = [...new Set(found.map(({ rule }) => rule))].sort();
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'worldswitch',
            ...(version !== undefined && { semanticVersion: version }),
            rules: ids.map(describeRule),
          },
        },
        invocations: [invocationOf(cases)],
        results: found.map((finding) => resultOf(finding, ids.indexOf(finding.rule))),
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
  return `${toJson(log, 2)}\n`;
}

/** It was successful where everything could be read; what is inconclusive is told there too. */
function invocationOf(cases: readonly Case[]): Invocation {
  const unread = cases.some(({ outcome }) => outcome === 'error');
  return { executionSuccessful: !unread };
}

function describeRule(id: string): ReportingDescriptor {
  const rule = RULES.find((known) => known.id === id);
  const own = Object.hasOwn(CASE_RULES, id) ? CASE_RULES[id as keyof typeof CASE_RULES] : undefined;
  const title = rule?.title ?? own?.title ?? id;
  const help = rule === undefined ? (own?.help ?? id) : helpOf(rule);
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: rule?.statement ?? own?.help ?? id },
    help: { text: help },
    defaultConfiguration: { level: LEVEL[rule?.severity ?? 'error'] },
  };
}

function helpOf({ statement, appliesTo, derives, history }: (typeof RULES)[number]): string {
  const lines = [statement, `Applies to: ${appliesTo}.`, `Derives from: ${derives}.`];
  if (history !== '') lines.push(`Would have reported: ${history}.`);
  return lines.join('\n');
}

function resultOf({ rule, severity, message, path, line, source, name }: Found, ruleIndex: number): Result {
  const physicalLocation = {
    artifactLocation: { uri: uriOf(path) },
    ...(line > 0 && { region: { startLine: line } }),
  };
  const logicalLocations = source === undefined ? [] : [{ name: source, kind: 'function' }];
  const location = {
    ...(path !== '-' && { physicalLocation }),
    ...(logicalLocations.length > 0 && { logicalLocations }),
  };
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVEL[severity],
    message: { text: message },
    locations: Object.keys(location).length === 0 ? [] : [location],
    properties: { kernel: name },
  };
}

/** A relative path stays relative, so that whoever shows it finds the file in a checkout. */
function uriOf(path: string): string {
  const encoded = path.split('/').map(encodeSegment).join('/');
  if (path.startsWith('/')) return `file://${encoded}`;
  return encoded.replace(/^(?:\.\/)+/, '');
}

/** A lone surrogate has no UTF-8. */
const encodeSegment = (segment: string): string => encodeURIComponent(Buffer.from(segment).toString());
