/** The names under which PXELINUX looks for its configuration (measured with 6.04). Pure. */

import type { Ipv4 } from '../../net/ip.ts';
import { bootif, type Mac } from '../../net/mac.ts';
import { swapUuid, type Uuid } from '../../net/uuid.ts';

/** First the UUID in the byte order of the wire, the MAC, the address in ever fewer hex digits, `default`. */
export function configNames(uuid: Uuid, mac: Mac, ip: Ipv4): readonly string[] {
  const hex = ip.toString(16).toUpperCase().padStart(8, '0');
  const addresses = Array.from({ length: 8 }, (_, cut) => hex.slice(0, 8 - cut));
  return [swapUuid(uuid), bootif(mac), ...addresses, 'default'].map((name) => `pxelinux.cfg/${name}`);
}
