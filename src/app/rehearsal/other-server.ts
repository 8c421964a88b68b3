/**
 * The DHCP server of the site beside which ours is a proxy, played: it gives an address and nothing else. The real one
 * would take note of whoever asks it.
 */

import { MESSAGE, messageType, OPTION, u32Value } from '../../dhcp/options.ts';
import { type DhcpPacket, decodePacket, encodePacket } from '../../dhcp/packet.ts';
import type { UdpPort } from '../../link/types.ts';
import { DecodeError } from '../../net/bytes.ts';
import { type Ipv4, parseIpv4 } from '../../net/ip.ts';
import { formatMac } from '../../net/mac.ts';

/** TEST-NET-2 (RFC 5737): nobody's. */
export const OTHER_SERVER = parseIpv4('198.51.100.1')!;

/** `addressOf`: what a MAC is given. */
export function playOtherServer(port: UdpPort, addressOf: (mac: string) => Ipv4): void {
  port.onBatch((batch) => {
    for (const { bytes, address, port: from } of batch) {
      const answer = answerTo(bytes, addressOf);
      if (answer !== undefined) port.send([{ bytes: encodePacket(answer), address, port: from }]);
    }
  });
}

const LEASE_SECONDS = 3600;

function answerTo(bytes: Uint8Array, addressOf: (mac: string) => Ipv4): DhcpPacket | undefined {
  const request = decoded(bytes);
  const type = request && ANSWERS[messageType(request) ?? 0];
  if (request === undefined || type === undefined) return undefined;
  return {
    ...request,
    op: 2,
    secs: 0,
    yiaddr: addressOf(formatMac(request.chaddr)),
    siaddr: 0,
    sname: '',
    file: '',
    options: new Map([
      [OPTION.messageType, Uint8Array.of(type)],
      [OPTION.serverId, u32Value(OTHER_SERVER)],
      [OPTION.leaseTime, u32Value(LEASE_SECONDS)],
      [OPTION.subnetMask, u32Value(0xffffff00)],
    ]),
  };
}

const ANSWERS: Readonly<Record<number, number>> = {
  [MESSAGE.discover]: MESSAGE.offer,
  [MESSAGE.request]: MESSAGE.ack,
};

function decoded(bytes: Uint8Array): DhcpPacket | undefined {
  try {
    return decodePacket(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
