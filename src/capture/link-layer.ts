/** From a frame to the network packet in it, by what the capture says that its frames begin with. */

import { DecodeError, Reader } from '../net/bytes.ts';
import { formatMac, type Mac } from '../net/mac.ts';
import type { Frame } from './types.ts';

export const LINKTYPE = {
  null: 0,
  ethernet: 1,
  rawOfBsd: 12,
  rawOfOpenBsd: 14,
  raw: 101,
  loop: 108,
  cooked: 113,
  ipv4: 228,
  cooked2: 276,
} as const;

export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, qinq: 0x88a8, ipv6: 0x86dd } as const;

export type Unframed = {
  readonly etherType: number;
  readonly payload: Uint8Array;
  /** Bytes that the payload had on the wire. */
  readonly length: number;
  readonly source?: Mac;
  /** Linux' cooked captures do not tell it. */
  readonly target?: Mac;
  /** VLAN ids, the outermost first. */
  readonly vlans: readonly number[];
};

/** Q-in-Q in Q-in-Q is nobody's network. */
const MOST_TAGS = 4;

/** Undefined for frames of which this program knows nothing. @throws {DecodeError} for one that is cut too short. */
export function unframe(frame: Frame): Unframed | undefined {
  const reader = new Reader(frame.bytes);
  switch (frame.linkType) {
    case LINKTYPE.ethernet: {
      const target = formatMac(reader.take(6));
      const source = formatMac(reader.take(6));
      return tagged(frame, reader, { source, target });
    }
    case LINKTYPE.cooked:
      return cooked(frame, reader);
    case LINKTYPE.cooked2:
      return cooked2(frame, reader);
    case LINKTYPE.raw:
    case LINKTYPE.rawOfBsd:
    case LINKTYPE.rawOfOpenBsd:
    case LINKTYPE.ipv4:
      return rest(
        frame,
        reader,
        frame.bytes[0] !== undefined && frame.bytes[0] >> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4,
      );
    case LINKTYPE.null:
    case LINKTYPE.loop:
      // The address family, in the byte order of the host for the former; AF_INET is 2 everywhere.
      return rest(frame, reader, [2, 0x02000000].includes(reader.u32()) ? ETHERTYPE.ipv4 : 0);
    default:
      return undefined;
  }
}

type Ends = { readonly source?: Mac; readonly target?: Mac };

/** LINKTYPE_LINUX_SLL: | packet type 2 | ARPHRD 2 | length 2 | address 8 | protocol 2 | */
function cooked(frame: Frame, reader: Reader): Unframed {
  reader.take(4);
  const ends = sender(reader.u16(), reader.take(8));
  return tagged(frame, reader, ends);
}

/** LINKTYPE_LINUX_SLL2: | protocol 2 | reserved 2 | interface 4 | ARPHRD 2 | packet type 1 | length 1 | address 8 | */
function cooked2(frame: Frame, reader: Reader): Unframed {
  const etherType = reader.u16();
  reader.take(9);
  const ends = sender(reader.u8(), reader.take(8));
  return untag(frame, reader, ends, etherType);
}

function sender(length: number, address: Uint8Array): Ends {
  return length === 6 ? { source: formatMac(address) } : {};
}

function tagged(frame: Frame, reader: Reader, ends: Ends): Unframed {
  return untag(frame, reader, ends, reader.u16());
}

/** IEEE 802.1Q and 802.1ad. */
function untag(frame: Frame, reader: Reader, ends: Ends, first: number): Unframed {
  const vlans: number[] = [];
  let etherType = first;
  while (etherType === ETHERTYPE.vlan || etherType === ETHERTYPE.qinq) {
    if (vlans.length === MOST_TAGS) throw new DecodeError('too many VLAN tags', reader.offset);
    vlans.push(reader.u16() & 0x0fff);
    etherType = reader.u16();
  }
  return { ...rest(frame, reader, etherType), ...ends, vlans };
}

function rest(frame: Frame, reader: Reader, etherType: number): Unframed {
  const length = frame.length - reader.offset;
  return { etherType, payload: reader.rest(), length, vlans: [] };
}
