/** What each kind of firmware says of itself in DHCP, option by option in the order captured. Pure. */

import { MESSAGE, OPTION, textValue, u16Value, u32Value } from '../dhcp/options.ts';
import type { DhcpPacket, Options } from '../dhcp/packet.ts';
import { fromHex } from '../net/bytes.ts';
import type { Ipv4 } from '../net/ip.ts';
import { type Mac, macBytes } from '../net/mac.ts';
import { swapUuid, type Uuid } from '../net/uuid.ts';

export type DhcpIdentity = {
  readonly vendorClass: string;
  /** Option 93. */
  readonly arch: number;
  /** Option 94, hex. */
  readonly ndi: string;
  /** Option 77, sent as bare text. */
  readonly userClass?: string;
  /** Option 175, hex. */
  readonly ipxe?: string;
  /** Option 55. */
  readonly wants: readonly number[];
  readonly clientId: boolean;
  /** Order of the options, and what the clock field `secs` says (iPXE's is fiction). */
  readonly style: 'ipxe' | 'edk2';
  /** Takes only answers whose option 60 begins so (UEFI HTTP boot). */
  readonly wantsEcho?: string;
};

export type Machine = { readonly mac: Mac; readonly uuid: Uuid };

const ORDER: Readonly<Record<DhcpIdentity['style'], readonly number[]>> = {
  ipxe: [53, 57, 93, 94, 60, 77, 55, 175, 61, 97, 54, 50],
  edk2: [53, 54, 50, 57, 55, 97, 94, 93, 60],
};

/** `secs` of the first, second and later messages. */
const SECS: Readonly<Record<DhcpIdentity['style'], readonly number[]>> = { ipxe: [4, 10, 18], edk2: [0] };

const MAX_MESSAGE_SIZE = 1472;

export type Wish = {
  readonly type: number;
  readonly xid: number;
  /** How many messages of this exchange went before. */
  readonly nth: number;
  readonly server?: Ipv4;
  readonly address?: Ipv4;
  /** Address held already (PXE boot server request). */
  readonly ciaddr?: Ipv4;
  /** Set when the client acts as its own relay. */
  readonly giaddr?: Ipv4;
  readonly broadcast: boolean;
  /** Option 43. */
  readonly vendor?: Uint8Array;
};

export function message(identity: DhcpIdentity, machine: Machine, wish: Wish): DhcpPacket {
  const secs = SECS[identity.style];
  const chaddr = new Uint8Array(16);
  chaddr.set(macBytes(machine.mac));
  return {
    op: 1,
    htype: 1,
    hlen: 6,
    hops: wish.giaddr === undefined ? 0 : 1,
    xid: wish.xid,
    secs: secs[Math.min(wish.nth, secs.length - 1)]!,
    flags: wish.broadcast ? 0x8000 : 0,
    ciaddr: wish.ciaddr ?? 0,
    yiaddr: 0,
    siaddr: 0,
    giaddr: wish.giaddr ?? 0,
    chaddr,
    sname: '',
    file: '',
    options: optionsOf(identity, machine, wish),
  };
}

function optionsOf(identity: DhcpIdentity, machine: Machine, wish: Wish): Options {
  const values: Readonly<Record<number, Uint8Array | undefined>> = {
    [OPTION.messageType]: Uint8Array.of(wish.type),
    [OPTION.maxMessageSize]: u16Value(MAX_MESSAGE_SIZE),
    [OPTION.arch]: u16Value(identity.arch),
    [OPTION.ndi]: fromHex(identity.ndi),
    [OPTION.vendorClass]: textValue(identity.vendorClass),
    [OPTION.userClass]: identity.userClass === undefined ? undefined : textValue(identity.userClass),
    [OPTION.paramRequestList]: Uint8Array.from(identity.wants),
    [OPTION.ipxe]: identity.ipxe === undefined ? undefined : fromHex(identity.ipxe),
    [OPTION.clientId]: identity.clientId ? Uint8Array.of(1, ...macBytes(machine.mac)) : undefined,
    // Type 0, then SMBIOS' mixed-endian order.
    [OPTION.uuid]: Uint8Array.of(0, ...fromHex(swapUuid(machine.uuid))),
    [OPTION.serverId]: wish.server === undefined ? undefined : u32Value(wish.server),
    [OPTION.requestedIp]: wish.address === undefined ? undefined : u32Value(wish.address),
    [OPTION.vendorSpecific]: wish.vendor,
  };
  const options = new Map<number, Uint8Array>();
  for (const code of [...ORDER[identity.style], OPTION.vendorSpecific]) {
    const value = values[code];
    if (value !== undefined) options.set(code, value);
  }
  return options;
}

export const DISCOVER = MESSAGE.discover;
export const REQUEST = MESSAGE.request;
