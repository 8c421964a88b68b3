/** Relay agents: `giaddr` (RFC 2131) and the relay agent information option 82 (RFC 3046). */

import type { Ipv4 } from '../net/ip.ts';
import { OPTION, subOptions } from './options.ts';
import type { DhcpPacket } from './packet.ts';

const SUB = { circuitId: 1, remoteId: 2, linkSelection: 5 } as const;

export type Relay = {
  /** The agent's address on the client's link; answers go there. */
  readonly address: Ipv4;
  /** An address of the subnet the client is on: `giaddr`, or the agent's link selection (RFC 3527). */
  readonly subnet: Ipv4;
  /** Port or interface of the agent, raw. */
  readonly circuitId?: Uint8Array;
  readonly remoteId?: Uint8Array;
};

/** Undefined for a request that came without a relay. */
export function relayOf(packet: DhcpPacket): Relay | undefined {
  if (packet.giaddr === 0) return undefined;
  const information = packet.options.get(OPTION.relayAgent);
  if (information === undefined) return { address: packet.giaddr, subnet: packet.giaddr };
  const found = subOptions(information);
  const link = found.get(SUB.linkSelection);
  const circuitId = found.get(SUB.circuitId);
  const remoteId = found.get(SUB.remoteId);
  return {
    address: packet.giaddr,
    subnet: link?.length === 4 ? new DataView(link.buffer, link.byteOffset).getUint32(0) : packet.giaddr,
    circuitId,
    remoteId,
  };
}
