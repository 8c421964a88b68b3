/** Who asks? Everything a decision may depend on, extracted once from the wire and never looked up again. */

import type { Arch } from '../net/arch.ts';
import type { Ipv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import type { Uuid } from '../net/uuid.ts';

/** What runs on the machine at the moment it asks. `os`: an ordinary DHCP client that does not boot from us. */
export type Stage = 'rom' | 'pxelinux' | 'gpxe' | 'ipxe' | 'grub' | 'installer' | 'os';

export type Via = 'dhcp' | 'proxy-dhcp' | 'tftp' | 'http' | 'syslog';

export type Facts = {
  readonly mac: Mac;
  /** As iPXE prints it (natural order). */
  readonly uuid?: Uuid;
  readonly arch: Arch;
  readonly stage: Stage;
  readonly via: Via;
  /** Name of the network interface it came in on. */
  readonly link?: string;
  /** `giaddr`, when a relay passed the request on. */
  readonly relay?: Ipv4;
  /** iPXE features by option-175 tag (0x13 http, 0x14 https, …); present only when iPXE asks, disguised or not. */
  readonly ipxeFeatures?: ReadonlySet<string>;
  /** An iPXE (option 175) whose user class says that it is something else, so that it is taken for a ROM. */
  readonly disguised?: true;
};
