/** The commands, in the order of the help. The file of a command is loaded where it is named. */

import type { Declare } from '../context.ts';

interface CommandRow {
  /** What it does, as the list of commands says it. */
  readonly summary: string;
  /** It tells of all commands: they are all declared with it. */
  readonly tellsOfAll?: true;
  readonly load: () => Promise<{ readonly declare: Declare }>;
}

export const COMMANDS: Readonly<Record<string, CommandRow>> = {
  replay: { summary: 'replay traces and report', load: () => import('./replay.ts') },
  view: { summary: 'write a page to look at: a timeline of every CPU and vCPU', load: () => import('./view.ts') },
  export: { summary: 'write what Perfetto and Chrome open', load: () => import('./export.ts') },
  explain: {
    summary: 'what violations come of, or the history of a value',
    load: () => import('./explain.ts'),
  },
  state: { summary: 'all of the state before and after a line', load: () => import('./state.ts') },
  minimize: { summary: 'the shortest trace that still shows a violation', load: () => import('./minimize.ts') },
  events: { summary: 'a line an event, with what it changed', load: () => import('./events.ts') },
  compare: {
    summary: 'one trace under several kernels, or two traces, side by side',
    load: () => import('./compare.ts'),
  },
  check: {
    summary: 'traces against the reports expected of them, many at a time',
    load: () => import('./check.ts'),
  },
  costs: {
    summary: 'what world switches cost, as distributions',
    load: () => import('./costs.ts'),
  },
  layouts: { summary: 'one trace under three ways to store SME guests', load: () => import('./layouts.ts') },
  diagram: { summary: 'draw the ownership automaton of a kernel', load: () => import('./diagram.ts') },
  probes: {
    summary: 'write the shell script that takes a capture on an arm64 host',
    load: () => import('./probes.ts'),
  },
  footprint: {
    summary: 'bytes of host state for each vCPU and CPU, and what the series saved',
    load: () => import('./footprint.ts'),
  },
  import: { summary: 'turn a capture of a running kernel into trace format 1', load: () => import('./import.ts') },
  identify: { summary: 'find out which kernel a capture is of', load: () => import('./identify.ts') },
  models: { summary: 'list the kernels that can be replayed', load: () => import('./models.ts') },
  rules: { summary: 'list the invariants, or say all of those that are named', load: () => import('./rules.ts') },
  schema: { summary: 'print the JSON Schema of a trace line or a report', load: () => import('./schema.ts') },
  diff: {
    summary: 'compare two reports: verdict, violations, transitions, costs',
    load: () => import('./diff.ts'),
  },
  merge: {
    summary: 'add the reports of many traces up to one, or print them as rows',
    load: () => import('./merge.ts'),
  },
  coverage: {
    summary: 'what a set of traces reaches, and traces for what it does not',
    load: () => import('./coverage.ts'),
  },
  completion: {
    summary: 'print what bash, zsh or fish need to complete the command line',
    tellsOfAll: true,
    load: () => import('./completion.ts'),
  },
  man: { summary: 'print the manual page', tellsOfAll: true, load: () => import('./man.ts') },
};
