/** Addresses that are in use already by somebody the server knows nothing of. */

import { afterEach, describe, expect, it } from 'vitest';
import { host, ip, MAC, Rig, requesting, settled, udhcpc, withOptions } from '../../test/dhcp-rig.ts';
import type { Link } from '../link/types.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import { MOST_LOOKS, MOST_TRIES, REMEMBER_MS } from './conflicts.ts';
import { OPTION, textValue, u32Value } from './options.ts';
import type { DhcpPacket } from './packet.ts';
import { decodePacket } from './packet.ts';

const SQUATTER = '02:99:99:99:99:99';

/** Looks that end when the test says so. */
class FakeProbe {
  readonly asked: string[] = [];
  possible = true;
  private readonly open = new Map<string, (mac: string | undefined) => void>();

  ask(_link: Link, address: Ipv4): Promise<string | undefined> | undefined {
    if (!this.possible) return undefined;
    const text = formatIpv4(address);
    this.asked.push(text);
    return new Promise((resolve) => this.open.set(text, resolve));
  }

  async answer(address: string, mac?: string): Promise<void> {
    const resolve = this.open.get(address);
    if (resolve === undefined) throw new Error(`nobody asked for ${address}`);
    this.open.delete(address);
    resolve(mac);
    await settled();
  }
}

/** A ROM, so that its steps are recorded. */
function rom(mac: number, changes: Partial<DhcpPacket> = {}): DhcpPacket {
  return withOptions(udhcpc(mac, changes), {
    [OPTION.vendorClass]: textValue('PXEClient:Arch:00000:UNDI:002001'),
    [OPTION.arch]: Uint8Array.of(0, 0),
  });
}

let rig: Rig;
let probe: FakeProbe;

async function started(): Promise<void> {
  probe = new FakeProbe();
  rig = new Rig('server', {}, undefined, probe);
  await rig.server.start();
}

afterEach(() => rig.server.close());

const offers = () => rig.port.sent.map(({ bytes }) => formatIpv4(decodePacket(bytes).yiaddr));

