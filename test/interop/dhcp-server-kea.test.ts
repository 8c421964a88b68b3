/** The driver of Kea, with Kea itself: what it makes is what machines get, and nothing else is touched. */

import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Outline, OutlinedHost } from '../../src/dhcp-config/outline.ts';
import { keaDriver } from '../../src/dhcp-drivers/kea/driver.ts';
import { type JsonMap, listOf, mapOf } from '../../src/dhcp-drivers/kea/exact-json.ts';
import type { DhcpDriver, DriverPlan } from '../../src/dhcp-drivers/types.ts';
import { archOf } from '../../src/net/arch.ts';
import { Daemon } from '../system/daemon.ts';
import { dressedAs, need, PORTS } from './dhcp-lab.ts';
import { hookFile, KeaRig, PRINTER, VOIP } from './kea-rig.ts';

const VM1: OutlinedHost = { name: 'vm1.lab', mac: '52:54:00:77:00:01', ip: '10.77.0.50' };
const VM2: OutlinedHost = { name: 'vm2.lab', mac: '52:54:00:77:00:02', ip: '10.77.0.51' };
const LEFT: OutlinedHost = {
  name: 'left.lab',
  mac: '52:54:00:77:00:03',
  ip: '10.77.0.52',
  own: { loader: 'None', rules: [], all: [] },
};
const SCRIPT = 'http://10.77.0.1/pub/intermediate.ipxe';
const RULE = { arches: [archOf(0)], file: 'undionly-ipxe.0', http: false };

function outline(...hosts: readonly OutlinedHost[]): Outline {
  return { server: '10.77.0.1', script: SCRIPT, rules: [RULE], hosts, subnets: [] };
}

let rig: KeaRig;
let driver: DhcpDriver;

beforeEach(async (context) => {
  need(context, ['kea-dhcp4', 'kea-dhcp4-server'], ['udhcpc', 'udhcpc']);
  rig ??= await KeaRig.open();
  driver ??= keaDriver({ name: 'kea', door: { socket: rig.socket } });
  await rig.stop();
  rmSync(rig.leases, { force: true });
  rig.write();
  await rig.start();
});

afterAll(async () => {
  await driver?.close();
  await rig?.close();
});

async function planned(wanted: Outline, by = driver): Promise<DriverPlan> {
  return by.plan(wanted, await by.present());
}

/** What was done, by name. */
async function done(wanted: Outline, by = driver): Promise<readonly string[]> {
  const names: string[] = [];
  await by.apply(await planned(wanted, by), wanted, ({ op, name }) => names.push(`${op} ${name}`));
  return names;
}

async function running(): Promise<JsonMap> {
  return mapOf((await rig.channel.ask('config-get')).Dhcp4);
}

const CLASSES = ['add class chainboot-ipxe', 'add class chainboot-loader-1'];

