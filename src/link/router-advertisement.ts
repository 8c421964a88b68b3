/**
 * An ICMPv6 Router Advertisement that says "I am not your router": lifetime 0, no prefix.
 *
 * iPXE configures IPv6 beside IPv4 and waits about 13 seconds for an answer to its router solicitation, in each
 * stage that does DHCP, where no IPv6 router exists. This answer ends the wait and configures nothing
 * (RFC 4861 §4.2: a lifetime of 0 is not a default router).
 */

import { Writer } from '../net/bytes.ts';
import { checksumOf, sumWords } from './checksum.ts';

const ICMPV6 = 58;
const ROUTER_ADVERTISEMENT = 134;
const SOURCE_LINK_LAYER_ADDRESS = 1;
/** Receivers drop it otherwise: it proves that no router passed it on (RFC 4861 §6.1.2). */
const HOP_LIMIT = 255;
const ICMP_LENGTH = 24;
const ALL_NODES = Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/**
 * IPv6 header and ICMPv6 message; no Ethernet header.
 * @param source link-local address, 16 bytes
 * @param mac of the sending interface
 * @param destination address of one node, 16 bytes; all nodes when absent
 */
export function encodeRouterAdvertisement(
  source: Uint8Array,
  mac: Uint8Array,
  destination: Uint8Array = ALL_NODES,
): Uint8Array {
  const message = icmp(mac, 0);
  const pseudoHeader = sumWords(destination, sumWords(source)) + ICMP_LENGTH + ICMPV6;
  const checksum = checksumOf(sumWords(message, pseudoHeader));
  return new Writer(64)
    .u32(0x60000000)
    .u16(ICMP_LENGTH)
    .u8(ICMPV6)
    .u8(HOP_LIMIT)
    .put(source)
    .put(destination)
    .put(icmp(mac, checksum))
    .finish();
}

/** RFC 4861 §4.2, every value "unspecified by this router"; one option, §4.6.1. */
function icmp(mac: Uint8Array, checksum: number): Uint8Array {
  return new Writer(ICMP_LENGTH)
    .u8(ROUTER_ADVERTISEMENT)
    .u8(0)
    .u16(checksum)
    .zeros(4) // hop limit, flags, router lifetime
    .zeros(8) // reachable time, retransmission timer
    .u8(SOURCE_LINK_LAYER_ADDRESS)
    .u8(1)
    .put(mac)
    .finish();
}

/** fe80::/64 with the modified EUI-64 of a MAC address (RFC 4291, appendix A). */
export function linkLocalOf(mac: Uint8Array): Uint8Array {
  const [a, b, c, d, e, f] = mac as unknown as readonly [number, number, number, number, number, number];
  return Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f);
}