describe('the look before a first offer', () => {
  it('offers an address once nobody answered there, and leases it with the reason of the offer', async () => {
    await started();
    expect(await rig.ask(rom(1))).toEqual([]);
    expect(probe.asked).toEqual(['10.77.0.100']);
    rig.now += 300;
    await probe.answer('10.77.0.100');
    expect(offers()).toEqual(['10.77.0.100']);
    expect(rig.steps.map(({ kind, at, lease }) => [kind, at, lease?.code])).toEqual([
      ['dhcp.offer', rig.now, 'lease-free'],
    ]);
    const [ack] = await rig.ask(requesting(rom(1), decodePacket(rig.port.sent[0]!.bytes)));
    expect(ack!.packet.yiaddr).toBe(ip('10.77.0.100'));
    expect(probe.asked).toHaveLength(1);
    expect(rig.server.counters).toMatchObject({ offered: 1, probed: 1, inUse: 0, unprobed: 0 });
  });

  it('does not keep the other clients of a batch waiting', async () => {
    await started();
    rig.site.put('hosts', host());
    const mine = rom(2);
    const chaddr = new Uint8Array(16);
    chaddr.set([0x52, 0x54, 0, 0x77, 0, 0x10]);
    await rig.ask([rom(1), { ...mine, chaddr }]);
    expect(offers()).toEqual(['10.77.0.50']);
    expect(rig.steps[0]).toMatchObject({ mac: MAC, lease: { code: 'lease-reserved' } });
    expect(probe.asked).toEqual(['10.77.0.100']);
  });

  it('passes over an address in use: declined in the journal, said with the MAC that answered', async () => {
    await started();
    await rig.ask(rom(1));
    await probe.answer('10.77.0.100', SQUATTER);
    expect(offers()).toEqual([]);
    expect(rig.committed.flat()).toEqual([
      {
        ip: ip('10.77.0.100'),
        mac: '02:00:00:00:00:01',
        expires: rig.now + 600_000,
        state: 'declined',
      },
    ]);
    await probe.answer('10.77.0.101');
    expect(offers()).toEqual(['10.77.0.101']);
    expect(rig.steps).toMatchObject([
      { kind: 'dhcp.decline', because: { code: 'lease-in-use', mac: SQUATTER }, address: '10.77.0.100' },
      { kind: 'dhcp.offer', lease: { code: 'lease-free' }, address: '10.77.0.101' },
    ]);
    expect(rig.logged).toEqual([
      `warn ${SQUATTER} answers at 10.77.0.100, so nobody is given that address for a while`,
    ]);
    expect(rig.server.counters).toMatchObject({ offered: 1, probed: 2, inUse: 1 });
  });

  it('is not for the address the client wishes for either, when that is in use', async () => {
    await started();
    await rig.ask(withOptions(rom(1), { [OPTION.requestedIp]: u32Value(ip('10.77.0.150')) }));
    await probe.answer('10.77.0.150', SQUATTER);
    await probe.answer('10.77.0.100');
    expect(offers()).toEqual(['10.77.0.100']);
  });

  it('gives up after some addresses in use, and goes on when the client asks again', async () => {
    await started();
    await rig.ask(rom(1));
    for (let i = 0; i < MOST_TRIES; i++) await probe.answer(`10.77.0.${100 + i}`, SQUATTER);
    expect(probe.asked).toHaveLength(MOST_TRIES);
    expect(offers()).toEqual([]);
    await rig.ask(rom(1));
    await probe.answer(`10.77.0.${100 + MOST_TRIES}`);
    expect(offers()).toEqual([`10.77.0.${100 + MOST_TRIES}`]);
  });

  it('takes no notice of the client itself answering', async () => {
    await started();
    await rig.ask(rom(1));
    await probe.answer('10.77.0.100', '02:00:00:00:00:01');
    expect(offers()).toEqual(['10.77.0.100']);
    expect(rig.committed).toEqual([]);
  });

  it('is made once for a DISCOVER sent again; the newest one is answered', async () => {
    await started();
    await rig.ask(rom(1));
    await rig.ask([rom(1), rom(1, { xid: 77 })]);
    expect(probe.asked).toEqual(['10.77.0.100']);
    await probe.answer('10.77.0.100');
    expect(rig.port.sent.map(({ bytes }) => decodePacket(bytes).xid)).toEqual([77]);
  });

  it('is remembered for the address, and for the client that was offered it', async () => {
    await started();
    await rig.ask(rom(1));
    await probe.answer('10.77.0.100');
    await rig.ask(rom(1));
    expect(offers()).toEqual(['10.77.0.100']);
    // Another server is chosen; the address is free for the next.
    const other = { [OPTION.serverId]: u32Value(ip('10.77.0.9')) };
    const chosen = requesting(rom(1), decodePacket(rig.port.sent[0]!.bytes));
    await rig.ask(withOptions(chosen, other));
    const wish = { [OPTION.requestedIp]: u32Value(ip('10.77.0.100')) };
    await rig.ask(withOptions(rom(2), wish));
    expect(offers()).toEqual(['10.77.0.100']);
    expect(probe.asked).toHaveLength(1);
    rig.now += REMEMBER_MS;
    await rig.ask(withOptions(rom(3), wish));
    expect(probe.asked).toEqual(['10.77.0.100', '10.77.0.100']);
  });

  it('is left out in a storm, which a counter tells', async () => {
    await started();
    const clients = Array.from({ length: MOST_LOOKS + 5 }, (_, i) => rom(i + 1));
    await rig.ask(clients);
    expect(probe.asked).toHaveLength(MOST_LOOKS);
    expect(offers()).toEqual([164, 165, 166, 167, 168].map((last) => `10.77.0.${last}`));
    expect(rig.server.counters).toMatchObject({ probed: MOST_LOOKS, unprobed: 5 });
    // Room again.
    await probe.answer('10.77.0.100');
    await rig.ask(rom(1000));
    expect(probe.asked).toHaveLength(MOST_LOOKS + 1);
  });

  it('is not made for reservations, own addresses, behind relays, or where nobody can be asked', async () => {
    await started();
    rig.stored = [];
    await rig.ask(rom(1, { giaddr: ip('10.77.0.7'), hops: 1 }));
    await rig.ask(rom(2), { address: ip('127.0.0.1') });
    probe.possible = false;
    await rig.ask(rom(3));
    expect(offers()).toEqual(['10.77.0.102']);
    expect(rig.server.counters).toMatchObject({ offered: 3, probed: 0, unprobed: 0 });
    probe.possible = true;
    // Its own by now, although nobody ever looked.
    await rig.ask(rom(3));
    expect(offers()).toEqual(['10.77.0.102']);
    expect(probe.asked).toEqual([]);
  });

  it('ends in silence when the client chose another server or the server is closed meanwhile', async () => {
    await started();
    await rig.ask([rom(1), rom(2)]);
    await rig.ask(
      withOptions(rom(1), {
        [OPTION.messageType]: Uint8Array.of(3),
        [OPTION.serverId]: u32Value(ip('10.77.0.9')),
        [OPTION.requestedIp]: u32Value(ip('10.77.0.9')),
      }),
    );
    await probe.answer('10.77.0.100');
    expect(offers()).toEqual([]);
    await rig.server.close();
    await probe.answer('10.77.0.101', SQUATTER);
    expect(offers()).toEqual([]);
    expect(rig.committed).toEqual([]);
  });

  it('ends in silence when the subnet is gone, and heeds a reservation made meanwhile', async () => {
    await started();
    await rig.ask([rom(1), rom(2)]);
    const [nic] = host().interfaces;
    rig.site.put('hosts', host({ interfaces: [{ ...nic!, mac: '02:00:00:00:00:01', ip: '10.77.0.60' }] }));
    await probe.answer('10.77.0.100');
    expect(offers()).toEqual(['10.77.0.60']);
    rig.site.remove('hosts', 1);
    rig.site.remove('subnets', 1);
    await probe.answer('10.77.0.101', SQUATTER);
    expect(rig.committed).toEqual([]);
  });
});
