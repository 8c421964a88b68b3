import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  captured,
  host,
  ip,
  LINK,
  MAC,
  MemoryPort,
  POLICY,
  Rig,
  requesting,
  SUBNET,
  settled,
  udhcpc,
  withOptions,
} from '../../test/dhcp-rig.ts';
import { captureNames, readCapture } from '../../test/pcap.ts';
import { formatIpv4 } from '../net/ip.ts';
import { leaseTime, messageName, OPTION, textValue, u8Value, u32Value } from './options.ts';
import type { DhcpPacket } from './packet.ts';

const text = (packet: DhcpPacket, code: number) => {
  const value = packet.options.get(code);
  return value && String.fromCharCode(...value);
};
const BROADCAST = { address: ip('255.255.255.255'), port: 68 };

async function started(...args: ConstructorParameters<typeof Rig>): Promise<Rig> {
  const rig = new Rig(...args);
  await rig.server.start();
  return rig;
}

async function withHost(...args: ConstructorParameters<typeof Rig>): Promise<Rig> {
  const rig = await started(...args);
  rig.site.put('hosts', host());
  return rig;
}

describe('full DORA', () => {
  it.each([
    ['BIOS ROM', 'B-plainrom', 1, 'undionly-ipxe.0', undefined, 'rom-asks'],
    ['iPXE ROM', 'A-ipxerom', 1, 'http://10.77.0.1/unattended/iPXE', undefined, 'ipxe-asks'],
    ['OVMF PXE', 'UEFI-PXE-snponly', 1, 'snponly.efi', undefined, 'rom-asks'],
    [
      'OVMF HTTP',
      'UEFI-HTTP-ipxe.efi',
      1,
      'http://10.77.0.1/httpboot/snponly.efi',
      'HTTPClient',
      'http-rom-asks',
    ],
    ['iPXE for EFI', 'UEFI-PXE-snponly', 13, 'http://10.77.0.1/unattended/iPXE', undefined, 'ipxe-asks'],
  ] as const)('%s', async (_, name, frame, file, vendor, code) => {
    const rig = await withHost();
    const discover = captured(name, frame);
    const [offer, ack] = await rig.dora(discover);
    expect([messageName(offer.packet), messageName(ack.packet)]).toEqual(['OFFER', 'ACK']);
    for (const { packet } of [offer, ack]) {
      expect(packet).toMatchObject({
        op: 2,
        xid: discover.xid,
        yiaddr: ip('10.77.0.50'),
        siaddr: LINK.address,
        file,
      });
      expect(text(packet, OPTION.vendorClass)).toBe(vendor);
      expect(packet.options.get(OPTION.serverId)).toEqual(u32Value(LINK.address));
      expect(leaseTime(packet)).toBe(600);
      expect(packet.options.get(OPTION.subnetMask)).toEqual(Uint8Array.of(255, 255, 255, 0));
      expect(text(packet, OPTION.hostname)).toBe('vm10');
      expect(text(packet, OPTION.domain)).toBe('rig.test');
      expect(text(packet, OPTION.bootFile)).toBe(file);
    }
    expect(rig.committed).toHaveLength(1);
    expect(rig.server.macOf('10.77.0.50')).toBe(MAC);
    expect(rig.steps.map((step) => [step.kind, step.because.code, step.what])).toEqual([
      ['dhcp.offer', code, file],
      ['dhcp.ack', code, file],
    ]);
    expect(rig.steps[1]).toMatchObject({
      via: 'dhcp',
      mac: MAC,
      uuid: '11223344-5566-7788-99aa-bbccddeeff00',
      host: 'vm10.rig.test',
      address: '10.77.0.50',
      link: 'eth0',
      xid: discover.xid,
      lease: { code: 'lease-reserved', address: '10.77.0.50', host: 'vm10.rig.test' },
    });
  });

  it('of a whole boot gives ROM and iPXE one address although only iPXE sends a client id', async () => {
    const rig = await started();
    const [, rom] = await rig.dora(captured('UEFI-PXE-snponly', 1));
    const [, ipxe] = await rig.dora(captured('UEFI-PXE-snponly', 13));
    expect(formatIpv4(rom.packet.yiaddr)).toBe('10.77.0.100');
    expect(ipxe.packet.yiaddr).toBe(rom.packet.yiaddr);
    expect(ipxe.packet.options.get(OPTION.clientId)).toEqual(Uint8Array.of(1, 0x52, 0x54, 0, 0x77, 0, 0x10));
  });

  it('gives the loader that the hostgroup of the host names', async () => {
    const rig = await started();
    const groups = { provisioning_templates: [], parameters: {} };
    rig.site.put('hostgroups', { ...groups, id: 1, name: 'base', pxe_loader: 'PXELinux BIOS' });
    rig.site.put('hostgroups', { ...groups, id: 2, name: 'web', parent: 'base' });
    rig.site.put('hosts', { ...host(), hostgroup: 'base/web' });
    const [offer] = await rig.dora(captured('B-plainrom', 1));
    expect(offer.packet.file).toBe('pxelinux.0');
    rig.site.put('hostgroups', { ...groups, id: 2, name: 'web', parent: 'base', pxe_loader: 'None' });
    await rig.ask(captured('B-plainrom', 1));
    expect(rig.steps.at(-1)?.because.code).toBe('loader-none');
  });

  it("sends the options that a host declares before its group's and its subnet's", async () => {
    const rig = await started();
    rig.site.put('subnets', { ...SUBNET, dhcp_options: { 'ntp-servers': '10.77.0.2', 252: '01' } });
    const group = { id: 1, name: 'base', provisioning_templates: [], parameters: {} };
    rig.site.put('hostgroups', { ...group, dhcp_options: { 'ntp-servers': '10.77.0.3' } });
    const asked = withOptions(captured('B-plainrom', 1), { 55: Uint8Array.of(42, 121, 252) });
    const ntp = async () => (await rig.dora(asked))[1].packet.options.get(42);
    expect(await ntp()).toEqual(Uint8Array.of(10, 77, 0, 2));
    rig.site.put('hosts', host({ hostgroup: 'base' }));
    expect(await ntp()).toEqual(Uint8Array.of(10, 77, 0, 3));
    const routes = '10.0.0.0/8 via 10.77.0.9';
    rig.site.put('hosts', host({ hostgroup: 'base', dhcp_options: { 'classless-static-routes': routes } }));
    const { options } = (await rig.dora(asked))[1].packet;
    expect(options.get(42)).toEqual(Uint8Array.of(10, 77, 0, 3));
    expect(options.get(252)).toEqual(Uint8Array.of(1));
    // The subnet's gateway is the default route (RFC 3442).
    expect(options.get(121)).toEqual(Uint8Array.of(0, 10, 77, 0, 1, 8, 10, 10, 77, 0, 9));
  });

  it('names the TFTP server to a ROM that asks, and to none that boots by HTTP', async () => {
    const rig = await withHost();
    const asked = { 55: Uint8Array.of(66, 67) };
    const [tftp] = await rig.dora(withOptions(captured('UEFI-PXE-snponly', 1), asked));
    const [http] = await rig.dora(withOptions(captured('UEFI-HTTP-ipxe.efi', 1), asked));
    expect(text(tftp.packet, OPTION.tftpServerName)).toBe('10.77.0.1');
    expect(http.packet.options.has(OPTION.tftpServerName)).toBe(false);
  });

  it('spares iPXE the wait for proxies (175.176)', async () => {
    const rig = await withHost();
    const [offer] = await rig.dora(captured('A-ipxerom', 1));
    expect(offer.packet.options.get(OPTION.ipxe)).toEqual(Uint8Array.of(176, 1, 1));
    const [rom] = await rig.dora(captured('B-plainrom', 1));
    expect(rom.packet.options.has(OPTION.ipxe)).toBe(false);
  });

  it('of udhcpc gives an address and nothing to boot, only what it asked for', async () => {
    const rig = await started();
    const [offer, ack] = await rig.dora(udhcpc(7));
    expect(offer.packet).toMatchObject({ yiaddr: ip('10.77.0.100'), siaddr: 0, file: '' });
    expect([...ack.packet.options.keys()].sort((a, b) => a - b)).toEqual([1, 3, 6, 15, 28, 51, 53, 54]);
    expect(rig.steps.map((step) => step.because.code)).toEqual(['not-a-boot', 'not-a-boot']);
    expect(rig.steps[1]!.arch).toBeUndefined();
  });

  it('of a laptop leaves no step', async () => {
    const rig = await started();
    await rig.dora(withOptions(udhcpc(7), { [OPTION.vendorClass]: textValue('MSFT 5.0') }));
    expect(rig.steps).toEqual([]);
    expect(rig.committed).toHaveLength(1);
  });

  it('through a relay takes the subnet of the relay and echoes its information last', async () => {
    const rig = await started();
    rig.site.put('subnets', {
      ...SUBNET,
      id: 2,
      name: 'far',
      network: '10.88.0.0/24',
      from: '10.88.0.9',
      to: '10.88.0.9',
    });
    const information = Uint8Array.of(1, 2, 0x65, 0x30);
    const discover = {
      ...withOptions(captured('B-plainrom', 1), { [OPTION.relayAgent]: information }),
      giaddr: ip('10.88.0.1'),
      hops: 1,
    };
    const [offer, ack] = await rig.dora(discover);
    expect(offer.to).toMatchObject({ address: ip('10.88.0.1'), port: 67 });
    expect(offer.to.mac).toBeUndefined();
    expect(ack.packet).toMatchObject({ yiaddr: ip('10.88.0.9'), giaddr: ip('10.88.0.1') });
    expect([...ack.packet.options].at(-1)).toEqual([OPTION.relayAgent, information]);
  });

  it('never hands out an address of our own', async () => {
    const rig = await started();
    const { gateway: _, dns_primary: __, ...bare } = SUBNET;
    rig.site.put('subnets', { ...bare, from: '10.77.0.0', to: '10.77.0.2' });
    const [offer] = await rig.ask(udhcpc(7));
    expect(formatIpv4(offer!.packet.yiaddr)).toBe('10.77.0.2');
  });

  it('follows the link selection of a relay (RFC 3527)', async () => {
    const rig = await started();
    rig.site.put('subnets', {
      ...SUBNET,
      id: 2,
      name: 'far',
      network: '10.88.0.0/24',
      from: '10.88.0.9',
      to: '10.88.0.9',
    });
    const information = Uint8Array.of(5, 4, 10, 88, 0, 0);
    const discover = {
      ...withOptions(udhcpc(7), { [OPTION.relayAgent]: information }),
      giaddr: ip('192.0.2.1'),
    };
    const [offer] = await rig.ask(discover);
    expect(offer!.packet.yiaddr).toBe(ip('10.88.0.9'));
  });
});

