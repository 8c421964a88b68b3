import { describe, expect, it } from 'vitest';
import { captureNames, readCapture } from '../../test/pcap.ts';
import type { Facts } from '../boot/facts.ts';
import { formatUuid, swapUuid } from '../net/uuid.ts';
import { factsOf } from './facts.ts';
import {
  archCodes,
  clientId,
  maxMessageSize,
  ndi,
  OPTION,
  summary,
  textValue,
  userClasses,
  uuid,
  vendorClass,
} from './options.ts';
import { type DhcpPacket, decodePacket } from './packet.ts';

/** Every request of the captures. */
const requests = captureNames().flatMap((name) =>
  readCapture(name)
    .filter(({ targetPort, bytes }) => (targetPort === 67 || targetPort === 4011) && bytes[0] === 1)
    .map(({ frame, bytes }) => ({ name, frame, title: `${name} #${frame}`, packet: decodePacket(bytes) })),
);

function captured(name: string, frame: number): DhcpPacket {
  return requests.find((entry) => entry.name === `${name}.pcap` && entry.frame === frame)!.packet;
}

const facts = (packet: DhcpPacket): Facts => factsOf(packet, 'dhcp', 'eth0');

function withOptions(packet: DhcpPacket, changes: Record<number, Uint8Array | undefined>): DhcpPacket {
  const options = new Map(packet.options);
  for (const [code, value] of Object.entries(changes)) {
    if (value === undefined) options.delete(Number(code));
    else options.set(Number(code), value);
  }
  return { ...packet, options };
}

describe('facts of real clients', () => {
  it.each(requests)('$title says which machine it is', ({ packet }) => {
    expect(facts(packet)).toMatchObject({
      uuid: '11223344-5566-7788-99aa-bbccddeeff00',
      via: 'dhcp',
      link: 'eth0',
    });
    expect(facts(packet).mac).toMatch(/^52:54:00:77:00:/);
  });

  it.each([
    ['iPXE ROM, BIOS', 'A-ipxerom', 1, 0, 'ipxe'],
    ['iPXE in disguise (user class PXEClient)', 'B-lkrnplain', 1, 0, 'rom'],
    ['undionly after it', 'B-lkrnplain', 33, 0, 'ipxe'],
    ['plain ROM', 'B-plainrom', 1, 0, 'rom'],
    ['OVMF PXE', 'UEFI-PXE-snponly', 1, 7, 'rom'],
    ['iPXE for EFI', 'UEFI-PXE-snponly', 13, 7, 'ipxe'],
    ['iPXE 2 for EFI', 'UEFI-PXE-v2-snponly', 21, 7, 'ipxe'],
    ['OVMF HTTP', 'UEFI-HTTP-ipxe.efi', 1, 16, 'rom'],
    ['OVMF on port 4011', 'proxy-UEFI-snponly', 8, 7, 'rom'],
    ['iPXE beside a proxy', 'proxy-BIOS-ipxerom', 1, 0, 'ipxe'],
  ] as const)('%s', (_, name, frame, arch, stage) => {
    const found = facts(captured(name, frame));
    expect([found.arch.code, found.stage]).toEqual([arch, stage]);
  });

  it('lists what an iPXE was built with', () => {
    const features = facts(captured('A-ipxerom', 1)).ipxeFeatures!;
    expect([...features].sort()).toEqual(
      [
        'aoe',
        'bzimage',
        'dns',
        'elf',
        'http',
        'iscsi',
        'menu',
        'multiboot',
        'nfs',
        'pxe',
        'pxeext',
        'tftp',
      ].sort(),
    );
    expect(facts(captured('B-plainrom', 1)).ipxeFeatures).toBeUndefined();
  });

  it('knows iPXE 2 with HTTPS by its features', () => {
    expect(facts(captured('UEFI-PXE-v2-snponly', 21)).ipxeFeatures!.has('https')).toBe(true);
  });

  it('reads the options as sent', () => {
    const ovmf = captured('UEFI-PXE-snponly', 3);
    expect([maxMessageSize(ovmf), clientId(ovmf), ndi(ovmf)]).toEqual([65_280, undefined, '1.3.0']);
    expect(clientId(captured('A-ipxerom', 1))).toBe('01525400770010');
    expect(vendorClass(ovmf)).toBe('PXEClient:Arch:00007:UNDI:003000');
  });

  it('puts the UUID into natural order like swapUuid', () => {
    const packet = captured('A-ipxerom', 1);
    const sent = packet.options.get(OPTION.uuid)!;
    expect(uuid(packet)).toBe(swapUuid(formatUuid(sent.subarray(1))));
  });

  it('says a packet in one line', () => {
    expect(summary(captured('A-ipxerom', 14))).toBe(
      'REQUEST 52:54:00:77:00:10 xid 36df001f PXEClient:Arch:00000:UNDI:002001 iPXE arch 0 wants 10.77.0.50 server 10.77.0.1',
    );
  });

  it('shows no control characters of the wire in a log line', () => {
    const packet = withOptions(captured('A-ipxerom', 1), { [OPTION.vendorClass]: textValue('a\n\x1b[2J') });
    expect(summary(packet)).toContain(' a??[2J ');
  });
});

