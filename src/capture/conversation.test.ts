import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPTION, textValue, u8Value } from '../dhcp/options.ts';
import { type DhcpPacket, decodePacket, encodePacket } from '../dhcp/packet.ts';
import { encodePxeOptions } from '../dhcp/pxe.ts';
import { encodeUdpPacket } from '../link/frame.ts';
import { fromHex, fromLatin1 } from '../net/bytes.ts';
import { parseIpv4 } from '../net/ip.ts';
import { macBytes } from '../net/mac.ts';
import { encode, type Packet } from '../tftp/packet.ts';
import { readConversation } from './conversation.ts';
import { optionWords } from './dhcp-options.ts';
import type { TftpEvent } from './events.ts';
import { LINKTYPE } from './link-layer.ts';
import { clientHello } from './tls.ts';
import type { Frame } from './types.ts';

const MAC = '52:54:00:77:00:10';
const ROUTER = '02:00:5e:00:00:01';
const ip = (text: string) => parseIpv4(text)!;

function frames(packets: readonly Uint8Array[], linkType: number = LINKTYPE.ipv4): Frame[] {
  return packets.map((bytes, i) => ({
    number: i + 1,
    at: 1000 + i * 10,
    linkType,
    bytes,
    length: bytes.length,
  }));
}

const DISCOVER: DhcpPacket = {
  op: 1,
  htype: 1,
  hlen: 6,
  hops: 0,
  xid: 7,
  secs: 0,
  flags: 0,
  ciaddr: 0,
  yiaddr: 0,
  siaddr: 0,
  giaddr: 0,
  chaddr: Uint8Array.of(...macBytes(MAC), ...new Uint8Array(10)),
  sname: '',
  file: '',
  options: new Map([[OPTION.messageType, u8Value(1)]]),
};

function udp(sourcePort: number, destinationPort: number, payload: Uint8Array): Uint8Array {
  return encodeUdpPacket({ source: 0, sourcePort, destination: 0xffffffff, destinationPort, payload });
}

const packet = udp(68, 67, encodePacket(DISCOVER));
const join = (...parts: (string | Uint8Array)[]) =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? fromHex(part.replaceAll(/[: ]/g, '')) : part)),
    ),
  );

describe('a DISCOVER is found', () => {
  const addresses = `ff:ff:ff:ff:ff:ff ${MAC}`;
  it.each<readonly [string, number, Uint8Array, readonly number[]]>([
    ['in Ethernet', LINKTYPE.ethernet, join(addresses, '0800', packet), []],
    ['in a VLAN', LINKTYPE.ethernet, join(addresses, '8100 2064 0800', packet), [100]],
    ['in Q-in-Q', LINKTYPE.ethernet, join(addresses, '88a8 0007 8100 0064 0800', packet), [7, 100]],
    ['in a cooked capture', LINKTYPE.cooked, join('0001 0001 0006', MAC, '0000 0800', packet), []],
    [
      'in one of the newer form',
      LINKTYPE.cooked2,
      join('0800 0000 00000003 0001 01 06', MAC, '0000', packet),
      [],
    ],
    [
      'in one of a VLAN',
      LINKTYPE.cooked2,
      join('8100 0000 00000003 0001 01 06', MAC, '0000 0064 0800', packet),
      [100],
    ],
    ['without a link layer', LINKTYPE.raw, packet, []],
    ['on a loopback of BSD', LINKTYPE.null, join('02000000', packet), []],
  ])('%s', (_, linkType, bytes, vlans) => {
    const { events, others } = readConversation(frames([bytes], linkType));
    expect(others.size).toBe(0);
    expect(events).toMatchObject([
      { kind: 'dhcp', mac: MAC, vlans, packet: { xid: 7, options: DISCOVER.options } },
    ]);
  });

  it('on ports of its own, and said to be PXE on 4011', () => {
    const at = (port: number) =>
      readConversation(frames([udp(1068, port, encodePacket(DISCOVER))])).events[0];
    expect(at(1067)).toMatchObject({ kind: 'dhcp', pxe: false });
    expect(at(4011)).toMatchObject({ kind: 'dhcp', pxe: true });
  });

  it('in fragments, in any order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.infiniteStream(fc.nat(1000)), (size, random) => {
        const pieces = fragmented(packet, size * 8);
        const keys = pieces.map(() => random.next().value);
        const shuffled = pieces.map((piece, i) => [keys[i]!, piece] as const).sort((a, b) => a[0] - b[0]);
        const { events } = readConversation(frames([...shuffled.map(([, piece]) => piece), pieces[0]!]));
        expect(events).toMatchObject([{ kind: 'dhcp', packet: { xid: 7 } }]);
      }),
    );
  });

  it('and what is not whole is counted or said', () => {
    const [first, ...others] = fragmented(packet, 64);
    expect(readConversation(frames([first!, ...others.slice(1)])).events).toEqual([]);
    const cut = frames([packet]).map((frame) => ({ ...frame, bytes: packet.subarray(0, 100) }));
    expect(readConversation(cut).events).toMatchObject([
      { kind: 'broken', protocol: 'dhcp', reason: expect.stringContaining('snaplen') },
    ]);
    expect(readConversation(frames([packet.subarray(0, 12)])).others).toEqual(
      new Map([['cut short or damaged', 1]]),
    );
    expect(readConversation(frames([packet], 147)).others).toEqual(new Map([['link type 147', 1]]));
  });
});

