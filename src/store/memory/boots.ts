import type { BootQuery, BootRow, BootStore, StoredStep } from '../types.ts';

/** Boots of a server that keeps nothing, and of tests. */
export function memoryBoots(): BootStore {
  let all: StoredStep[] = [];
  /** Steps pruned away, so that cursors stay what they were. */
  let dropped = 0;

  function rows(): BootRow[] {
    const boots = new Map<string, BootRow>();
    for (const step of all) {
      const row = boots.get(step.boot);
      const mac = row?.mac ?? step.mac;
      const host = step.host ?? row?.host;
      boots.set(step.boot, {
        id: step.boot,
        started: row?.started ?? step.at,
        updated: step.at,
        steps: (row?.steps ?? 0) + 1,
        ...(mac !== undefined && { mac }),
        ...(host !== undefined && { host }),
        ...(step.rehearsal !== undefined && { rehearsal: true as const }),
      });
    }
    return [...boots.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  return {
    append: async (steps) => void all.push(...steps.map(({ boot, seq, step }) => ({ ...step, boot, seq }))),
    boots: async ({ limit, offset = 0, ...query }) => {
      const found = rows().filter((row) => fits(row, query));
      return found.slice(offset, offset + limit);
    },
    count: async (query) => rows().filter((row) => fits(row, query)).length,
    steps: async (boot, afterSeq = -1) =>
      all.filter((step) => step.boot === boot && step.seq > afterSeq).sort((a, b) => a.seq - b.seq),
    async tail(cursor, limit) {
      if (cursor < 0) return { cursor: dropped + all.length, steps: [] };
      const first = Math.max(cursor, dropped);
      const steps = all.slice(first - dropped, first - dropped + limit);
      return {
        cursor: first + steps.length,
        steps: steps.map((step, i) => ({ ...step, cursor: first + i + 1 })),
      };
    },
    async prune(keep, since, atMost) {
      const surplus = rows()
        .filter((row, i) => i >= keep || row.updated < since)
        .slice(-atMost);
      const old = new Set(surplus.map((row) => row.id));
      const kept = all.filter((step) => !old.has(step.boot));
      dropped += all.length - kept.length;
      all = kept;
      return old.size;
    },
    close: async () => undefined,
  };
}

function fits(row: BootRow, { mac, host, since, rehearsals = false }: BootQuery): boolean {
  return (
    (mac === undefined || row.mac === mac) &&
    (host === undefined || row.host === host) &&
    (since === undefined || row.started >= since) &&
    (rehearsals || row.rehearsal === undefined)
  );
}
