/** Bytes of the module. `prelude`: of lib/ingest/fast/simd/memory.ts. Throws where the text is wrong. */
export function compileScan(prelude: string): Promise<Uint8Array>;