describe('where answers go', () => {
  it('to the card itself when the client has no address and cannot take broadcasts', async () => {
    const rig = await withHost();
    const [offer, ack] = await rig.dora(captured('A-ipxerom', 1));
    for (const { to } of [offer, ack])
      expect(to).toMatchObject({
        address: ip('10.77.0.50'),
        port: 68,
        mac: Uint8Array.of(0x52, 0x54, 0, 0x77, 0, 0x10),
      });
  });

  it('to everybody when the client asks for that', async () => {
    const rig = await withHost();
    const [offer, ack] = await rig.dora(captured('UEFI-PXE-snponly', 1));
    for (const { to } of [offer, ack]) expect(to).toMatchObject(BROADCAST);
  });

  it('to the address of a client that renews', async () => {
    const rig = await withHost();
    await rig.dora(captured('A-ipxerom', 1));
    const renew = withOptions(
      { ...udhcpc(0), chaddr: captured('A-ipxerom', 1).chaddr, ciaddr: ip('10.77.0.50') },
      { 53: u8Value(3) },
    );
    const [ack] = await rig.ask(renew, { address: ip('10.77.0.50') });
    expect([messageName(ack!.packet), ack!.packet.ciaddr]).toEqual(['ACK', ip('10.77.0.50')]);
    expect(ack!.to).toMatchObject({ address: ip('10.77.0.50'), port: 68 });
  });
});

