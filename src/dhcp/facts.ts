/** Who asks, as far as a DHCP packet tells. */

import type { Facts, Via } from '../boot/facts.ts';
import { BIOS } from '../net/arch.ts';
import { formatMac } from '../net/mac.ts';
import { ipxeFeatures, stageOf } from './ipxe.ts';
import { OPTION, uuid } from './options.ts';
import type { DhcpPacket } from './packet.ts';
import { archOfRequest } from './pxe.ts';

/** `link` is the name of the interface it came in on. The MAC is that of `chaddr`, whatever the client id says. */
export function factsOf(packet: DhcpPacket, via: Via, link: string): Facts {
  const stage = stageOf(packet);
  const boots = stage !== 'os' && stage !== 'installer';
  // Nothing else sends option 175.
  const isIpxe = stage === 'ipxe' || stage === 'gpxe' || (stage === 'rom' && packet.options.has(OPTION.ipxe));
  // One shape for all, with undefined for what is not known: this runs for every packet.
  return {
    mac: formatMac(packet.chaddr),
    arch: boots ? archOfRequest(packet) : BIOS,
    stage,
    via,
    link,
    uuid: uuid(packet),
    relay: packet.giaddr === 0 ? undefined : packet.giaddr,
    ipxeFeatures: isIpxe ? ipxeFeatures(packet) : undefined,
    disguised: stage === 'rom' && isIpxe ? true : undefined,
  };
}
