/** Elements. Text is text: nothing from a trace is ever read as HTML. */

type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void)>>;

/** `onclick` and its like take functions; `true` and `false` say whether an attribute is there. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string | number)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key.replace(/^on/, ''), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false) made.setAttribute(key, String(value));
  }
  made.append(...children.map((child) => (typeof child === 'number' ? child.toLocaleString('en') : child)));
  return made;
}

/** The element of the document that has the id. */
export function byId<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found as T;
}

export function table(
  caption: string,
  heads: readonly { readonly title: string; readonly number?: boolean }[],
  rows: readonly HTMLTableRowElement[],
): HTMLTableElement {
  const cells = heads.map(({ title, number }) =>
    element('th', { scope: 'col', class: number === true ? 'number' : '' }, title),
  );
  return element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...cells)),
    element('tbody', {}, ...rows),
  );
}
