/** The file of --btf. */

import { type Btf, describeBtfError, isBtfError, readBtf } from '../btf/blob.ts';
import { DEFAULT_BTF_LIMITS, optionOf } from '../btf/limits.ts';
import { escapeText } from '../text/escape.ts';
import { Failure } from './exit.ts';
import { type BtfLimitOptions, btfLimitsOf } from './options/limits.ts';
import { nameOfFile, readWhole } from './read-whole.ts';

/** Reads a BTF file; '-' is stdin. Throws `Failure` where it cannot be read or is no BTF. */
export async function readBtfFile(path: string, options: BtfLimitOptions): Promise<Btf> {
  const limits = { ...DEFAULT_BTF_LIMITS, ...btfLimitsOf(options) };
  const btf = readBtf(await readWhole(path, limits.bytes, optionOf('bytes')), limits);
  if (!isBtfError(btf)) return btf;
  const what = btf.limit === undefined ? ' is no BTF' : '';
  throw new Failure(`${nameOfFile(path)}${what}: ${escapeText(describeBtfError(btf), 400)}`);
}
