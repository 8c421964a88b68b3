/** Requests of DHCP with the answers that each got. Pure. */

import type { DhcpEvent } from './events.ts';

export type DhcpExchange = { readonly request: DhcpEvent; readonly answers: readonly DhcpEvent[] };

/** An answer belongs to the last request of its transaction before it; answers to requests that were not captured are left out. */
export function answersOf(events: readonly DhcpEvent[]): readonly DhcpExchange[] {
  const exchanges: { readonly request: DhcpEvent; readonly answers: DhcpEvent[] }[] = [];
  const latest = new Map<string, DhcpEvent[]>();
  for (const event of events) {
    const key = `${event.mac} ${event.packet.xid}`;
    if (event.packet.op === 1) {
      const answers: DhcpEvent[] = [];
      latest.set(key, answers);
      exchanges.push({ request: event, answers });
    } else latest.get(key)?.push(event);
  }
  return exchanges;
}
