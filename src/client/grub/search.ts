/** The names under which GRUB looks for its configuration (GRUB 2.06: grub-core/net/net.c). Pure. */

import type { Ipv4 } from '../../net/ip.ts';
import { bootif, type Mac } from '../../net/mac.ts';
import { swapUuid, type Uuid } from '../../net/uuid.ts';

/** In the directory of the loader; the UUID as it was sent in DHCP, the address in ever fewer hex digits. */
export function grubConfigNames(uuid: Uuid, mac: Mac, ip: Ipv4): readonly string[] {
  const hex = ip.toString(16).toUpperCase().padStart(8, '0');
  const addresses = Array.from({ length: 8 }, (_, cut) => hex.slice(0, 8 - cut));
  const own = [swapUuid(uuid), bootif(mac), ...addresses].map((name) => `grub.cfg-${name}`);
  return [...own, 'grub.cfg'];
}
