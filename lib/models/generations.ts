/** Models by what they keep of the host, and where. */

import { HOST_DATA, type HostData, type HostDataLayout } from './host-data.ts';
import { MODELS } from './profiles.ts';

export interface Generation extends HostData {
  /** Models of this layout, as `worldswitch models` names them, oldest first. */
  readonly models: readonly string[];
}

export const GENERATIONS: readonly Generation[] = (Object.keys(HOST_DATA) as HostDataLayout[]).map((layout) => ({
  models: MODELS.filter(({ hostData }) => hostData === layout).map(({ name }) => name),
  ...HOST_DATA[layout],
}));