describe('refusals and silence', () => {
  it('refuses an address of another network, to everybody', async () => {
    const rig = await withHost();
    const request = withOptions(captured('A-ipxerom', 1), { 53: u8Value(3), 50: u32Value(ip('192.0.2.9')) });
    const [nak] = await rig.ask(request);
    expect([messageName(nak!.packet), nak!.packet.yiaddr, nak!.packet.file]).toEqual(['NAK', 0, '']);
    expect(nak!.to).toMatchObject(BROADCAST);
    expect(rig.steps.map((step) => [step.kind, step.because.code])).toEqual([
      ['dhcp.nak', 'lease-wrong-network'],
    ]);
    expect(rig.committed).toEqual([]);
  });

  it('refuses a renewal to everybody too, and through a relay asks it to broadcast', async () => {
    const rig = await started();
    const request = withOptions(udhcpc(7), { 53: u8Value(3) });
    const [nak] = await rig.ask({ ...request, ciaddr: ip('192.0.2.9') });
    expect(nak!.to).toMatchObject(BROADCAST);
    const far = { ...request, ciaddr: ip('192.0.2.9'), giaddr: ip('10.77.0.9') };
    const [relayed] = await rig.ask(far);
    expect([messageName(relayed!.packet), relayed!.packet.flags]).toEqual(['NAK', 0x8000]);
    expect(relayed!.to).toMatchObject({ address: ip('10.77.0.9'), port: 67 });
  });

  it('says nothing when the client chose another server, and gives its offer up', async () => {
    const rig = await started();
    rig.site.put('subnets', { ...SUBNET, from: '10.77.0.100', to: '10.77.0.100' });
    const discover = captured('A-ipxerom', 1);
    const [offer] = await rig.ask(discover);
    const other = withOptions(requesting(discover, offer!.packet), { 54: u32Value(ip('10.77.0.2')) });
    expect(await rig.ask(other)).toEqual([]);
    expect(rig.steps.at(-1)).toMatchObject({
      kind: 'dhcp.ignore',
      because: { code: 'other-server', server: '10.77.0.2' },
    });
    expect(await rig.ask(udhcpc(7))).toHaveLength(1);
  });

  it('says nothing to an unknown client that reboots with an address of ours (RFC 2131 §4.3.2)', async () => {
    const rig = await started();
    expect(
      await rig.ask(withOptions(udhcpc(7), { 53: u8Value(3), 50: u32Value(ip('10.77.0.150')) })),
    ).toEqual([]);
  });

  it('records why there is no address', async () => {
    const rig = await started();
    rig.site.put('subnets', { ...SUBNET, from: '10.77.0.100', to: '10.77.0.100' });
    await rig.dora(udhcpc(7));
    expect(await rig.ask(captured('B-plainrom', 1))).toEqual([]);
    expect(rig.steps.at(-1)).toMatchObject({
      kind: 'dhcp.ignore',
      because: { code: 'lease-exhausted', subnet: 'lan' },
    });
  });

  it('gives no address where no subnet is declared', async () => {
    const rig = await started();
    rig.site.remove('subnets', SUBNET.id);
    expect(await rig.ask(captured('B-plainrom', 1))).toEqual([]);
    expect(rig.steps[0]).toMatchObject({
      kind: 'dhcp.ignore',
      because: { code: 'lease-none-here', link: 'eth0' },
    });
  });

  it('gives an ignored machine an address and nothing to boot', async () => {
    const rig = await started('server', { unknownHosts: 'ignore' });
    const [, ack] = await rig.dora(captured('UEFI-HTTP-ipxe.efi', 1));
    expect(ack.packet).toMatchObject({ yiaddr: ip('10.77.0.100'), siaddr: 0, file: '' });
    expect(ack.packet.options.has(OPTION.vendorClass)).toBe(false);
    expect(rig.steps.at(-1)).toMatchObject({ kind: 'dhcp.ack', because: { code: 'unknown-ignored' } });
  });

  it('drops what is not a request, and counts what is malformed, complaining once', async () => {
    const rig = await started();
    rig.port.deliver([
      new Uint8Array(5),
      new Uint8Array(300),
      { ...udhcpc(7), hlen: 16 },
      { ...udhcpc(7), op: 2 },
    ]);
    await settled();
    expect(rig.port.sent).toEqual([]);
    expect(rig.server.counters).toMatchObject({ received: 4, malformed: 3 });
    expect(rig.logged).toEqual(['warn a malformed DHCP packet']);
  });
});