/** RFC 791 §3.2; the sizes are multiples of eight. */
function fragmented(whole: Uint8Array, size: number): Uint8Array[] {
  const body = whole.subarray(20);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    const piece = join(whole.subarray(0, 20), part);
    const view = new DataView(piece.buffer);
    view.setUint16(2, piece.length);
    view.setUint16(4, 0x1234);
    view.setUint16(6, (at + size < body.length ? 0x2000 : 0) | (at / 8));
    pieces.push(piece);
  }
  return pieces;
}

describe('options in words', () => {
  const say = (options: readonly (readonly [number, string | Uint8Array])[], op = 1) => {
    const map = new Map(
      options.map(([code, value]) => [code, typeof value === 'string' ? fromHex(value) : value]),
    );
    const words = optionWords({ ...DISCOVER, op, options: map });
    return Object.fromEntries(words.map(({ name, value }) => [name, value]));
  };

  it('are those that booting machines send', () => {
    expect(
      say([
        [60, textValue('PXEClient:Arch:00007:UNDI:003016')],
        [77, textValue('iPXE')],
        [82, '0104 65746830 0206 020000000001 0504 0a4d0001'.replaceAll(' ', '')],
        [93, '00070010'],
        [94, '010310'],
        [97, '004433221166558877 99aabbccddeeff00'.replaceAll(' ', '')],
        [61, '01525400770010'],
        [175, 'b105018086100eeb0301000013010124010190000101'],
      ]),
    ).toMatchObject({
      'vendor-class-identifier': 'PXEClient:Arch:00007:UNDI:003016',
      'user-class': 'iPXE',
      'relay-agent-information': {
        'circuit-id': 'eth0',
        'remote-id': '020000000001',
        'link-selection': '10.77.0.1',
      },
      'pxe-system-type': ['7 (UEFI x86-64)', '16 (UEFI HTTP x86-64)'],
      'pxe-interface-id': 'UNDI 3.16',
      'pxe-client-id': '11223344-5566-7788-99aa-bbccddeeff00',
      'dhcp-client-identifier': 'Ethernet 52:54:00:77:00:10',
      'ipxe-encapsulated': { 'bus-id': '8086:100e', version: '1.0.0', features: ['http', 'efi'] },
    });
  });

  it('are those that servers send', () => {
    const pxe = encodePxeOptions({
      discoveryControl: 8,
      bootServers: [{ type: 1, addresses: [ip('10.77.0.1')] }],
      menu: [{ type: 1, text: 'Install' }],
      prompt: { timeout: 3, text: 'F8' },
      bootItem: { type: 1, layer: 0 },
    });
    expect(
      say(
        [
          [60, textValue('PXEClient')],
          [43, pxe],
          [3, '0a4d00010a4d0002'],
          [51, '00000258'],
          [119, '03726967047465737400 03777777c000'.replaceAll(' ', '')],
          [121, '000a4d0001 180a4e00 0a4d0002'.replaceAll(' ', '')],
          [175, 'b00101'],
          [224, '6869'],
        ],
        2,
      ),
    ).toEqual({
      'vendor-class-identifier': 'PXEClient',
      'vendor-encapsulated-options': {
        'discovery-control': '8 (boot the file at once)',
        'boot-servers': ['type 1 at 10.77.0.1'],
        'boot-menu': ['1 "Install"'],
        'menu-prompt': '"F8" for 3 s',
        'boot-item': 'type 1 layer 0',
      },
      routers: ['10.77.0.1', '10.77.0.2'],
      'dhcp-lease-time': 600,
      'domain-search': ['rig.test', 'www.rig.test'],
      'classless-static-routes': ['0.0.0.0/0 via 10.77.0.1', '10.78.0.0/24 via 10.77.0.2'],
      'ipxe-encapsulated': { 'no-pxedhcp': 1 },
      'option-224': 'hi',
    });
  });

  it('never fail, and are never lost', () => {
    const option = fc.tuple(fc.integer({ min: 1, max: 254 }), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(fc.array(option), fc.constantFrom(1, 2), (all, op) => {
        const options = new Map(all);
        const words = optionWords({ ...DISCOVER, op, options });
        expect(words.map(({ code, raw }) => [code, raw])).toEqual(
          [...options].map(([code, value]) => [code, Buffer.from(value).toString('hex')]),
        );
      }),
    );
  });

  it('of a packet that was decoded are those that were sent', () => {
    const sent = encodePacket({
      ...DISCOVER,
      options: new Map([...DISCOVER.options, [12, textValue('vm10')]]),
    });
    expect(optionWords(decodePacket(sent)).map(({ name }) => name)).toEqual([
      'dhcp-message-type',
      'host-name',
    ]);
  });
});

