/** What JSON must look like, as functions that say what is wrong with a value: small ones make up large ones. */

/** What is wrong with a value at `path`, or undefined. */
export type Check = (value: unknown, path: string) => string | undefined;

export const text: Check = (value, path) => (typeof value === 'string' ? undefined : `${path}: expected a string`);

export const count: Check = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : `${path}: expected an integer, 0 or more`;

export const oneOf =
  (...values: readonly unknown[]): Check =>
  (value, path) =>
    values.includes(value) ? undefined : `${path}: expected ${values.join(' or ')}`;

export const list =
  (item: Check): Check =>
  (value, path) =>
    Array.isArray(value)
      ? first(value.map((element, index) => item(element, `${path}[${index}]`)))
      : `${path}: expected an array`;

export const map =
  (item: Check): Check =>
  (value, path) =>
    isObject(value)
      ? first(Object.entries(value).map(([key, element]) => item(element, `${path}.${key}`)))
      : `${path}: expected an object`;

/** An object with at least these fields. */
export const object =
  (fields: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value, path) => {
    if (!isObject(value)) return `${path === '' ? 'the report' : path}: expected an object`;
    const at = (name: string) => (path === '' ? name : `${path}.${name}`);
    return first([
      ...Object.entries(fields).map(([name, check]) =>
        Object.hasOwn(value, name) ? check(value[name], at(name)) : `${at(name)}: missing`,
      ),
      ...Object.entries(optional).map(([name, check]) =>
        Object.hasOwn(value, name) ? check(value[name], at(name)) : undefined,
      ),
    ]);
  };

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function first(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined);
}