describe('RELEASE, DECLINE, INFORM', () => {
  const leased = async () => {
    const rig = await started();
    const discover = captured('A-ipxerom', 1);
    await rig.dora(discover);
    rig.steps.length = 0;
    return { rig, discover };
  };

  it('takes an address back', async () => {
    const { rig, discover } = await leased();
    expect(
      await rig.ask({ ...withOptions(discover, { 53: u8Value(7) }), ciaddr: ip('10.77.0.100') }),
    ).toEqual([]);
    expect(rig.server.macOf('10.77.0.100')).toBeUndefined();
    expect(rig.committed.at(-1)).toMatchObject([{ state: 'released', ip: ip('10.77.0.100') }]);
    expect(rig.steps.map((step) => step.kind)).toEqual(['dhcp.release']);
  });

  it('keeps an address from everybody that is in use by a stranger', async () => {
    const { rig, discover } = await leased();
    expect(await rig.ask(withOptions(discover, { 53: u8Value(4), 50: u32Value(ip('10.77.0.100')) }))).toEqual(
      [],
    );
    expect(rig.committed.at(-1)).toMatchObject([{ state: 'declined' }]);
    expect(rig.steps.map((step) => step.because.code)).toEqual(['lease-declined']);
    const [offer] = await rig.ask(discover);
    expect(formatIpv4(offer!.packet.yiaddr)).toBe('10.77.0.101');
  });

  it('informs without an address and without times', async () => {
    const { rig, discover } = await leased();
    const inform = {
      ...withOptions(discover, { 53: u8Value(8), 55: Uint8Array.of(1, 3, 51, 58, 67) }),
      ciaddr: ip('10.77.0.9'),
    };
    const [ack] = await rig.ask(inform);
    expect(ack!.packet).toMatchObject({ yiaddr: 0, ciaddr: ip('10.77.0.9') });
    expect(ack!.to).toMatchObject({ address: ip('10.77.0.9'), port: 68 });
    expect([...ack!.packet.options.keys()].sort((a, b) => a - b)).toEqual([1, 3, 53, 54, 61, 67, 175]);
  });
});

