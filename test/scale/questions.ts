/** The questions of test/scale/README.md, read from there and asked of rows by DuckDB. */

import { readFileSync } from 'node:fs';

/** The SQL of a question, by its heading. */
export function questions(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const found = text.matchAll(/^### (.*)\n(?:(?!^#)[^\n]*\n)*?```sql\n([\s\S]*?)^```$/gm);
  return new Map([...found].map(([, heading = '', sql = '']) => [heading, sql]));
}

/** The answer as rows of plain values. `files`: what stands for 'rows.csv' in the SQL. */
export async function ask(sql: string, file: string): Promise<readonly Record<string, unknown>[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql.replaceAll("'rows.csv'", `'${file.replaceAll("'", "''")}'`));
    return reader.getRowObjectsJson() as readonly Record<string, unknown>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