describe('a TFTP transfer', () => {
  type Said = readonly [from: 'client' | 'server', packet: Packet, seconds?: number];
  const read = (filename: string, ...options: string[]): Packet => ({
    op: 'rrq',
    filename,
    mode: 'octet',
    options: options.map((text) => ({ name: text.split(' ')[0]!, value: text.split(' ')[1]! })),
  });
  const data = (block: number, length: number): Packet => ({
    op: 'data',
    block,
    data: new Uint8Array(length),
  });
  const ack = (block: number): Packet => ({ op: 'ack', block });

  function transfers(...said: readonly Said[]): readonly TftpEvent[] {
    const all = said.map(([from, packet, seconds = 0], i): Frame => {
      const isRequest = packet.op === 'rrq' || packet.op === 'wrq';
      const [client, server] = [ip('10.77.0.50'), ip('10.77.0.1')];
      const bytes = encodeUdpPacket({
        source: from === 'client' ? client : server,
        sourcePort: from === 'client' ? 2000 : 40_000,
        destination: from === 'client' ? server : client,
        destinationPort: from === 'client' ? (isRequest ? 69 : 40_000) : 2000,
        payload: encode(packet),
      });
      return {
        number: i + 1,
        at: 1000 + i * 10 + seconds * 1000,
        linkType: LINKTYPE.ipv4,
        bytes,
        length: bytes.length,
      };
    });
    const { events, others } = readConversation(all);
    expect(others.size).toBe(0);
    return events.filter((event) => event.kind === 'tftp');
  }

  it('is told whole, with what went twice', () => {
    const told = transfers(
      ['client', read('a', 'tsize 0', 'blksize 100')],
      ['client', read('a', 'tsize 0', 'blksize 100')],
      ['server', { op: 'oack', options: [{ name: 'blksize', value: '100' }] }],
      ['client', ack(0)],
      ['server', data(1, 100)],
      ['server', data(1, 100)],
      ['client', ack(1)],
      ['server', data(2, 7)],
      ['client', ack(2)],
    );
    expect(told).toMatchObject([
      {
        filename: 'a',
        blksize: 100,
        blocks: 2,
        bytes: 107,
        confirmed: 2,
        retransmits: 2,
        took: 80,
        outcome: 'complete',
      },
    ]);
  });

  it('ends in one of several ways', () => {
    const oack: Said = ['server', { op: 'oack', options: [{ name: 'tsize', value: '9' }] }];
    const error = (code: number): Packet => ({ op: 'error', code, message: 'no' });
    const outcome = (...said: readonly Said[]) => transfers(...said).map((told) => told.outcome);
    const asked: Said = ['client', read('a', 'tsize 0')];
    expect(outcome(asked, oack, ['client', error(8)])).toEqual(['probe']);
    expect(outcome(asked, oack, ['client', ack(0)], ['server', data(1, 512)], ['client', error(0)])).toEqual([
      'aborted',
    ]);
    expect(outcome(asked, ['server', error(1)])).toEqual(['refused']);
    expect(outcome(asked, asked)).toEqual(['unanswered']);
    expect(outcome(asked)).toEqual(['open']);
    expect(outcome(asked, oack, ['client', ack(0)])).toEqual(['not-captured']);
    const block: Said = ['server', data(1, 512)];
    expect(outcome(asked, oack, ['client', ack(0)], block, block, block, block)).toEqual(['silence']);
    // The next one from the same port, as ROMs do after a restart.
    expect(outcome(asked, block, ['client', ack(1)], asked, ['server', error(1)])).toEqual([
      'open',
      'refused',
    ]);
  });

  it('counts blocks beyond 65535, and those that the capture dropped', () => {
    const said: Said[] = [['client', read('a')]];
    for (let block = 1; block <= 70_000; block += 4000) said.push(['server', data(block & 0xffff, 512)]);
    expect(transfers(...said)).toMatchObject([{ blocks: 68_001, bytes: 68_001 * 512 }]);
  });
});

