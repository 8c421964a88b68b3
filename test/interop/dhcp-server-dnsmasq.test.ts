/** The driver of dnsmasq, with dnsmasq itself: what it makes is what machines get, and nothing else is touched. */

import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Outline, OutlinedHost } from '../../src/dhcp-config/outline.ts';
import { dnsmasqDriver } from '../../src/dhcp-drivers/dnsmasq/driver.ts';
import type { DhcpDriver, DriverPlan } from '../../src/dhcp-drivers/types.ts';
import { archOf } from '../../src/net/arch.ts';
import { dressedAs, need } from './dhcp-lab.ts';
import { DnsmasqRig, PRINTER } from './dnsmasq-rig.ts';

const VM1: OutlinedHost = { name: 'vm1.lab', mac: '52:54:00:77:00:01', ip: '10.77.0.50' };
const VM2: OutlinedHost = { name: 'vm2.lab', mac: '52:54:00:77:00:02', ip: '10.77.0.51' };
const SCRIPT = 'http://10.77.0.1/pub/intermediate.ipxe';
const RULE = { arches: [archOf(0)], file: 'undionly-ipxe.0', http: false };
const PXELINUX = { ...RULE, file: 'pxelinux.0' };
const OWN: OutlinedHost = {
  name: 'own.lab',
  mac: '52:54:00:77:00:03',
  ip: '10.77.0.52',
  own: { loader: 'PXELinux BIOS', rules: [PXELINUX], all: [PXELINUX] },
};
/** A restarted dnsmasq, a client that asks: the conditions come true in their own time. */
const SOON = { timeout: 30_000, interval: 200 };

function outline(...hosts: readonly OutlinedHost[]): Outline {
  return { server: '10.77.0.1', script: SCRIPT, rules: [RULE], hosts, subnets: [] };
}

let rig: DnsmasqRig;
let driver: DhcpDriver;

beforeEach(async (context) => {
  need(context, ['dnsmasq', 'dnsmasq-base'], ['udhcpc', 'udhcpc']);
  rig ??= await DnsmasqRig.open();
  driver ??= dnsmasqDriver({
    name: 'office',
    hostsDirectory: rig.hosts,
    configFile: rig.included,
    mainConfig: rig.file,
    pidFile: rig.pid,
    leases: rig.leases,
  });
  await rig.stop();
  for (const file of [rig.leases, rig.own, rig.included]) rmSync(file, { force: true });
  await rig.start();
});

afterAll(() => rig?.close());

async function planned(wanted: Outline): Promise<DriverPlan> {
  return driver.plan(wanted, await driver.present());
}

/** What was done, by name. */
async function done(wanted: Outline): Promise<readonly string[]> {
  const names: string[] = [];
  await driver.apply(await planned(wanted), wanted, ({ op, name }) => names.push(`${op} ${name}`));
  return names;
}

const NOTHING = { changes: [], conflicts: [] };

