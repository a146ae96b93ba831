/** tsx does not reach worker threads by itself: with --import, this brings it there. */

import { isMainThread } from 'node:worker_threads';

if (!isMainThread) (await import('tsx/esm/api')).register();
