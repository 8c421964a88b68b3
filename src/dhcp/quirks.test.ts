/** One test for each rule of quirks.ts, under its name, on bytes of the firmware or bytes like them. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { captured, host, ip, Rig, udhcpc, withOptions } from '../../test/dhcp-rig.ts';
import { factsOf } from './facts.ts';
import { OPTION, textValue, userClasses, uuid } from './options.ts';
import { type DhcpPacket, decodePacket, encodePacket } from './packet.ts';
import { decodePxeOptions } from './pxe.ts';
import { QUIRKS, type QuirkName } from './quirks.ts';
import { sizeLimit } from './reply.ts';

const ROM = () => captured('B-plainrom', 1);
const OVMF = () => captured('UEFI-PXE-snponly', 1);

async function offered(request: DhcpPacket, role: 'server' | 'proxy' = 'server'): Promise<DhcpPacket> {
  const rig = new Rig(role);
  await rig.server.start();
  rig.site.put('hosts', host());
  const [answer] = await rig.ask(request);
  return answer!.packet;
}

const vendorClass = ({ options }: DhcpPacket) =>
  String.fromCharCode(...(options.get(OPTION.vendorClass) ?? []));
const control = ({ options }: DhcpPacket) =>
  decodePxeOptions(options.get(OPTION.vendorSpecific) ?? new Uint8Array()).discoveryControl;

/** Without one option. */
function without(packet: DhcpPacket, code: number): DhcpPacket {
  return { ...packet, options: new Map([...packet.options].filter(([each]) => each !== code)) };
}

const TESTS: Readonly<Record<QuirkName, () => void | Promise<void>>> = {
  'vendor-class-without-options': async () => {
    expect((await offered(ROM())).options.has(OPTION.vendorClass)).toBe(false);
    const proxied = await offered(ROM(), 'proxy');
    expect([vendorClass(proxied), control(proxied)]).toEqual(['PXEClient', 8]);
  },
  'http-wants-vendor-class': async () => {
    expect(vendorClass(await offered(captured('UEFI-HTTP-ipxe.efi', 1)))).toBe('HTTPClient');
  },
  'name-runs-on': () => {
    const bytes = encodePacket({
      ...udhcpc(1),
      options: new Map([
        [OPTION.bootFile, textValue('pxelinux.0')],
        [OPTION.domain, textValue('x')],
      ]),
    });
    const at = Buffer.from(bytes).indexOf('pxelinux.0', 240) + 'pxelinux.0'.length;
    expect([...bytes.subarray(at, at + 2)]).toEqual([0, OPTION.domain]);
  },
  'no-end': () => {
    const whole = encodePacket(udhcpc(1));
    const end = whole.lastIndexOf(255);
    expect(decodePacket(whole.subarray(0, end)).options.get(OPTION.messageType)).toEqual(Uint8Array.of(1));
    const tail = Uint8Array.from([...whole.subarray(0, end + 1), ...Array(64).fill(255)]);
    expect([...decodePacket(tail).options.keys()]).toEqual([...decodePacket(whole).options.keys()]);
  },
  'no-uuid': async () => {
    const anonymous = without(ROM(), OPTION.uuid);
    expect(factsOf(anonymous, 'dhcp', 'eth0').uuid).toBeUndefined();
    expect((await offered(anonymous, 'proxy')).options.has(OPTION.uuid)).toBe(false);
    const zeros = withOptions(ROM(), { [OPTION.uuid]: new Uint8Array(17) });
    expect(factsOf(zeros, 'dhcp', 'eth0').uuid).toBeUndefined();
    expect((await offered(anonymous)).file).toBe('undionly-ipxe.0');
  },
  'uuid-mixed-endian': () => {
    const value = Buffer.from('0044332211665588 7799aabbccddeeff00'.replace(' ', ''), 'hex');
    expect(uuid(withOptions(ROM(), { [OPTION.uuid]: value }))).toBe('11223344-5566-7788-99aa-bbccddeeff00');
  },
  'bare-user-class': () => {
    const said = (value: Uint8Array) => userClasses(withOptions(ROM(), { [OPTION.userClass]: value }));
    expect([said(textValue('iPXE')), said(Uint8Array.of(4, ...textValue('iPXE')))]).toEqual([
      ['iPXE'],
      ['iPXE'],
    ]);
  },
  'vendor-class-repeated': () => {
    const chained = withOptions(OVMF(), { [OPTION.vendorClass]: textValue('PXEClient') });
    expect(factsOf(chained, 'dhcp', 'eth0').arch.code).toBe(7);
  },
  'proxy-needs-siaddr': async () => {
    const answer = await offered(captured('A-ipxerom', 1), 'proxy');
    expect(answer).toMatchObject({ siaddr: ip('10.77.0.1'), file: expect.stringMatching(/^http:/) });
  },
  'size-beyond-frame': () => {
    const claim = withOptions(OVMF(), { [OPTION.maxMessageSize]: Uint8Array.of(0xff, 0) });
    expect(sizeLimit(claim)).toBe(1472);
  },
  'discovery-control-ignored': async () => {
    const answer = await offered(OVMF(), 'proxy');
    expect([answer.file, answer.options.has(OPTION.vendorSpecific)]).toEqual(['', false]);
  },
  'refused-offers': async () => {
    const rig = new Rig();
    await rig.server.start();
    for (let i = 0; i < 4; i++) await rig.ask(captured('A-ipxerom', 1));
    const [fifth] = await rig.ask(captured('A-ipxerom', 1));
    expect(fifth!.to.address).toBe(ip('255.255.255.255'));
  },
};

it.each(Object.entries(TESTS))('%s', (_name, test) => test());

it('docs/dhcp.md lists them all as they are', () => {
  const page = readFileSync(new URL('../../docs/dhcp.md', import.meta.url), 'utf8');
  const rows = Object.entries(QUIRKS).map(
    ([name, { machine, does, rule, seen, file }]) =>
      `| \`${name}\` | ${machine} | ${does} | ${rule} | ${seen} | [${file}](../src/dhcp/${file}) |`,
  );
  expect(page.match(/^\| `.*$/gm)).toEqual(rows);
});
