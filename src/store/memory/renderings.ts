import { type InventoryStore, RENDERINGS_PER_HOST, type Rendering, type RenderingStore } from '../types.ts';

/** @param inventory whose hosts they are for */
export function memoryRenderings(inventory: InventoryStore): RenderingStore {
  let kept: readonly Rendering[] = [];

  /** Newest first, without those of hosts that are gone. */
  async function known(): Promise<readonly Rendering[]> {
    const { changes } = await inventory.since(0);
    const hosts = new Set(
      changes.flatMap((stored) =>
        stored.op === 'put' && stored.collection === 'hosts' ? [stored.record.id] : [],
      ),
    );
    return kept.filter(({ host }) => hosts.has(host)).sort((a, b) => b.at - a.at);
  }

  return {
    async put(renderings) {
      for (const rendering of renderings) {
        const others = kept.filter(
          ({ host, template }) => host !== rendering.host || template !== rendering.template,
        );
        const before = kept.find((other) => !others.includes(other));
        if (before === undefined || before.at <= rendering.at) kept = [...others, rendering];
      }
      const counts = new Map<number, number>();
      kept = (await known()).filter(({ host }) => {
        counts.set(host, (counts.get(host) ?? 0) + 1);
        return counts.get(host)! <= RENDERINGS_PER_HOST;
      });
    },
    of: async (host, kind) =>
      (await known()).filter((rendering) => rendering.host === host && rendering.kind === kind),
  };
}
