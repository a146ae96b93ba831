/** `worldswitch diagram`: an automaton as text, for the runtime verification tools of the kernel and for people. */

import type { Automaton, Edge } from './automaton.ts';

export const DIAGRAM_FORMATS = ['dot', 'mermaid'] as const;
export type DiagramFormat = (typeof DIAGRAM_FORMATS)[number];

/** `title`: what the automaton is of; no quotes, no backslashes. */
export function formatDiagram(automaton: Automaton, title: string, format: DiagramFormat): string {
  return format === 'dot' ? toDot(automaton, title) : toMermaid(automaton, title);
}

/**
 * Graphviz as tools/verification of the kernel has its models and parses them (rvgen/automata.py): nodes in lines of their own,
 * `__init_` before the initial state, which is the marked one, then the edges, several events of one edge separated by \n.
 */
function toDot({ states, initial, edges }: Automaton, title: string): string {
  const nodes = states.flatMap((state) => [
    ...(state === initial
      ? [
          `{node [shape = plaintext, style=invis, label=""] "__init_${state}"};`,
          `{node [shape = doublecircle] "${state}"};`,
        ]
      : []),
    `{node [shape = circle] "${state}"};`,
  ]);
  const lines = states.flatMap((state) => [
    `"${state}" [label = "${state}"${state === initial ? ', color = green3' : ''}];`,
    ...byTarget(edges.filter(({ from }) => from === state)).map(
      ([to, events]) => `"${state}" -> "${to}" [ label = "${events.join('\\n')}" ];`,
    ),
  ]);
  return [
    'digraph state_automaton {',
    ...['center = true;', 'size = "7,11";', `label = "${title}";`].map(indent),
    ...nodes.map(indent),
    indent(`"__init_${initial}" -> "${initial}";`),
    ...lines.map(indent),
    ...['{ rank = min ;', `\t"__init_${initial}";`, `\t"${initial}";`, '}'].map(indent),
    '}',
    '',
  ].join('\n');
}

function toMermaid({ states, initial, edges }: Automaton, title: string): string {
  const lines = states.flatMap((state) =>
    byTarget(edges.filter(({ from }) => from === state)).map(
      ([to, events]) => `    ${state} --> ${to} : ${events.join(', ')}`,
    ),
  );
  return ['---', `title: ${title}`, '---', 'stateDiagram-v2', `    [*] --> ${initial}`, ...lines, ''].join('\n');
}

const indent = (line: string): string => `\t${line}`;

/** The edges of one state, as events by the state that they lead to. */
function byTarget(edges: readonly Edge[]): readonly (readonly [string, readonly string[]])[] {
  const targets = new Map<string, string[]>();
  for (const { to, event } of edges) targets.set(to, [...(targets.get(to) ?? []), event]);
  return [...targets];
}
