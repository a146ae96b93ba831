/** The scanner in TypeScript alone: what `lib/ingest/fast/simd/scanner.ts` does in WebAssembly. */

export { scanLines as scanFast } from '../../../lib/ingest/fast/scan.ts';