describe('TLS', () => {
  it('tells whom the client wants to talk to', () => {
    const name = fromLatin1('boot.example.org');
    const extension = join(
      '0000',
      [0, name.length + 5, 0, name.length + 3, 0, 0, name.length]
        .map((n) => n.toString(16).padStart(2, '0'))
        .join(''),
      name,
    );
    const body = join(
      '0303',
      new Uint8Array(32),
      '00 0002 1301 01 00',
      [0, extension.length].map((n) => n.toString(16).padStart(2, '0')).join(''),
      extension,
    );
    const hello = join('160301 0000 01 000000', body);
    expect(clientHello(hello)).toEqual({ server: 'boot.example.org' });
    expect(clientHello(hello.subarray(0, 30))).toEqual({});
    expect(clientHello(fromLatin1('GET / HTTP/1.1\r\n'))).toBeUndefined();
  });
});

describe('the machine behind a message', () => {
  it('is the one that DHCP gave the address, not the router whose frame it came in', () => {
    const acked: DhcpPacket = {
      ...DISCOVER,
      op: 2,
      yiaddr: ip('10.77.0.50'),
      options: new Map([[53, u8Value(5)]]),
    };
    const request = encodeUdpPacket({
      source: ip('10.77.0.50'),
      sourcePort: 2000,
      destination: ip('10.77.0.1'),
      destinationPort: 69,
      payload: encode({ op: 'rrq', filename: 'a', mode: 'octet', options: [] }),
    });
    const ethernet = (bytes: Uint8Array) => join(MAC, ROUTER, '0800', bytes);
    const { events } = readConversation(
      frames([ethernet(udp(67, 68, encodePacket(acked))), ethernet(request)], LINKTYPE.ethernet),
    );
    expect(events).toMatchObject([
      { kind: 'dhcp', mac: MAC },
      { kind: 'tftp', mac: MAC, from: { mac: ROUTER } },
    ]);
  });
});
