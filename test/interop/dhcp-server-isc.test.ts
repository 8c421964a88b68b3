/** The driver of ISC dhcpd, with dhcpd itself: what it makes is what machines get, and nothing else is touched. */

import { appendFileSync, copyFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Outline, OutlinedHost } from '../../src/dhcp-config/outline.ts';
import { type IscOptions, iscDriver } from '../../src/dhcp-drivers/isc/driver.ts';
import { keyIn } from '../../src/dhcp-drivers/isc/key.ts';
import { markDrift } from '../../src/dhcp-drivers/plan.ts';
import type { DhcpDriver, DriverPlan } from '../../src/dhcp-drivers/types.ts';
import { archOf } from '../../src/net/arch.ts';
import { dressedAs, need } from './dhcp-lab.ts';
import { IscRig, PRINTER } from './isc-rig.ts';

const VM1: OutlinedHost = { name: 'vm1.lab', mac: '52:54:00:78:00:01', ip: '10.78.0.50' };
const VM2: OutlinedHost = { name: 'vm2.lab', mac: '52:54:00:78:00:02', ip: '10.78.0.51' };
const LEFT: OutlinedHost = {
  name: 'left.lab',
  mac: '52:54:00:78:00:03',
  ip: '10.78.0.52',
  own: { loader: 'None', rules: [], all: [] },
};
const OWN_RULE = { arches: [archOf(0)], file: 'pxelinux.0', http: false };
const OWN: OutlinedHost = {
  name: 'own.lab',
  mac: '52:54:00:78:00:04',
  ip: '10.78.0.53',
  own: { loader: 'PXELinux BIOS', rules: [OWN_RULE], all: [OWN_RULE] },
};
const SCRIPT = 'http://10.78.0.1/pub/intermediate.ipxe';
const RULES = [
  { arches: [archOf(0)], file: 'undionly-ipxe.0', http: false },
  { arches: [archOf(7)], file: 'ipxe.efi', http: false },
];

function outline(...hosts: readonly OutlinedHost[]): Outline {
  return { server: '10.78.0.1', script: SCRIPT, rules: RULES, hosts, subnets: [] };
}

let rig: IscRig;
let driver: DhcpDriver;

function options(): IscOptions {
  const { port, includeFile, config, leases, pidFile, keyFile } = rig;
  const key = keyIn(rig.text(keyFile), keyFile);
  return { name: 'isc', door: { host: '127.0.0.1', port, key }, config, includeFile, leases, pidFile };
}

beforeEach(async (context) => {
  need(context, ['dhcpd', 'isc-dhcp-server'], ['omshell', 'isc-dhcp-server'], ['udhcpc', 'udhcpc']);
  rig ??= await IscRig.open();
  await rig.stop();
  rig.write();
  driver = iscDriver(options());
  await rig.start();
});