describe('Kea', () => {
  it('gives a machine what it is told to, still after a restart, and no more once the host is gone', async () => {
    expect(await done(outline(VM1, VM2))).toEqual(
      expect.arrayContaining(['add vm1.lab', 'add vm2.lab', ...CLASSES]),
    );
    expect(await planned(outline(VM1, VM2))).toEqual({ changes: [], conflicts: [] });
    expect(await rig.told(VM1.mac)).toContain('ip=10.77.0.50\n');
    await rig.restart();
    expect(await planned(outline(VM1, VM2))).toEqual({ changes: [], conflicts: [] });
    expect(await rig.told(VM2.mac)).toContain('ip=10.77.0.51\n');
    const moved = { ...VM2, ip: '10.77.0.61' };
    expect(await done(outline(moved))).toEqual(expect.arrayContaining(['remove vm1.lab', 'change vm2.lab']));
    expect(await rig.told(VM2.mac)).toContain('ip=10.77.0.61\n');
    expect(await rig.told(VM1.mac)).toMatch(/ip=10\.77\.0\.1[56]\d\n/);
  });

  it('boots firmware and iPXE, and leaves alone whom nobody wants to boot', async () => {
    await done(outline(VM1, LEFT));
    const firmware = await rig.told(VM1.mac, ...dressedAs(0));
    expect(firmware).toContain('boot_file=undionly-ipxe.0\n');
    expect(firmware).toContain('siaddr=10.77.0.1\n');
    expect(await rig.told(VM1.mac, '-x', '0x4d:69505845', '-O', 'bootfile')).toContain(
      `boot_file=${SCRIPT}\n`,
    );
    const left = await rig.told(LEFT.mac, ...dressedAs(0));
    expect(left).toContain('ip=10.77.0.52\n');
    expect(left).not.toContain('boot_file');
  });

  it('keeps what is not ours as it is', async () => {
    const before = await running();
    await done(outline(VM1));
    const after = await running();
    const [subnet] = listOf(after.subnet4).map(mapOf);
    const [theirs] = listOf(before.subnet4).map(mapOf);
    expect<object>({ ...after, 'client-classes': 0, subnet4: 0 }).toEqual({
      ...before,
      'client-classes': 0,
      subnet4: 0,
    });
    expect({ ...subnet, reservations: 0 }).toEqual({ ...theirs, reservations: 0 });
    expect(listOf(subnet!.reservations)).toEqual(
      expect.arrayContaining<unknown>([...listOf(theirs!.reservations)]),
    );
    expect(listOf(after['client-classes'])[0]).toMatchObject(VOIP);
    expect(await done(outline())).toContain('remove vm1.lab');
    expect(listOf(mapOf(listOf((await running()).subnet4)[0]).reservations)).toEqual(
      listOf(theirs!.reservations),
    );
  });

  it('is told of a reservation of somebody else that is in the way, which stays', async () => {
    const taken = { ...VM1, ip: PRINTER['ip-address'] };
    const same = { ...VM2, mac: PRINTER['hw-address'] };
    const { changes, conflicts } = await planned(outline(taken, same));
    expect(conflicts.map(({ host, foreign }) => [host, foreign.name])).toEqual([
      ['vm1.lab', 'printer'],
      ['vm2.lab', 'printer'],
    ]);
    expect(changes.filter(({ what }) => what === 'reservation')).toEqual([]);
    await done(outline(taken, same));
    expect(await rig.told(PRINTER['hw-address'])).toContain('ip=10.77.0.9\n');
  });

  it('tells what others have declared as a site, without what is ours', async () => {
    await done(outline(VM1));
    const { site, notes } = await driver.existing([]);
    expect(site.hosts).toEqual([
      expect.objectContaining({ name: 'printer', mac: PRINTER['hw-address'], ip: PRINTER['ip-address'] }),
    ]);
    expect(site.subnets).toMatchObject([{ network: '10.77.0.0/24', from: '10.77.0.150' }]);
    expect(notes.filter(({ subject }) => subject.includes('chainboot'))).toEqual([]);
  });

  it('is put right when somebody removes or changes what is ours', async () => {
    await done(outline(VM1, VM2));
    const dhcp4 = await running();
    const [subnet] = listOf(dhcp4.subnet4).map(mapOf);
    const reservations = listOf(subnet!.reservations)
      .map(mapOf)
      .filter(({ hostname }) => hostname !== VM1.name)
      .map((each) => (each.hostname === VM2.name ? { ...each, 'ip-address': '10.77.0.77' } : each));
    const classes = listOf(dhcp4['client-classes']).map(mapOf).toReversed();
    const Dhcp4 = { ...dhcp4, 'client-classes': classes, subnet4: [{ ...subnet, reservations }] };
    await rig.channel.ask('config-set', { Dhcp4 });
    const names = await done(outline(VM1, VM2));
    expect(names).toEqual(expect.arrayContaining(['add vm1.lab', 'change vm2.lab']));
    expect(names).toContain('change class chainboot-ipxe');
    expect(await planned(outline(VM1, VM2))).toEqual({ changes: [], conflicts: [] });
    expect(await rig.told(VM1.mac)).toContain('ip=10.77.0.50\n');
  });

  it('has two writers who do each other no harm', async () => {
    const other = keaDriver({ name: 'other', door: { socket: rig.socket } });
    const foreign = async () => {
      const dhcp4 = await running();
      const classes = [...listOf(dhcp4['client-classes']), { name: 'new', test: 'option[60].exists' }];
      await rig.channel.ask('config-set', { Dhcp4: { ...dhcp4, 'client-classes': classes } });
    };
    const wanted = outline(VM1, VM2);
    const [first, second] = await Promise.all([planned(wanted), planned(wanted, other)]);
    await foreign();
    await Promise.all([driver.apply(first, wanted, () => {}), other.apply(second, wanted, () => {})]);
    expect(await planned(wanted)).toEqual({ changes: [], conflicts: [] });
    const names = listOf((await running())['client-classes']).map((each) => mapOf(each).name);
    expect(names.sort()).toEqual(['chainboot-ipxe', 'chainboot-loader-1', 'new', 'voip']);
    await other.close();
  });

  it('changes nothing where Kea cannot write its file, or has not read what is in it', async () => {
    const before = await running();
    const edited = `# Edited.\n${readFileSync(rig.file, 'utf8')}`;
    writeFileSync(rig.file, edited);
    const later = Date.now() / 1000 + 60;
    utimesSync(rig.file, later, later);
    await expect(done(outline(VM1))).rejects.toMatchObject({
      code: 'DHCP_SERVER_REFUSED',
      values: { server: 'kea', reason: expect.stringContaining('has not read it yet') },
    });
    expect(readFileSync(rig.file, 'utf8')).toBe(edited);
    expect(await running()).toEqual(before);
  });

  it('says what Kea says', async () => {
    const wanted = outline({ ...VM1, mac: PRINTER['hw-address'] });
    const { changes } = await planned(outline(VM1));
    const forced = changes.map((change) =>
      change.reservation
        ? { ...change, reservation: { ...change.reservation, mac: PRINTER['hw-address'] } }
        : change,
    );
    const before = await running();
    await expect(driver.apply({ changes: forced, conflicts: [] }, wanted, () => {})).rejects.toMatchObject({
      code: 'DHCP_SERVER_REFUSED',
      values: { what: 'config-test', reason: expect.stringContaining('already been added') },
    });
    expect(await running()).toEqual(before);
    await rig.stop();
    await expect(driver.present()).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
    expect(await driver.needs()).toMatchObject([
      { ok: false, hint: expect.stringContaining('control-socket') },
    ]);
  });

  it('is kept in step over HTTP as well, with a password', async (context) => {
    need(context, ['kea-ctrl-agent', 'kea-ctrl-agent']);
    const url = await rig.startAgent({ user: 'boot', password: 'secret' });
    const remote = keaDriver({ name: 'far', door: { url, user: 'boot', password: 'secret' } });
    expect(await done(outline(VM1), remote)).toContain('add vm1.lab');
    expect(await planned(outline(VM1))).toEqual({ changes: [], conflicts: [] });
    expect(await rig.told(VM1.mac)).toContain('ip=10.77.0.50\n');
    const needs = await remote.needs();
    expect(needs.find(({ need: each }) => each.includes('lease_cmds'))).toMatchObject({
      ok: false,
      problem: expect.stringContaining('no file of this machine'),
    });
    await expect(remote.leases()).rejects.toMatchObject({ code: 'DHCP_SERVER_REFUSED' });
    await remote.close();
    const wrong = keaDriver({ name: 'far', door: { url, user: 'boot', password: 'guess' } });
    await expect(wrong.present()).rejects.toMatchObject({ code: 'DHCP_SERVER_REFUSED' });
    expect(await wrong.needs()).toMatchObject([{ ok: false, problem: expect.stringContaining('401') }]);
    await wrong.close();
  });

  it('tells its leases, and what it has not, from its file or by its hook', async () => {
    await rig.told('52:54:00:77:00:0a', '-x', 'hostname:some');
    const fromFile = await driver.leases();
    expect(fromFile).toMatchObject([
      { mac: '52:54:00:77:00:0a', ip: expect.stringMatching(/^10\.77\.0\.15\d$/), hostname: 'some' },
    ]);
    expect(fromFile[0]!.ends).toBeGreaterThan(Date.now());
    const needs = await driver.needs();
    expect(needs.find(({ need: each }) => each.includes('lease_cmds'))).toMatchObject({
      ok: false,
      instead: expect.stringContaining(rig.leases),
    });
    expect(needs.find(({ need: each }) => each.includes('host_cmds'))).toMatchObject({
      ok: false,
      instead: expect.stringContaining('config-set'),
    });
    expect(needs.find(({ need: each }) => each.includes(rig.file))).toMatchObject({ ok: true });
    const library = hookFile('libdhcp_lease_cmds.so');
    await rig.stop();
    rig.write({ 'hooks-libraries': [{ library }] });
    await rig.start();
    expect(await driver.leases()).toEqual(fromFile);
  });
});