describe('leases on disk', () => {
  it('are written once for a whole batch, and before any ACK', async () => {
    const rig = await started();
    let open = () => {};
    rig.gate = new Promise((resolve) => {
      open = resolve;
    });
    const clients = [1, 2, 3].map((n) => udhcpc(n));
    const offers = await rig.ask(clients);
    const requests = clients.map((client, i) => requesting(client, offers[i]!.packet));
    expect(await rig.ask(requests)).toEqual([]);
    expect(rig.server.macOf('10.77.0.100')).toBeUndefined();
    open();
    await settled();
    expect(rig.committed.map((leases) => leases.length)).toEqual([3]);
    expect(rig.port.sent).toHaveLength(3);
  });

  it('that cannot be written are not acknowledged, not recorded and not believed', async () => {
    const rig = await withHost();
    rig.commitFails = true;
    const discover = captured('A-ipxerom', 1);
    const [offer] = await rig.ask(discover);
    expect(await rig.ask(requesting(discover, offer!.packet))).toEqual([]);
    expect(rig.steps.map((step) => step.kind)).toEqual(['dhcp.offer']);
    expect(rig.server.macOf('10.77.0.50')).toBeUndefined();
    expect(rig.logged).toEqual(['error leases were not written, so they are not acknowledged']);
    expect(rig.server.counters).toMatchObject({ acknowledged: 0, unwritten: 1 });
    rig.commitFails = false;
    const [ack] = await rig.ask(requesting(discover, offer!.packet));
    expect(messageName(ack!.packet)).toBe('ACK');
  });

  it('are remembered over a restart', async () => {
    const rig = new Rig();
    rig.stored = [{ ip: ip('10.77.0.150'), mac: MAC, expires: 2_000_000, state: 'bound' }];
    await rig.server.start();
    expect(rig.server.macOf('10.77.0.150')).toBe(MAC);
    const [offer] = await rig.ask(captured('A-ipxerom', 1));
    expect(formatIpv4(offer!.packet.yiaddr)).toBe('10.77.0.150');
  });

  it('are waited for on close', async () => {
    const rig = await started();
    let written = false;
    rig.gate = settled().then(() => {
      written = true;
    });
    const [offer] = await rig.ask(udhcpc(1));
    rig.port.deliver([requesting(udhcpc(1), offer!.packet)]);
    await rig.server.close();
    expect([written, rig.port.closed]).toEqual([true, true]);
  });
});

