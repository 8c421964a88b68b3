/** Ends iPXE's wait for IPv6 routers on links that have none; see router-advertisement.ts for why. */

import { networkInterfaces } from 'node:os';
import { loadNative } from './native.ts';
import { encodeRouterAdvertisement, linkLocalOf } from './router-advertisement.ts';
import type { Link } from './types.ts';
import { portError } from './wire.ts';

const ETH_P_IPV6 = 0x86dd;

/**
 * Sends "no router here" to one machine. Does nothing where frames cannot be made (no koffi, not Linux): the
 * machine then waits its 13 seconds.
 * Rejects with PORT_DENIED without CAP_NET_RAW.
 * @param mac of the machine, 6 bytes
 */
export async function sendRouterAdvertisement(link: Link, mac: Uint8Array): Promise<void> {
  const native = await loadNative();
  if (native === undefined) return;
  // To the machine's own address: iPXE (ipv6_rx) drops a frame for its MAC that carries the all-nodes address.
  const packet = encodeRouterAdvertisement(sourceOn(link), link.mac, linkLocalOf(mac));
  let fd: number | undefined;
  try {
    fd = native.openPacket();
    native.outgoing.putFrame(0, packet, mac, native.interfaceIndex(link.name), ETH_P_IPV6);
    native.send(fd, 1);
  } catch (error) {
    throw portError(error, link, 0);
  } finally {
    if (fd !== undefined) native.close(fd);
  }
}

/** The link-local address the kernel gave the interface, else the one it would give. */
function sourceOn(link: Link): Uint8Array {
  const entry = networkInterfaces()[link.name]?.find(({ address }) => address.startsWith('fe80:'));
  return entry === undefined ? linkLocalOf(link.mac) : ipv6Bytes(entry.address);
}

function ipv6Bytes(address: string): Uint8Array {
  const [head = '', tail = ''] = address.split('::');
  const words = (text: string) =>
    text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
  const [left, right] = [words(head), words(tail)];
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Uint8Array.from(all.flatMap((word) => [word >>> 8, word & 255]));
}
