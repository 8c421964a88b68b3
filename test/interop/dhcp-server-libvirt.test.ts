/** The driver of libvirt, with libvirt itself (its own network driver and dnsmasq, no double). */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Outline, OutlinedHost } from '../../src/dhcp-config/outline.ts';
import { type LibvirtOptions, libvirtDriver } from '../../src/dhcp-drivers/libvirt/driver.ts';
import { Made } from '../../src/dhcp-drivers/made.ts';
import { Reconciler } from '../../src/dhcp-drivers/reconciler.ts';
import type { DhcpDriver, DriverPlan } from '../../src/dhcp-drivers/types.ts';
import { Daemon } from '../system/daemon.ts';
import { need, PORTS } from './dhcp-lab.ts';
import { LibvirtRig, NETWORK, PRINTER } from './libvirt-rig.ts';

const VM1: OutlinedHost = { name: 'vm1.lab', mac: '52:54:00:78:00:01', ip: '10.78.0.50' };
const VM2: OutlinedHost = { name: 'vm2.lab', mac: '52:54:00:78:00:02', ip: '10.78.0.51' };
const SCRIPT = 'http://10.77.0.1/pub/intermediate.ipxe?a=1&b=2';
const NOTHING = { changes: [], conflicts: [] };

function outline(...hosts: readonly OutlinedHost[]): Outline {
  return { server: '10.77.0.1', script: SCRIPT, rules: [], hosts, subnets: [] };
}

function xml({ mac, name, ip }: OutlinedHost): string {
  return `<host mac='${mac}' name='${name}' ip='${ip}'/>`;
}

let rig: LibvirtRig;
let options: LibvirtOptions;
let made: Made;
let driver: DhcpDriver;

beforeEach(async (context) => {
  need(context, ['libvirtd', 'libvirt-daemon'], ['virsh', 'libvirt-clients'], ['dnsmasq', 'dnsmasq-base']);
  need(context, ['udhcpc', 'udhcpc']);
  rig ??= await LibvirtRig.open();
  const records = join(rig.directory, 'made');
  rmSync(records, { recursive: true, force: true });
  for (const host of rig.hosts()) if (host !== PRINTER) rig.update('delete', host);
  made = new Made(records, 'vms');
  options = {
    name: 'vms',
    network: NETWORK,
    uri: rig.uri,
    script: SCRIPT,
    made,
  };
  driver = libvirtDriver(options);
});

afterAll(() => rig?.close());

/** As the server does it, which writes down what is ours. */
function keeping(wanted: Outline): Reconciler {
  return new Reconciler({ driver, made, wanted: () => wanted, log: () => {}, now: Date.now });
}

function planned(wanted: Outline): Promise<DriverPlan> {
  return keeping(wanted).plan();
}

/** What was done, by name. */
async function done(wanted: Outline): Promise<readonly string[]> {
  const { changes } = await keeping(wanted).sync();
  return changes.map(({ op, name }) => `${op} ${name}`);
}

