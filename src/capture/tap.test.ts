import { describe, expect, it } from 'vitest';
import { OPTION, u8Value, u32Value } from '../dhcp/options.ts';
import { type DhcpPacket, encodePacket } from '../dhcp/packet.ts';
import type { Link } from '../link/types.ts';
import { fromLatin1 } from '../net/bytes.ts';
import { type Ipv4, parseIpv4 } from '../net/ip.ts';
import { macBytes } from '../net/mac.ts';
import { encode } from '../tftp/packet.ts';
import { readConversation } from './conversation.ts';
import type { CaptureEvent } from './events.ts';
import { LINKTYPE } from './link-layer.ts';
import { Tap, type TappedFrame } from './tap.ts';
import { bodyText } from './words.ts';

const MAC = '52:54:00:77:00:10';
const OTHER = '52:54:00:77:00:11';
const ip = (text: string): Ipv4 => parseIpv4(text)!;
const LINK: Link = { name: 'eth0', address: ip('10.77.0.1'), prefix: 24, mac: macBytes('02:00:00:00:00:01') };

function dhcp(op: 1 | 2, type: number, mac: string, changes: Partial<DhcpPacket> = {}): Uint8Array {
  const chaddr = Uint8Array.of(...macBytes(mac), ...new Uint8Array(10));
  const options = new Map([[OPTION.messageType, u8Value(type)], ...(changes.options ?? [])]);
  const none = {
    htype: 1,
    hlen: 6,
    hops: 0,
    xid: 1,
    secs: 0,
    flags: 0,
    ciaddr: 0,
    yiaddr: 0,
    siaddr: 0,
    giaddr: 0,
  };
  return encodePacket({ op, ...none, chaddr, sname: '', file: '', ...changes, options });
}

function tapped(): {
  readonly tap: Tap;
  readonly told: () => readonly CaptureEvent[];
  readonly stop: () => void;
} {
  const frames: TappedFrame[] = [];
  let clock = 1000;
  const tap = new Tap(() => clock++);
  const stop = tap.open(MAC, (frame) => frames.push({ ...frame, bytes: frame.bytes.slice() }));
  const told = () =>
    readConversation(
      frames.map((frame, i) => ({
        number: i + 1,
        at: frame.at,
        linkType: LINKTYPE.ethernet,
        bytes: frame.bytes,
        length: frame.length,
      })),
    ).events;
  return { tap, told, stop };
}

const CLIENT = { address: ip('10.77.0.50'), port: 2000 };

describe('a tap', () => {
  it('shows DHCP and what follows from the address that it gave, of that machine only', () => {
    const { tap, told } = tapped();
    const lease = { yiaddr: CLIENT.address };
    const read = encode({ op: 'rrq', filename: 'a', mode: 'octet', options: [] });
    tap.received(LINK, 69, { bytes: read, ...CLIENT });
    tap.received(LINK, 67, { bytes: dhcp(1, 1, OTHER), address: 0, port: 68 });
    tap.received(LINK, 67, { bytes: dhcp(1, 1, MAC), address: 0, port: 68 });
    tap.sent(LINK, 67, { bytes: dhcp(2, 5, MAC, lease), address: 0xffffffff, port: 68 });
    tap.sent(LINK, 67, {
      bytes: dhcp(2, 5, OTHER, { yiaddr: ip('10.77.0.51') }),
      address: 0xffffffff,
      port: 68,
    });
    tap.received(LINK, 69, { bytes: read, ...CLIENT });
    tap.sent(LINK, 40_000, { bytes: encode({ op: 'data', block: 1, data: new Uint8Array(7) }), ...CLIENT });
    tap.received(LINK, 40_000, { bytes: encode({ op: 'ack', block: 1 }), ...CLIENT });
    expect(told()).toMatchObject([
      { kind: 'dhcp', mac: MAC, from: { address: '0.0.0.0', mac: MAC }, to: { address: '255.255.255.255' } },
      { kind: 'dhcp', mac: MAC, from: { address: '10.77.0.1' }, packet: { op: 2, yiaddr: CLIENT.address } },
      { kind: 'tftp', mac: MAC, filename: 'a', bytes: 7, outcome: 'complete' },
    ]);
  });

  it('beside another DHCP server learns the address that the machine asks that one for', () => {
    const { tap, told } = tapped();
    const options = new Map([[OPTION.requestedIp, u32Value(CLIENT.address)]]);
    tap.received(LINK, 67, { bytes: dhcp(1, 3, MAC, { options }), address: 0, port: 68 });
    tap.received(LINK, 69, {
      bytes: encode({ op: 'rrq', filename: 'a', mode: 'octet', options: [] }),
      ...CLIENT,
    });
    expect(told().map(({ kind }) => kind)).toEqual(['dhcp', 'tftp']);
  });

  it('shows HTTP as connections, of long bodies the length', () => {
    const { tap, told } = tapped();
    const ends = { link: LINK, remote: { address: '10.77.0.50', port: 50_000 }, port: 80 };
    expect(tap.http(ends)).toBeUndefined();
    tap.sent(LINK, 67, { bytes: dhcp(2, 5, MAC, { yiaddr: CLIENT.address }), address: 0xffffffff, port: 68 });
    const script = tap.http(ends)!;
    script.request(fromLatin1('GET /unattended/iPXE HTTP/1.1\r\nHost: 10.77.0.1\r\n\r\n'), 0);
    script.response(fromLatin1('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n'));
    script.body(fromLatin1('#!ipxe\n'));
    const kernel = tap.http(ends)!;
    kernel.request(fromLatin1('GET /linux HTTP/1.1\r\n\r\n'), 0);
    kernel.response(fromLatin1('HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n'));
    for (let i = 0; i < 8; i++) kernel.body(new Uint8Array(1_000_000));
    const report = tap.http(ends)!;
    report.request(fromLatin1('POST /unattended/failed HTTP/1.1\r\nContent-Length: 5000\r\n\r\n'), 5000);
    report.response(fromLatin1('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n'));
    const events = told().filter(({ kind }) => kind.startsWith('http'));
    expect(events).toMatchObject([
      { kind: 'http-request', target: '/unattended/iPXE' },
      { kind: 'http-response', status: 200, bytes: 7, isWhole: true },
      { kind: 'http-request', target: '/linux' },
      { kind: 'http-response', status: 200, bytes: 8_000_000, end: 'whole' },
      { kind: 'http-request', target: '/unattended/failed', bytes: 5000 },
      { kind: 'http-response', status: 201, bytes: 0, end: 'whole' },
    ]);
    const [, first] = events;
    expect(first?.kind === 'http-response' && bodyText(first)).toBe('#!ipxe\n');
  });

  it('is quiet when nobody listens any more', () => {
    const { tap, told, stop } = tapped();
    expect(tap.isActive).toBe(true);
    stop();
    tap.received(LINK, 67, { bytes: dhcp(1, 1, MAC), address: 0, port: 68 });
    expect([tap.isActive, told()]).toEqual([false, []]);
  });
});