afterAll(async () => {
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

const NOTHING: DriverPlan = { changes: [], conflicts: [] };

describe('dhcpd', () => {
  it('gives a machine what it is told to, still after a restart, and no more once the host is gone', async () => {
    expect(await done(outline(VM1, VM2))).toEqual(['add vm1.lab', 'add vm2.lab', 'change loaders']);
    expect(await planned(outline(VM1, VM2))).toEqual(NOTHING);
    expect(await rig.told(VM1.mac)).toContain('ip=10.78.0.50\n');
    await rig.restart();
    expect(await planned(outline(VM1, VM2))).toEqual(NOTHING);
    expect(await rig.told(VM2.mac)).toContain('ip=10.78.0.51\n');
    expect(await done(outline({ ...VM2, ip: '10.78.0.61' }))).toEqual(['remove vm1.lab', 'change vm2.lab']);
    await rig.restart();
    expect(await rig.told(VM2.mac)).toContain('ip=10.78.0.61\n');
    expect(await rig.told(VM1.mac)).toMatch(/ip=10\.78\.0\.1[56]\d\n/);
    expect((await driver.leases()).map(({ mac }) => mac)).toEqual([VM1.mac]);
  });

  it('boots firmware and iPXE after its restart, and leaves alone whom nobody wants to boot', async () => {
    await done(outline());
    const told = await driver.needs();
    expect(told.filter(({ ok }) => !ok).map(({ hint }) => hint)).toEqual([
      'dhcpd -t && systemctl restart isc-dhcp-server',
    ]);
    await rig.restart();
    expect((await driver.needs()).filter(({ ok }) => !ok)).toEqual([]);
    await done(outline(VM1, LEFT, OWN));
    for (const isRestarted of [false, true]) {
      if (isRestarted) await rig.restart();
      const firmware = await rig.told(VM1.mac, ...dressedAs(0));
      expect(firmware).toContain('boot_file=undionly-ipxe.0\n');
      expect(firmware).toContain('siaddr=10.78.0.1\n');
      expect(await rig.told(VM1.mac, ...dressedAs(7))).toContain('boot_file=ipxe.efi\n');
      const iPXE = await rig.told(VM1.mac, ...dressedAs(0), '-x', '0x4d:69505845');
      expect(iPXE).toContain(`boot_file=${SCRIPT}\n`);
      expect(await rig.told(OWN.mac, ...dressedAs(0))).toContain('boot_file=pxelinux.0\n');
      expect(await rig.told(OWN.mac, ...dressedAs(7))).toContain('boot_file=ipxe.efi\n');
      const left = await rig.told(LEFT.mac, ...dressedAs(0));
      expect(left).toContain('ip=10.78.0.52\n');
      expect(left).not.toMatch(/boot_file=./);
      expect(await planned(outline(VM1, LEFT, OWN))).toEqual(NOTHING);
    }
    const { own: _, ...plain } = OWN;
    expect(await done(outline(VM1, LEFT, plain))).toEqual(['change loader of own.lab']);
    expect(await rig.told(OWN.mac, ...dressedAs(0))).toContain('boot_file=undionly-ipxe.0\n');
  });

  it('keeps what is not ours as it is, and tells what is in the way', async () => {
    const theirs = ['new host', 'set name = "foreman1"', 'set hardware-address = 52:54:00:78:00:88'];
    rig.omshell(...theirs, 'set hardware-type = 1', 'set ip-address = 10.78.0.88', 'create');
    const config = rig.text(rig.config);
    const wanted = outline(
      VM1,
      { ...VM2, ip: PRINTER.ip },
      { ...LEFT, mac: '52:54:00:78:00:88' },
      { name: 'elsewhere.lab', mac: '52:54:00:78:00:77', ip: '10.99.0.1' },
    );
    const { conflicts } = await planned(wanted);
    expect(conflicts.map(({ host, foreign }) => [host, foreign.name])).toEqual([
      ['vm2.lab', 'printer'],
      ['left.lab', 'foreman1'],
    ]);
    expect(await done(wanted)).toEqual(['add vm1.lab', 'change loaders']);
    const { site } = await driver.existing([]);
    expect(site.hosts).toEqual([
      expect.objectContaining({ name: 'printer', ...PRINTER }),
      expect.objectContaining({ name: 'foreman1', mac: '52:54:00:78:00:88', ip: '10.78.0.88' }),
    ]);
    expect(await done(outline())).toEqual(['remove vm1.lab']);
    expect(rig.text(rig.config)).toBe(config);
    await rig.restart();
    expect(await rig.told(PRINTER.mac)).toContain(`ip=${PRINTER.ip}\n`);
    expect(await rig.told('52:54:00:78:00:88')).toContain('ip=10.78.0.88\n');
  });

  it('is put right when somebody removes or changes what is ours', async () => {
    await done(outline(VM1, VM2));
    const open = (name: string) => ['new host', `set name = "chainboot-0-${name}"`, 'open'];
    rig.omshell(...open('vm1.lab'), 'remove');
    rig.omshell(...open('vm2.lab'), 'set ip-address = 10.78.0.77', 'update');
    writeFileSync(rig.includeFile, '# mine\n');
    const made = { reservations: [VM1, VM2], parts: {} };
    const { changes } = markDrift(await planned(outline(VM1, VM2)), made);
    expect(changes.map(({ op, name, drift }) => [op, name, drift])).toEqual([
      ['add', 'vm1.lab', true],
      ['change', 'vm2.lab', true],
      ['change', 'loaders', undefined],
    ]);
    await done(outline(VM1, VM2));
    expect(await planned(outline(VM1, VM2))).toEqual(NOTHING);
    expect(await rig.told(VM1.mac)).toContain('ip=10.78.0.50\n');
    expect(await rig.told(VM2.mac)).toContain('ip=10.78.0.51\n');
  });

  it.each(['hmac-sha1', 'hmac-sha256', 'hmac-sha512'])(
    'is asked with a key of %s, too',
    async (algorithm) => {
      await rig.stop();
      rig.write(algorithm);
      await rig.start();
      const by = iscDriver(options());
      await done(outline(VM1), by);
      expect(await planned(outline(VM1), by)).toEqual(NOTHING);
    },
  );

  it('has leases that are being written, and are replaced by another file', async () => {
    await done(outline(VM1));
    appendFileSync(rig.leases, 'host chainboot-0-vm9.lab {\n  dynamic;\n  hardware eth');
    expect((await driver.present()).ours).toEqual([{ ...VM1 }]);
    const next = `${rig.leases}.new`;
    copyFileSync(rig.leases, next);
    writeFileSync(next, rig.text(next).replace('10.78.0.50', '10.78.0.59'));
    const at = new Date();
    utimesSync(next, at, at);
    renameSync(next, rig.leases);
    expect((await driver.present()).ours).toEqual([{ ...VM1, ip: '10.78.0.59' }]);
  });
});

describe('what goes wrong', () => {
  it('a wrong key, or none, is refused in its words, and nothing is changed', async () => {
    const { door, ...rest } = options();
    const wrong = { ...door, key: { ...door.key!, secret: Buffer.from('another') } };
    const { key: _, ...none } = door;
    const named = { ...door, key: { ...door.key!, name: 'nobody' } };
    const present = await driver.present();
    for (const each of [wrong, none, named]) {
      const by = iscDriver({ ...rest, door: each });
      const work = by.apply(driver.plan(outline(VM1), present), outline(VM1), () => expect.fail('applied'));
      await expect(work).rejects.toMatchObject({ code: 'DHCP_SERVER_REFUSED' });
      await expect(by.present()).rejects.toMatchObject({ code: 'DHCP_SERVER_REFUSED' });
      expect((await by.needs()).filter(({ ok }) => !ok).map(({ need }) => need)).toEqual([
        expect.stringContaining('OMAPI'),
      ]);
    }
    expect((await driver.present()).ours).toEqual([]);
  });

  it('a dhcpd that is down, or something else on its port, is told to be unreachable', async () => {
    await done(outline(VM1));
    await rig.stop();
    await expect(driver.present()).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
    const { door, ...rest } = options();
    const answers = [
      Buffer.from('SSH-2.0-OpenSSH\r\n'),
      Buffer.from('0000006400000018ffff', 'hex'),
      undefined,
    ];
    for (const answer of answers) {
      const other = await listening(answer);
      const { port } = other.address() as { port: number };
      const by = iscDriver({ ...rest, door: { ...door, port, timeout: 500 } });
      await expect(by.present()).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
      other.close();
    }
    await rig.start();
    expect((await driver.present()).ours).toEqual([{ ...VM1 }]);
  });

  it('of two writers at once, one may be refused, and the next look has all of it', async () => {
    const others = iscDriver(options());
    const hosts = Array.from({ length: 20 }, (_, i) => ({
      name: `n${i}.lab`,
      mac: `52:54:00:78:01:${i.toString(16).padStart(2, '0')}`,
      ip: `10.78.0.${100 + i}`,
    }));
    const results = await Promise.allSettled([done(outline(...hosts)), done(outline(...hosts), others)]);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'DHCP_SERVER_REFUSED' });
    await done(outline(...hosts));
    expect(await planned(outline(...hosts))).toEqual(NOTHING);
    await rig.restart();
    expect(await planned(outline(...hosts), others)).toEqual(NOTHING);
  });

  it('files that cannot be read or written are told', async () => {
    const { leases, ...rest } = options();
    const by = iscDriver({ ...rest, leases: `${leases}.none`, includeFile: `${rig.directory}/none/x.conf` });
    expect((await by.needs()).filter(({ ok }) => !ok)).toHaveLength(3);
    await expect(by.present()).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
    rmSync(rig.config);
    await expect(driver.present()).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
  });
});

/** Says this to whoever comes, and then nothing more. */
async function listening(answer: Buffer | undefined): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (answer !== undefined) socket.write(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