describe('proxyDHCP on port 67', () => {
  it('offers iPXE siaddr and URL, with the MAC in it, and no address', async () => {
    const rig = await withHost('proxy');
    const [offer] = await rig.ask(captured('proxy-BIOS-ipxerom', 1));
    expect(offer!.packet).toMatchObject({
      yiaddr: 0,
      siaddr: LINK.address,
      file: `http://10.77.0.1/unattended/iPXE?mac=${encodeURIComponent(MAC)}`,
    });
    expect(text(offer!.packet, OPTION.vendorClass)).toBe('PXEClient');
    expect(offer!.to).toMatchObject(BROADCAST);
    for (const code of [OPTION.leaseTime, OPTION.subnetMask, OPTION.router, OPTION.ipxe])
      expect(offer!.packet.options.has(code)).toBe(false);
    expect(rig.steps).toMatchObject([
      { kind: 'dhcp.offer', via: 'proxy-dhcp', because: { code: 'ipxe-asks' } },
    ]);
  });

  it('sends a plain BIOS ROM straight to its file, without a menu', async () => {
    const rig = await withHost('proxy');
    const discover = captured('B-plainrom', 1);
    const [offer] = await rig.ask(discover);
    expect(offer!.packet).toMatchObject({ siaddr: LINK.address, file: 'undionly-ipxe.0' });
    expect(offer!.packet.options.get(OPTION.vendorSpecific)).toEqual(Uint8Array.of(6, 1, 8, 255));
    expect(offer!.packet.options.get(OPTION.uuid)).toEqual(discover.options.get(OPTION.uuid));
  });

  it('sends OVMF to port 4011: no option 43 and no file, as dnsmasq was seen to do', async () => {
    const rig = await withHost('proxy');
    const [offer] = await rig.ask(captured('proxy-UEFI-snponly', 1));
    expect(offer!.packet).toMatchObject({ siaddr: LINK.address, file: '', yiaddr: 0 });
    expect(text(offer!.packet, OPTION.vendorClass)).toBe('PXEClient');
    expect(offer!.packet.options.has(OPTION.vendorSpecific)).toBe(false);
  });

  it('offers UEFI HTTP boot its URL', async () => {
    const rig = await withHost('proxy');
    const [offer] = await rig.ask(captured('UEFI-HTTP-ipxe.efi', 1));
    expect(offer!.packet.file).toBe('http://10.77.0.1/httpboot/snponly.efi');
    expect(text(offer!.packet, OPTION.vendorClass)).toBe('HTTPClient');
  });

  it('leaves addresses, other machines and REQUESTs to the DHCP server', async () => {
    const rig = await withHost('proxy');
    expect(await rig.ask(udhcpc(1))).toEqual([]);
    expect(await rig.ask(captured('proxy-BIOS-ipxerom', 13))).toEqual([]);
    expect(rig.steps).toEqual([]);
    expect(rig.committed).toEqual([]);
  });

  it('answers a REQUEST that names it', async () => {
    const rig = await withHost('proxy');
    const [ack] = await rig.ask(
      withOptions(captured('B-plainrom', 1), { 53: u8Value(3), 54: u32Value(LINK.address) }),
    );
    expect([messageName(ack!.packet), ack!.packet.file]).toEqual(['ACK', 'undionly-ipxe.0']);
  });

  it('does not answer machines it is to ignore, and says why', async () => {
    const rig = await started('proxy', { unknownHosts: 'ignore' });
    expect(await rig.ask(captured('B-plainrom', 1))).toEqual([]);
    expect(rig.steps).toMatchObject([{ kind: 'dhcp.ignore', because: { code: 'unknown-ignored' } }]);
  });
});