describe('libvirt', () => {
  it('gives a machine what it is told to, still after a restart, and no more once the host is gone', async () => {
    expect(await done(outline(VM1, VM2))).toEqual(['add vm1.lab', 'add vm2.lab']);
    expect(rig.hosts('--inactive')).toEqual([xml(VM1), xml(VM2), PRINTER].sort());
    expect(await planned(outline(VM1, VM2))).toEqual(NOTHING);
    expect(await rig.told(VM1.mac)).toContain('ip=10.78.0.50\n');
    expect(await driver.leases()).toMatchObject([
      { mac: VM1.mac, ip: VM1.ip, hostname: 'vm1', ends: expect.any(Number) },
    ]);
    rig.stopNetwork();
    rig.startNetwork();
    expect(await planned(outline(VM1, VM2))).toEqual(NOTHING);
    expect(await rig.told(VM2.mac)).toContain('ip=10.78.0.51\n');
    expect(await done(outline(VM2))).toEqual(['remove vm1.lab']);
    expect(rig.hosts()).toEqual([xml(VM2), PRINTER].sort());
    expect(await rig.told(VM1.mac)).not.toContain('ip=10.78.0.50\n');
  });

  it('takes addresses that hosts exchange, and leaves out those of other networks', async () => {
    await done(outline(VM1, VM2));
    const [one, two] = [
      { ...VM1, ip: VM2.ip },
      { ...VM2, ip: VM1.ip },
    ];
    const elsewhere = { name: 'far.lab', mac: '52:54:00:78:00:03', ip: '192.0.2.7' };
    expect(await done(outline(one, two, elsewhere))).toEqual(['change vm1.lab', 'change vm2.lab']);
    expect(rig.hosts()).toEqual([xml(one), xml(two), PRINTER].sort());
    expect(await planned(outline(one, two, elsewhere))).toEqual(NOTHING);
  });

  it('never touches an entry of somebody else, though libvirt would take it for the one to modify', async () => {
    const taken = { ...VM1, ip: '10.78.0.9' };
    const { changes, conflicts } = await planned(outline(taken, { ...VM2, mac: '52:54:00:78:00:99' }));
    expect(conflicts.map(({ host, foreign }) => [host, foreign.name])).toEqual([
      ['vm1.lab', 'printer'],
      ['vm2.lab', 'printer'],
    ]);
    expect(changes).toEqual([]);
    const named = await planned(outline({ ...VM1, name: 'printer' }));
    expect(named).toMatchObject({
      changes: [],
      conflicts: [{ host: 'printer', foreign: { ip: '10.78.0.9' } }],
    });
    await done(outline(VM1));
    const forced = { op: 'change', what: 'reservation', name: VM1.name, reservation: taken } as const;
    await expect(
      driver.apply({ changes: [forced], conflicts: [] }, outline(taken), () => {}),
    ).rejects.toMatchObject({
      code: 'DHCP_SERVER_REFUSED',
      values: {
        server: 'vms',
        what: 'net-update',
        reason: expect.stringContaining('existing dhcp host entry'),
      },
    });
    expect(rig.hosts()).toEqual([xml(VM1), PRINTER].sort());
    expect(rig.hosts('--inactive')).toEqual([xml(VM1), PRINTER].sort());
    expect(await planned(outline(VM1))).toEqual(NOTHING);
  });

  it('is put right when somebody removes or changes what is ours, in effect or for its next start', async () => {
    await done(outline(VM1, VM2));
    rig.update('delete', xml(VM1), '--live');
    rig.update('delete', xml(VM2));
    rig.update('add', xml({ ...VM2, ip: '10.78.0.77' }));
    const { changes } = await planned(outline(VM1, VM2));
    expect(changes).toMatchObject([
      { op: 'change', name: 'vm1.lab', drift: true },
      { op: 'change', name: 'vm2.lab', drift: true },
    ]);
    await done(outline(VM1, VM2));
    expect(rig.hosts()).toEqual([xml(VM1), xml(VM2), PRINTER].sort());
    expect(rig.hosts('--inactive')).toEqual([xml(VM1), xml(VM2), PRINTER].sort());
    rig.update('delete', xml(VM1), '--config');
    expect(await done(outline(VM2))).toEqual(['remove vm1.lab']);
    expect(rig.hosts()).toEqual([xml(VM2), PRINTER].sort());
  });

  it('is changed for its next start while it is stopped', async () => {
    rig.stopNetwork();
    try {
      expect(await done(outline(VM1))).toEqual(['add vm1.lab']);
      expect(rig.hosts('--inactive')).toEqual([xml(VM1), PRINTER].sort());
    } finally {
      rig.startNetwork();
    }
    expect(await planned(outline(VM1))).toEqual(NOTHING);
  });

  it('tells what it needs: the boot file, which no command changes, with the lines for it', async () => {
    const needs = await driver.needs();
    expect(needs.map(({ ok }) => ok)).toEqual([true, true, true, false]);
    expect(needs[3]).toMatchObject({
      hint: expect.stringContaining("<bootp file='http://10.77.0.1/pub/intermediate.ipxe?a=1&amp;b=2'/>"),
    });
  });

  it('says what libvirt says, or that it does not answer', async () => {
    const without = libvirtDriver({ ...options, network: 'nope' });
    await expect(without.present()).rejects.toMatchObject({
      code: 'DHCP_SERVER_REFUSED',
      values: { reason: expect.stringContaining("no network with matching name 'nope'") },
    });
    expect(await without.needs()).toMatchObject([{ ok: false, problem: expect.stringContaining('nope') }]);
    const nobody = libvirtDriver({ ...options, uri: 'network+unix:///system?socket=/nonexistent' });
    await expect(nobody.present()).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
    const missing = libvirtDriver({ ...options, program: '/nonexistent/virsh' });
    await expect(missing.leases()).rejects.toMatchObject({
      code: 'DHCP_SERVER_UNREACHABLE',
      values: { reason: expect.stringContaining('libvirt-clients') },
    });
    const silent = join(rig.directory, 'silent');
    writeFileSync(silent, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
    const slow = libvirtDriver({ ...options, program: silent, timeout: 200 });
    await expect(slow.present()).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
  });
});

it('the running server keeps a network of libvirt in step, and tells what it cannot do there', async (context) => {
  const daemon = new Daemon({
    link: { interface: 'br0', address: '10.77.0.1', mode: 'off' },
    ports: PORTS,
    site: { subnets: [{ name: 'vms', network: '10.78.0.0/24' }] },
    config: { dhcp_servers: [{ name: 'vms', kind: 'libvirt', network: NETWORK, uri: rig.uri }] },
    inside: rig.lab.inside,
  });
  context.onTestFinished(() => daemon.close());
  await daemon.start();
  const patience = { timeout: 40_000, interval: 300 };
  const made = daemon.cli('host', 'create', VM1.name, '--mac', VM1.mac, '--ip', VM1.ip);
  expect(made.status, made.stderr).toBe(0);
  await expect.poll(() => rig.hosts(), patience).toEqual([xml(VM1), PRINTER].sort());
  expect(await rig.told(VM1.mac)).toContain('ip=10.78.0.50\n');
  const { stdout, stderr } = daemon.cli('check');
  expect(stdout + stderr).toContain("<bootp file='http://10.77.0.1/pub/intermediate.ipxe'/>");
  const deleted = daemon.cli('host', 'delete', VM1.name);
  expect(deleted.status, deleted.stderr).toBe(0);
  await expect.poll(() => rig.hosts('--inactive'), patience).toEqual([PRINTER]);
}, 180_000);
