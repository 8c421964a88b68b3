/** Who is who in a capture: which server booted the machines, and which others were heard beside it. Pure. */

import type { Neighbour } from '../boot/neighbour.ts';
import { MESSAGE, messageType, OPTION, serverId, textOf } from '../dhcp/options.ts';
import type { DhcpPacket } from '../dhcp/packet.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import type { CaptureEvent, DhcpEvent } from './events.ts';

/** Options 66 and 67 count where the fields of the header are empty. */
export function bootFileOf(packet: DhcpPacket): string | undefined {
  return packet.file || optionText(packet, OPTION.bootFile);
}

/** Where the boot file is fetched from, dotted or a name. */
export function nextServerOf(packet: DhcpPacket): string | undefined {
  return dotted(packet.siaddr) ?? optionText(packet, OPTION.tftpServerName);
}

function optionText(packet: DhcpPacket, code: number): string | undefined {
  const value = packet.options.get(code);
  return (value && textOf(value)) || undefined;
}

export function dotted(address: Ipv4 | undefined): string | undefined {
  return address === undefined || address === 0 ? undefined : formatIpv4(address);
}

/** Server identifier, else where it came from: a relay's address, if there is one. */
export function serverOf({ packet, from }: DhcpEvent): string {
  return dotted(serverId(packet)) ?? from.address;
}

export function isOffer({ packet }: DhcpEvent): boolean {
  const type = messageType(packet);
  return packet.op === 2 && (type === MESSAGE.offer || type === MESSAGE.ack);
}

/**
 * The servers whose boot files the machines went for; where none did, those they chose; else the first that offered.
 */
export function bootServers(events: readonly CaptureEvent[]): ReadonlySet<string> {
  const dhcp = events.filter((event) => event.kind === 'dhcp');
  const answers = dhcp.filter(isOffer);
  const asked = new Set(events.flatMap(addressAsked));
  const used = answers.filter(
    (event) => asked.has(serverOf(event)) || asked.has(dotted(event.packet.siaddr) ?? ''),
  );
  const naming = used.filter(({ packet }) => bootFileOf(packet) !== undefined);
  if (used.length > 0) return new Set((naming.length > 0 ? naming : used).map(serverOf));
  const chosen = dhcp.flatMap(({ packet }) => (packet.op === 1 ? (dotted(serverId(packet)) ?? []) : []));
  if (chosen.length > 0) return new Set(chosen);
  return new Set(answers.slice(0, 1).map(serverOf));
}

/** Where machines fetch from, or whom they ask for a boot file at port 4011. */
function addressAsked(event: CaptureEvent): readonly string[] {
  if (event.kind === 'tftp' || event.kind === 'http-request' || event.kind === 'tls')
    return [event.to.address];
  return event.kind === 'dhcp' && event.pxe && event.packet.op === 1 ? [event.to.address] : [];
}

/** The others, as the neighbourhood watch tells of them. */
export function neighboursOf(
  events: readonly CaptureEvent[],
  ours: ReadonlySet<string>,
): readonly Neighbour[] {
  const found = new Map<string, Neighbour>();
  for (const event of events) {
    if (event.kind !== 'dhcp' || !isOffer(event) || ours.has(serverOf(event))) continue;
    const address = serverOf(event);
    const known = found.get(address);
    found.set(address, {
      ...neighbour(event, address),
      ...(known && { firstSeen: known.firstSeen, count: known.count + 1 }),
    });
  }
  return [...found.values()];
}

function neighbour(event: DhcpEvent, address: string): Neighbour {
  const { packet, from, at, mac } = event;
  const offered = dotted(packet.yiaddr);
  const [bootFile, nextServer] = [bootFileOf(packet), nextServerOf(packet)];
  const router = packet.options.get(OPTION.router);
  return {
    link: CAPTURE_LINK,
    address,
    role: offered === undefined ? 'proxy-dhcp' : 'dhcp',
    offers: {
      ...(offered !== undefined && { address: offered }),
      ...(bootFile !== undefined && { bootFile }),
      ...(nextServer !== undefined && { nextServer }),
      ...(router !== undefined && router.length >= 4 && { router: router.subarray(0, 4).join('.') }),
    },
    ...(from.mac !== undefined && { mac: from.mac }),
    ...(mac !== undefined && { lastClient: mac }),
    firstSeen: at,
    lastSeen: at,
    count: 1,
    conflicts: bootFile === undefined ? undefined : 'boot-files',
  };
}

/** Stands for the interface where a capture was made. */
export const CAPTURE_LINK = 'capture';
