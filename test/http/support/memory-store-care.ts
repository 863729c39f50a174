import { type StoreCare, StoreCareRefused } from "../../../src/domain/store-care.ts";

/** Care for a store without any: a copy of four bytes, and no runs to delete. */
export function memoryStoreCare(): StoreCare {
  return {
    stats: async () => ({
      ...{ path: "/memory", version: 1, sizeBytes: 4, walBytes: 0, freeBytes: 0 },
      ...{ tables: [], flows: [] },
    }),
    check: async () => ({
      ...{ ok: true, version: 1, runs: 0, transitions: 0, deliveries: 0, faults: [], tookMs: 1 },
    }),
    copy: async () => ({ sizeBytes: 4, bytes: new Blob(["copy"]).stream() }),
    countEnded: async () => 3,
    async *prune() {
      yield { deleted: 2, total: 3, done: false };
      yield { deleted: 3, total: 3, done: true };
    },
    vacuum: () => Promise.reject(new StoreCareRefused("Cannot vacuum store: it is in use")),
  };
}