describe('a request for another server', () => {
  it('tells a proxy where a booting machine will ask from, and nothing else', async () => {
    const rig = await withHost('proxy');
    const discover = captured('B-plainrom', 1);
    const request = (packet: DhcpPacket) =>
      withOptions(packet, { 53: u8Value(3), 54: u32Value(ip('10.77.0.2')), 50: u32Value(ip('10.77.0.150')) });
    expect(await rig.ask(request(discover))).toEqual([]);
    expect(rig.overheard).toEqual([`10.77.0.150 ${MAC}`]);
    const laptop = withOptions(udhcpc(1), { [OPTION.vendorClass]: textValue('MSFT 5.0') });
    await rig.ask([request(laptop), laptop, discover]);
    expect(rig.overheard).toHaveLength(1);
    expect(rig.steps.map(({ kind }) => kind)).toEqual(['dhcp.offer']);
  });
});

describe('boot server on port 4011', () => {
  it('answers OVMF at the port it asks from', async () => {
    const rig = await withHost('pxe');
    const request = captured('proxy-UEFI-snponly', 8);
    const [ack] = await rig.ask(request, { address: ip('10.77.0.50'), port: 4011 });
    expect(ack!.to).toMatchObject({ address: ip('10.77.0.50'), port: 4011 });
    expect(ack!.packet).toMatchObject({
      ciaddr: ip('10.77.0.50'),
      siaddr: LINK.address,
      sname: '10.77.0.1',
      file: 'snponly.efi',
    });
    expect([messageName(ack!.packet), text(ack!.packet, OPTION.vendorClass)]).toEqual(['ACK', 'PXEClient']);
    const step = { kind: 'dhcp.ack', via: 'proxy-dhcp', what: 'snponly.efi', address: '10.77.0.50' };
    expect(rig.steps).toMatchObject([step]);
  });

  it('answers a BIOS ROM with xid 0 and a chosen boot item', async () => {
    const rig = await withHost('pxe');
    const item = Uint8Array.of(0x47, 4, 0x80, 0, 0, 0, 255);
    const request = { ...withOptions(captured('B-plainrom', 1), { 53: u8Value(3), 43: item }), xid: 0 };
    const [ack] = await rig.ask(request, { address: ip('10.77.0.50'), port: 68 });
    expect(ack!.packet).toMatchObject({ xid: 0, file: 'undionly-ipxe.0' });
    expect(ack!.packet.options.get(OPTION.vendorSpecific)).toEqual(item);
    expect(ack!.to.port).toBe(68);
  });
});

describe('what earlier boots say', () => {
  it('is asked for ROMs only, and decides', async () => {
    const hold = { loop: 'loader', at: 0, since: 0, count: 5, file: 'undionly-ipxe.0' } as const;
    const asked: string[] = [];
    const rig = new Rig('server', {}, (facts, host) => {
      asked.push(`${facts.stage} ${host?.name}`);
      return { hold };
    });
    rig.site.put('hosts', host());
    await rig.server.start();
    const [, held] = await rig.dora(captured('B-plainrom', 1));
    expect(held.packet.file).toBe('pxelinux.0');
    expect(rig.steps.at(-1)).toMatchObject({ because: { code: 'loop-loader', count: 5 } });
    const [, script] = await rig.dora(captured('B-plainrom', 24));
    expect(script.packet.file).toBe('http://10.77.0.1/unattended/iPXE');
    expect(asked).toEqual(['rom vm10.rig.test', 'rom vm10.rig.test']);
  });
});