describe('dnsmasq', () => {
  it('gives a machine what it is told to, still after a restart, and no more once the host is gone', async () => {
    expect(await done(outline(VM1, VM2))).toEqual(['add vm1.lab', 'add vm2.lab', 'add loaders']);
    expect(await planned(outline(VM1, VM2))).toEqual(NOTHING);
    await expect.poll(() => rig.told(VM1.mac), SOON).toContain('ip=10.77.0.50\n');
    await rig.restart();
    expect(await planned(outline(VM1, VM2))).toEqual(NOTHING);
    expect(await rig.told(VM2.mac)).toContain('ip=10.77.0.51\n');
    expect(await done(outline({ ...VM2, ip: '10.77.0.61' }))).toEqual(['remove vm1.lab', 'change vm2.lab']);
    await expect.poll(() => rig.told(VM2.mac), SOON).toContain('ip=10.77.0.61\n');
    await expect.poll(() => rig.told(VM1.mac), SOON).toMatch(/ip=10\.77\.0\.1[56]\d\n/);
  });

  it('boots firmware and iPXE once it has read the lines for loaders, and says that it has to', async () => {
    await done(outline(VM1, OWN));
    const restart = expect.objectContaining({ ok: false, hint: expect.stringContaining('restart') });
    expect(await driver.needs()).toContainEqual(restart);
    await rig.restart();
    expect(await driver.needs()).not.toContainEqual(restart);
    const firmware = await rig.told(VM1.mac, ...dressedAs(0));
    expect(firmware).toContain('ip=10.77.0.50\n');
    expect(firmware).toMatch(/^boot_?file=undionly-ipxe\.0$/m);
    expect(firmware).toContain('siaddr=10.77.0.1\n');
    expect(await rig.told(OWN.mac, ...dressedAs(0))).toMatch(/^boot_?file=pxelinux\.0$/m);
    for (const { mac } of [VM1, OWN])
      expect(await rig.told(mac, '-x', '0x4d:69505845', '-O', 'bootfile')).toMatch(
        new RegExp(`^boot_?file=${SCRIPT}$`, 'm'),
      );
    expect(await rig.told(VM1.mac)).not.toMatch(/boot_?file/);
  });

  it('tells of a reservation of somebody else that is in the way, which stays', async () => {
    const taken = { ...VM1, ip: PRINTER.ip };
    const same = { ...VM2, mac: PRINTER.mac };
    const { changes, conflicts } = await planned(outline(taken, same));
    expect(conflicts.map(({ host, foreign }) => [host, foreign])).toEqual([
      ['vm1.lab', PRINTER],
      ['vm2.lab', PRINTER],
    ]);
    expect(changes.filter(({ what }) => what === 'reservation')).toEqual([]);
    const before = readFileSync(rig.file, 'utf8');
    await done(outline(taken, same, OWN));
    await expect.poll(() => rig.told(OWN.mac), SOON).toContain('ip=10.77.0.52\n');
    expect(await rig.told(PRINTER.mac)).toContain('ip=10.77.0.9\n');
    expect(readFileSync(rig.file, 'utf8')).toBe(before);
    expect(await planned(outline(taken, same, OWN))).toMatchObject({ changes: [], conflicts });
  });

  it('keeps what others put into its directory', async () => {
    const other = join(rig.hosts, 'other');
    writeFileSync(other, '52:54:00:77:00:98,10.77.0.8,scanner\n');
    try {
      const { conflicts } = await planned(outline({ ...VM1, ip: '10.77.0.8' }, VM2));
      expect(conflicts).toMatchObject([{ host: 'vm1.lab', foreign: { name: 'scanner' } }]);
      await done(outline({ ...VM1, ip: '10.77.0.8' }, VM2));
      expect(readFileSync(other, 'utf8')).toBe('52:54:00:77:00:98,10.77.0.8,scanner\n');
      await expect.poll(() => rig.told('52:54:00:77:00:98'), SOON).toContain('ip=10.77.0.8\n');
    } finally {
      rmSync(other);
    }
  });

  it('takes no half written file for somebody else', async () => {
    // As another Chainboot leaves it for the moment before it is renamed.
    const part = join(rig.hosts, '.chainboot.0a1b2c3d.part');
    writeFileSync(part, `${VM1.mac},${VM1.ip},${VM1.name}\n`);
    try {
      expect((await planned(outline(VM1))).conflicts).toEqual([]);
    } finally {
      rmSync(part);
    }
  });

  it('is put right when somebody edits what is ours', async () => {
    const wanted = outline(VM1, VM2, OWN);
    await done(wanted);
    const [hosts, loaders] = [readFileSync(rig.own, 'utf8'), readFileSync(rig.included, 'utf8')];
    writeFileSync(rig.own, hosts.replace(VM1.ip, '10.77.0.99').replace('set:chainboot-own,', ''));
    appendFileSync(
      rig.own,
      '52:54:00:77:00:97,10.77.0.7\n52:54:00:77:00:96,10.77.0.6,vm2.lab\n"never closed\n',
    );
    appendFileSync(rig.included, 'dhcp-boot=other.0\n');
    const { changes } = await planned(wanted);
    expect(changes.map(({ op, name }) => `${op} ${name}`).sort()).toEqual([
      'change host own.lab',
      'change loaders',
      'change vm1.lab',
      'remove stray line 1',
      'remove stray line 2',
      'remove stray line 3',
    ]);
    await done(wanted);
    expect(readFileSync(rig.own, 'utf8')).toBe(hosts);
    expect(readFileSync(rig.included, 'utf8')).toBe(loaders);
    expect(await planned(wanted)).toEqual(NOTHING);
    rmSync(rig.own);
    expect(await done(wanted)).toEqual(['add vm1.lab', 'add vm2.lab', 'add own.lab']);
    await expect.poll(() => rig.told(VM1.mac), SOON).toContain('ip=10.77.0.50\n');
  });

  it('has two writers who do each other no harm', async () => {
    const wanted = outline(VM1, VM2);
    const plan = await planned(wanted);
    await Promise.all([1, 2].map(() => driver.apply(plan, wanted, () => {})));
    expect(await planned(wanted)).toEqual(NOTHING);
    await expect.poll(() => rig.told(VM2.mac), SOON).toContain('ip=10.77.0.51\n');
  });

  it('tells its leases as they are', async () => {
    await rig.told('52:54:00:77:00:0a', '-x', 'hostname:some');
    await expect
      .poll(() => driver.leases(), SOON)
      .toMatchObject([{ mac: '52:54:00:77:00:0a', ip: expect.stringMatching(/^10\.77\.0\.1[56]\d$/) }]);
    const [lease] = await driver.leases();
    expect(lease).toMatchObject({ hostname: 'some' });
    expect(lease!.ends).toBeGreaterThan(Date.now());
  });

  it('tells what others have declared as a site, without what is ours', async () => {
    await done(outline(VM1, OWN));
    const { site, notes } = await driver.existing([{ network: 0x0a4d0000, prefix: 24 }]);
    expect(site.hosts).toEqual([
      expect.objectContaining({ name: 'printer', mac: PRINTER.mac, ip: PRINTER.ip }),
    ]);
    expect(site.subnets).toMatchObject([{ network: '10.77.0.0/24', from: '10.77.0.150', to: '10.77.0.160' }]);
    expect(site.hostgroups).toBeUndefined();
    expect(notes.filter(({ subject }) => subject.includes(':chainboot-'))).toEqual([]);
  });

  it('says what is wrong, and changes nothing', async () => {
    const met = await driver.needs();
    expect(met.filter(({ ok }) => !ok)).toEqual([]);
    const options = { name: 'office', mainConfig: rig.file, leases: rig.leases };
    const elsewhere = dnsmasqDriver({ ...options, hostsDirectory: dirname(rig.included) });
    expect(await elsewhere.needs()).toContainEqual(
      expect.objectContaining({ ok: false, hint: expect.stringContaining('dhcp-hostsdir=') }),
    );
    await rig.stop();
    await expect(planned(outline(VM1))).rejects.toMatchObject({
      code: 'DHCP_SERVER_UNREACHABLE',
      values: { server: 'office', reason: expect.stringContaining('does not run') },
    });
    expect((await driver.needs()).filter(({ ok }) => !ok)).toMatchObject([
      { hint: expect.stringContaining('systemctl start dnsmasq') },
    ]);
    // A pid file that was left behind, and whose number is another's by now.
    writeFileSync(rig.pid, `${process.pid}\n`);
    await expect(planned(outline(VM1))).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
  });
});