describe('facts of clients not captured', () => {
  const rom = captured('B-plainrom', 1);
  const ipxe = captured('A-ipxerom', 1);

  it.each<[string, DhcpPacket, string, number]>([
    [
      'bare PXEClient: the architecture is option 93',
      withOptions(rom, { 60: textValue('PXEClient') }),
      'rom',
      0,
    ],
    [
      'no option 93: the architecture is in option 60',
      withOptions(rom, { 60: textValue('PXEClient:Arch:00007:UNDI:003000'), 93: undefined }),
      'rom',
      7,
    ],
    ['neither: BIOS', withOptions(rom, { 60: textValue('PXEClient'), 93: undefined }), 'rom', 0],
    ['first of several architectures', withOptions(rom, { 93: Uint8Array.of(0, 7, 0, 16) }), 'rom', 7],
    ['odd option 93', withOptions(rom, { 93: Uint8Array.of(7) }), 'rom', 0],
    ['user class as RFC 3004 says', withOptions(rom, { 77: textValue('\x04iPXE') }), 'ipxe', 0],
    ['second of two classes', withOptions(rom, { 77: textValue('\x03foo\x04iPXE') }), 'ipxe', 0],
    ['gPXE', withOptions(ipxe, { 77: textValue('gPXE') }), 'gpxe', 0],
    ['iPXE built without user class', withOptions(ipxe, { 77: undefined }), 'ipxe', 0],
    ['debian-installer', withOptions(rom, { 60: textValue('d-i') }), 'installer', 0],
    ['Anaconda', withOptions(rom, { 60: textValue('anaconda-Linux 6.1 x86_64') }), 'installer', 0],
    ['BusyBox', withOptions(rom, { 60: textValue('udhcp 1.35.0') }), 'installer', 0],
    ['Windows', withOptions(rom, { 60: textValue('MSFT 5.0') }), 'os', 0],
    ['no vendor class', withOptions(rom, { 60: undefined }), 'os', 0],
  ])('%s', (_, packet, stage, arch) => {
    const found = facts(packet);
    expect([found.stage, found.arch.code]).toEqual([stage, arch]);
  });

  it('takes a UUID of zeros for none', () => {
    expect(facts(withOptions(rom, { 97: new Uint8Array(17) })).uuid).toBeUndefined();
  });

  it('names the relay', () => {
    expect(facts({ ...rom, giaddr: 0x0a000001 }).relay).toBe(0x0a000001);
  });

  it('reads user classes and architectures as lists', () => {
    expect(userClasses(withOptions(rom, { 77: textValue('\x03foo\x04iPXE') }))).toEqual(['foo', 'iPXE']);
    expect(archCodes(withOptions(rom, { 93: Uint8Array.of(0, 7, 0, 16) }))).toEqual([7, 16]);
  });
});