describe('reload', () => {
  it('takes a new policy', async () => {
    const rig = await started();
    rig.server.setPolicy('eth0', { ...POLICY, base: 'http://192.0.2.1' });
    const [offer] = await rig.ask(captured('A-ipxerom', 1));
    expect(offer!.packet.file).toBe('http://192.0.2.1/unattended/iPXE');
  });

  it('keeps ports that stay, closes those that go, opens new ones', async () => {
    const rig = await started();
    const added = new MemoryPort(67);
    rig.server.replacePorts([
      { port: rig.port, role: 'server', policy: POLICY },
      { port: added, role: 'proxy', policy: { ...POLICY, mode: 'proxy' } },
    ]);
    expect(await rig.ask(udhcpc(1))).toHaveLength(1);
    rig.server.replacePorts([{ port: added, role: 'proxy', policy: { ...POLICY, mode: 'proxy' } }]);
    expect([rig.port.closed, added.closed]).toEqual([true, false]);
    expect(await rig.ask(udhcpc(1))).toEqual([]);
    added.deliver([captured('B-plainrom', 1)]);
    expect(added.sent).toHaveLength(1);
  });
});

describe('anything from the wire', () => {
  const real = captureNames().flatMap((name) =>
    readCapture(name)
      .filter(({ targetPort }) => targetPort === 67 || targetPort === 4011)
      .map(({ bytes }) => bytes),
  );

  it('never makes a server throw, and never gives more than one answer a packet', async () => {
    const rigs = await Promise.all((['server', 'proxy', 'pxe'] as const).map((role) => withHost(role)));
    const u8 = fc.integer({ min: 0, max: 255 });
    const damaged = fc
      .tuple(fc.constantFrom(...real), fc.array(fc.tuple(fc.nat(420), u8), { maxLength: 6 }))
      .map(([original, changes]) => {
        const bytes = original.slice();
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(fc.array(damaged, { maxLength: 3 }), async (batch) => {
        for (const rig of rigs) {
          rig.port.sent.length = 0;
          rig.port.deliver(batch.map((bytes) => bytes.slice()));
          await settled();
          expect(rig.port.sent.length).toBeLessThanOrEqual(batch.length);
          expect(rig.logged.filter((line) => line.startsWith('error'))).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a machine that lets offers go by', () => {
  it('hears the fifth by broadcast, and the ACK too', async () => {
    const rig = await withHost();
    const discover = captured('A-ipxerom', 1);
    const targets = [];
    for (let i = 0; i < 5; i++) targets.push((await rig.ask(discover))[0]!.to.address);
    expect(targets.map((address) => address === BROADCAST.address)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(rig.steps.at(-1)?.detail).toEqual({
      form: 'it took none of 4 offers sent to its card alone, so it is answered by broadcast',
    });
    const [offer] = await rig.ask(discover);
    const [ack] = await rig.ask(requesting(discover, offer!.packet));
    expect(ack!.to).toMatchObject(BROADCAST);
  });

  it.each([
    ['asked for a broadcast', { flags: 0x8000 }],
    ['is behind a relay', { giaddr: ip('10.77.0.254') }],
  ])('is answered as before where it %s', async (_, changes) => {
    const rig = await withHost();
    const discover = { ...captured('A-ipxerom', 1), ...changes };
    for (let i = 0; i < 6; i++) await rig.ask(discover);
    expect(rig.steps).toHaveLength(6);
    expect(rig.steps.map((step) => step.detail?.form)).toEqual(Array(6).fill(undefined));
  });

  it('beside another server gets each form of a proxy in turn, until it fetches something', async () => {
    const rig = await started('proxy');
    rig.site.put('hosts', host());
    const attempt = async (xid: number) => {
      const [offer] = await rig.ask({ ...captured('B-plainrom', 1), xid });
      const { file, options } = offer!.packet;
      return [file, options.get(OPTION.vendorSpecific)?.[2]];
    };
    const forms = [];
    for (let xid = 1; xid <= 7; xid++) forms.push(await attempt(xid));
    const direct = ['undionly-ipxe.0', 8];
    expect(forms).toEqual([
      ...Array(3).fill(direct),
      ...Array(3).fill(['', undefined]),
      ['undionly-ipxe.0', undefined],
    ]);
    expect(rig.steps.at(-1)?.detail?.form).toMatch(/^it took none of 3 offers/);
    rig.server.took(MAC);
    for (let xid = 8; xid <= 10; xid++) expect(await attempt(xid)).toEqual(['undionly-ipxe.0', undefined]);
  });
});
