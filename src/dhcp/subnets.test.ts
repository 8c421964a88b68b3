/** Several subnets on one wire, and subnets for certain ports of a relay, through the server. */

import { describe, expect, it } from 'vitest';
import { host, ip, Rig, requesting, SUBNET, udhcpc, withOptions } from '../../test/dhcp-rig.ts';
import type { Subnet } from '../inventory/types.ts';
import { formatIpv4 } from '../net/ip.ts';
import { messageName, OPTION, textValue, u32Value } from './options.ts';

const SECOND: Subnet = {
  id: 2,
  name: 'second',
  network: '10.78.0.0/24',
  gateway: '10.78.0.1',
  from: '10.78.0.100',
  to: '10.78.0.100',
  boot_mode: 'DHCP',
  lease_time: 600,
  parameters: {},
};

async function rigWith(...subnets: readonly Subnet[]): Promise<Rig> {
  const rig = new Rig();
  await rig.server.start();
  for (const subnet of subnets) rig.site.put('subnets', subnet);
  return rig;
}

const wire = { shared_network: 'wire' };

describe('subnets that share a wire', () => {
  it('are used one after the other, each with its own router', async () => {
    const rig = await rigWith({ ...SUBNET, ...wire, to: '10.77.0.100' }, { ...SECOND, ...wire });
    const [, first] = await rig.dora(udhcpc(1));
    const [, second] = await rig.dora(udhcpc(2));
    expect([first, second].map(({ packet }) => formatIpv4(packet.yiaddr))).toEqual([
      '10.77.0.100',
      '10.78.0.100',
    ]);
    expect(second.packet.options.get(OPTION.router)).toEqual(u32Value(ip('10.78.0.1')));
    expect(await rig.ask(udhcpc(3))).toEqual([]);
    // A client comes back to its own.
    const [again] = await rig.dora(udhcpc(2));
    expect(formatIpv4(again.packet.yiaddr)).toBe('10.78.0.100');
  });

  it('give a reservation wherever it lies', async () => {
    const rig = await rigWith({ ...SUBNET, ...wire }, { ...SECOND, ...wire });
    const [nic] = host().interfaces;
    rig.site.put('hosts', host({ interfaces: [{ ...nic!, mac: '02:00:00:00:00:07', ip: '10.78.0.7' }] }));
    const [, ack] = await rig.dora(udhcpc(7));
    expect(formatIpv4(ack.packet.yiaddr)).toBe('10.78.0.7');
  });

  it('are apart without a name in common', async () => {
    const rig = await rigWith({ ...SUBNET, to: '10.77.0.100' }, SECOND);
    await rig.dora(udhcpc(1));
    expect(await rig.ask(udhcpc(2))).toEqual([]);
    expect(rig.steps.at(-1)?.because.code).toBe('lease-exhausted');
  });
});

describe('a subnet for a port of the relay', () => {
  const relayed = (mac: number, circuit: string) =>
    withOptions(udhcpc(mac, { giaddr: ip('10.77.0.254') }), {
      [OPTION.relayAgent]: Uint8Array.of(1, circuit.length, ...textValue(circuit), 2, 2, 0, 9),
    });

  it.each([
    [{ circuit_id: 'rack7' }, 'rack7', '10.78.0.100'],
    [{ circuit_id: '0x7261636b37', remote_id: '0x0009' }, 'rack7', '10.78.0.100'],
    [{ circuit_id: 'rack7', remote_id: '0x0008' }, 'rack7', '10.77.0.100'],
    [{ circuit_id: 'rack7' }, 'rack8', '10.77.0.100'],
  ])('%j with circuit %s: %s', async (relay, circuit, address) => {
    const rig = await rigWith({ ...SUBNET, ...wire }, { ...SECOND, ...wire, relay });
    const discover = relayed(1, circuit);
    const [offer, ack] = await rig.dora(discover);
    expect(formatIpv4(ack.packet.yiaddr)).toBe(address);
    expect(offer.packet.options.get(OPTION.relayAgent)).toEqual(discover.options.get(OPTION.relayAgent));
    expect(offer.to).toMatchObject({ address: ip('10.77.0.254'), port: 67 });
  });

  it('is for nobody else, and the trace tells the port', async () => {
    const rig = await rigWith({ ...SUBNET, relay: { circuit_id: 'rack7' } });
    rig.site.put('hosts', host());
    const mine = { chaddr: Uint8Array.of(0x52, 0x54, 0, 0x77, 0, 0x10, ...new Uint8Array(10)) };
    expect(await rig.ask({ ...udhcpc(1), ...mine })).toEqual([]);
    expect(await rig.ask({ ...relayed(1, 'rack8'), ...mine })).toEqual([]);
    expect(await rig.ask({ ...relayed(1, 'rack7'), ...mine })).toHaveLength(1);
    expect(rig.steps.map(({ kind }) => kind)).toEqual(['dhcp.ignore', 'dhcp.ignore', 'dhcp.offer']);
    expect(rig.steps.at(-1)?.detail).toEqual({ relay: '10.77.0.254', circuit: 'rack7', remote: '0x0009' });
  });
});

describe('authority', () => {
  const wrong = withOptions({ ...udhcpc(5) }, { 53: Uint8Array.of(3), 50: u32Value(ip('192.168.1.9')) });
  const renewing = withOptions({ ...udhcpc(5), ciaddr: ip('10.77.0.150') }, { 53: Uint8Array.of(3) });

  it('refuses an address of another network, and takes over a client that renews', async () => {
    const rig = await rigWith();
    expect((await rig.ask(wrong)).map(({ packet }) => messageName(packet))).toEqual(['NAK']);
    expect((await rig.ask(renewing)).map(({ packet }) => messageName(packet))).toEqual(['ACK']);
  });

  it('is silent about what it does not know without it', async () => {
    const rig = await rigWith({ ...SUBNET, authoritative: false });
    expect(await rig.ask(wrong)).toEqual([]);
    expect(await rig.ask(renewing)).toEqual([]);
    const [, ack] = await rig.dora(udhcpc(6));
    expect(messageName(ack.packet)).toBe('ACK');
    // A client that chose this server is told.
    const chosen = requesting(udhcpc(8), ack.packet);
    expect((await rig.ask(chosen)).map(({ packet }) => messageName(packet))).toEqual(['NAK']);
  });
});
