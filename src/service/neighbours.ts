/** Who else answers DHCP, in memory: bounded, one entry for each link, role and address. */

import type { Neighbour, Sighting } from '../boot/neighbour.ts';
import { conflictOf } from '../boot/neighbour.ts';

/** Far more than a network has; beyond it, who was silent the longest goes. */
const MOST = 256;
/** A conflict that lasts is told again after that long. */
const TOLD_MS = 3_600_000;

export type NeighboursDeps = {
  /** What we do on a link; a reload may change it. */
  readonly mode: (link: string) => 'server' | 'proxy' | 'off' | undefined;
  /** By the first bytes of a MAC. */
  readonly vendorOf: (mac: string) => string | undefined;
  /** Somebody new, or one that has begun to be in the way. */
  readonly onNews: (neighbour: Neighbour) => void;
};

export class Neighbours {
  readonly #deps: NeighboursDeps;
  readonly #known = new Map<string, Neighbour>();
  /** When a conflict was told last. */
  readonly #told = new Map<string, number>();

  constructor(deps: NeighboursDeps, known: readonly Neighbour[] = []) {
    this.#deps = deps;
    for (const neighbour of known.slice(0, MOST)) this.#known.set(keyOf(neighbour), neighbour);
  }

  /** `now`: epoch milliseconds. */
  hear(sighting: Sighting, now: number): Neighbour {
    const key = keyOf(sighting);
    const before = this.#known.get(key);
    const neighbour = this.#merged(sighting, before, now);
    this.#known.delete(key);
    this.#known.set(key, neighbour);
    this.#forgetOldest();
    this.#tell(key, neighbour, before, now);
    return neighbour;
  }

  /** Who gets in the way first, then by link and address. */
  list(): readonly Neighbour[] {
    const modes = [...this.#known.values()].map((one) => this.#judged(one));
    return modes.sort(
      (a, b) =>
        Number(b.conflicts !== undefined) - Number(a.conflicts !== undefined) ||
        a.link.localeCompare(b.link) ||
        a.address.localeCompare(b.address),
    );
  }

  #merged(sighting: Sighting, before: Neighbour | undefined, now: number): Neighbour {
    const { client, ...heard } = sighting;
    const mac = heard.mac ?? before?.mac;
    const vendor =
      mac === undefined ? undefined : mac === before?.mac ? before.vendor : this.#deps.vendorOf(mac);
    const lastClient = client ?? before?.lastClient;
    return this.#judged({
      ...heard,
      // A NAK or an answer to INFORM says less than what was heard before.
      offers: { ...before?.offers, ...heard.offers },
      ...(mac !== undefined && { mac }),
      ...(vendor !== undefined && { vendor }),
      ...(lastClient !== undefined && { lastClient }),
      firstSeen: before?.firstSeen ?? now,
      lastSeen: now,
      count: (before?.count ?? 0) + 1,
      conflicts: undefined,
    });
  }

  #judged(neighbour: Neighbour): Neighbour {
    return { ...neighbour, conflicts: conflictOf(neighbour, this.#deps.mode(neighbour.link)) };
  }

  #forgetOldest(): void {
    if (this.#known.size <= MOST) return;
    const [oldest] = this.#known.keys();
    this.#known.delete(oldest!);
    this.#told.delete(oldest!);
  }

  #tell(key: string, neighbour: Neighbour, before: Neighbour | undefined, now: number): void {
    const isConflict = neighbour.conflicts !== undefined;
    const told = this.#told.get(key);
    const isToldAgain = isConflict && (told === undefined || now - told > TOLD_MS);
    if (isToldAgain) this.#told.set(key, now);
    if (before === undefined || isToldAgain) this.#deps.onNews(neighbour);
  }
}

/** A server may be a proxy for some and not for others; a link has the same address only once. */
function keyOf({ link, role, address }: Pick<Neighbour, 'link' | 'role' | 'address'>): string {
  return `${link} ${role} ${address}`;
}