describe('the running server', () => {
  const PATIENCE = { timeout: 40_000, interval: 300 };
  type Plan = { readonly changes: readonly { readonly name: string; readonly drift?: true }[] };

  it('keeps Kea in step with the inventory, and tells when it cannot', async (context) => {
    const daemon = new Daemon({
      link: { interface: 'br0', address: '10.77.0.1', mode: 'off' },
      ports: PORTS,
      site: { subnets: [{ name: 'lab', network: '10.77.0.0/24' }] },
      config: { dhcp_servers: [{ name: 'kea', kind: 'kea', control: rig.socket }] },
      inside: rig.lab.inside,
    });
    context.onTestFinished(() => daemon.close());
    await daemon.start();
    const named = async () =>
      listOf(mapOf(listOf((await running()).subnet4)[0]).reservations).map((each) => mapOf(each).hostname);
    const made = daemon.cli('host', 'create', VM1.name, '--mac', VM1.mac, '--ip', VM1.ip);
    expect(made.status, made.stderr).toBe(0);
    await expect.poll(named, PATIENCE).toEqual(expect.arrayContaining(['printer', VM1.name]));
    expect(await rig.told(VM1.mac)).toContain('ip=10.77.0.50\n');
    const dhcp4 = await running();
    const [subnet] = listOf(dhcp4.subnet4).map(mapOf);
    await rig.channel.ask('config-set', {
      Dhcp4: { ...dhcp4, subnet4: [{ ...subnet, reservations: [PRINTER] }] },
    });
    const planned = daemon.cli('dhcp-server', 'plan', 'kea', '--json');
    expect(planned.stderr).toBe('');
    const { changes } = JSON.parse(planned.stdout) as Plan;
    expect(changes).toEqual([expect.objectContaining({ name: VM1.name, drift: true })]);
    expect(daemon.cli('dhcp-server', 'sync', 'kea').stdout).toContain(VM1.name);
    expect(await named()).toContain(VM1.name);
    expect(daemon.cli('dhcp-server', 'needs', 'kea').stdout).toContain('libdhcp_host_cmds.so');
    await rig.stop();
    const deleted = daemon.cli('host', 'delete', VM1.name);
    expect(deleted.status, deleted.stderr).toBe(0);
    await daemon.logged(/DHCP_SERVER_UNREACHABLE.*a DHCP server is not in step/);
    await rig.start();
    await expect.poll(named, PATIENCE).toEqual(['printer']);
  }, 180_000);
});
