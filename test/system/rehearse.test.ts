/**
 * Rehearsals by the built program: what boots and what does not, against the running server and against one of its own,
 * and that none of them leaves a trace anywhere but in the trace.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FleetReport } from '../../src/client/fleet.ts';
import type { RehearsalReport } from '../../src/service/rehearsal/report.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { fakeEfi, fakeLoader } from '../scripted-site.ts';
import { Daemon, freePorts, installing } from './daemon.ts';

const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' };
const FAR = {
  name: 'far',
  network: '192.0.2.0/24',
  gateway: '192.0.2.1',
  from: '192.0.2.100',
  to: '192.0.2.200',
};
const BROKEN = { name: 'Broken', kind: 'iPXE', template: '#!ipxe\n<%= @host.no_such_thing %>\n' };

const HOSTS = [
  installing('good.lab', '52:54:00:77:00:10', '127.0.0.50'),
  installing('far.lab', '52:54:00:77:00:11', '192.0.2.50'),
  installing('broken.lab', '52:54:00:77:00:12', '127.0.0.52', { operatingsystem: 'Broken 1' }),
  installing('lost.lab', '52:54:00:77:00:13', '127.0.0.53', { medium: 'No initrd' }),
  installing('mute.lab', '52:54:00:77:00:14', '127.0.0.54', { pxe_loader: 'None' }),
  installing('arm.lab', '52:54:00:77:00:15', '127.0.0.55', { pxe_loader: 'Grub2 UEFI' }),
  { name: 'disk.lab', mac: '52:54:00:77:00:16', ip: '127.0.0.56' },
  { name: 'cardless.lab' },
];

let daemon: Daemon;

/** A PE header and nothing behind it: a program for the processor. */
function efiFor(machine: number): Uint8Array {
  const bytes = new Uint8Array(1024);
  bytes.set(fakeEfi().subarray(0, 2));
  const view = new DataView(bytes.buffer);
  view.setUint32(0x3c, 0x80, true);
  view.setUint32(0x80, 0x4550, true);
  view.setUint16(0x84, machine, true);
  return bytes;
}

beforeAll(async () => {
  const ports = await freePorts();
  daemon = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports,
    site: {},
    config: { api: { enabled: true }, loop_guard: { chains: 2 }, https: { port: (await freePorts()).http } },
  });
  const loaders = join(daemon.directory, 'loaders');
  const put = (name: string, bytes: Uint8Array) => {
    mkdirSync(dirname(join(loaders, name)), { recursive: true });
    writeFileSync(join(loaders, name), bytes);
  };
  for (const name of ['undionly.kpxe', 'pxelinux.0', 'ldlinux.c32', 'ipxe.lkrn']) put(name, fakeLoader());
  put('snponly.efi', efiFor(0x8664));
  put('grub2/grubx64.efi', efiFor(0xaa64));
  daemon.writeConfig({ loaders: { directories: [loaders] } });
  const medium = join(daemon.directory, 'medium');
  const without = join(daemon.directory, 'no-initrd');
  const kernel = 'dists/bookworm/main/installer-amd64/current/images/netboot/debian-installer/amd64/linux';
  mkdirSync(dirname(join(without, kernel)), { recursive: true });
  writeFileSync(join(without, kernel), readFileSync(join(medium, kernel)));
  const debian = { name: 'Debian', major: '12', family: 'Debian', release_name: 'bookworm' };
  daemon.writeSite({
    media: [
      { name: 'Debian local', path: medium, os_family: 'Debian' },
      { name: 'No initrd', path: without, os_family: 'Debian' },
    ],
    operatingsystems: [
      { ...debian, media: ['Debian local', 'No initrd'] },
      {
        ...debian,
        name: 'Broken',
        major: '1',
        media: ['Debian local'],
        provisioning_templates: ['Broken', 'Preseed default'],
      },
    ],
    subnets: [SUBNET, FAR],
    templates: [BROKEN],
    hosts: HOSTS,
  });
  await daemon.start();
}, 90_000);

afterAll(async () => {
  await daemon?.close();
});

function rehearse(...args: string[]): { readonly status: number; readonly report: RehearsalReport } {
  const { status, stdout, stderr } = daemon.cli('rehearse', ...args, '--json');
  if (stdout === '') throw new Error(stderr);
  return { status, report: JSON.parse(stdout) as RehearsalReport };
}

const kinds = ({ steps }: RehearsalReport) => steps.map(({ kind }) => kind);

/** Everything that is kept, save the trace itself. */
function kept(): object {
  const db = openDatabase(join(daemon.directory, 'chainboot.db'), 'FULL');
  const tables = db
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('boots', 'chunks') ORDER BY name",
    )
    .all() as { readonly name: string }[];
  const contents = tables.map(({ name }) => [
    name,
    JSON.stringify(db.prepare(`SELECT * FROM "${name}"`).all()),
  ]);
  db.close();
  const journal = readFileSync(join(daemon.directory, 'leases.journal'));
  return { ...Object.fromEntries(contents), journal: createHash('sha256').update(journal).digest('hex') };
}

describe('a rehearsal against the running server', () => {
  it('walks the whole way of a host that boots, with every reason and every file', () => {
    const { status, report } = rehearse('good.lab');
    expect(report).toMatchObject({ host: 'good.lab', boots: true, code: 'boots', as: 'bios-rom' });
    expect(status).toBe(0);
    expect(kinds(report)).toEqual([
      'dhcp.offer',
      'dhcp.ack',
      'tftp.file',
      'dhcp.offer',
      'dhcp.ack',
      'http.script',
      'http.beacon',
      'http.file',
      'http.file',
      'http.beacon',
      'http.answers',
      'http.built',
    ]);
    expect(report.steps.every(({ rehearsal, mac }) => rehearsal === report.id && mac === report.mac)).toBe(
      true,
    );
    expect(report.steps.at(-1)?.because.code).toBe('build-rehearsed');
    expect(report.rendered.map(({ kind, template }) => `${kind} ${template}`)).toEqual([
      'iPXE Preseed default iPXE',
      'provision Preseed default',
    ]);
    const [script] = report.rendered;
    expect(createHash('sha256').update(script!.text).digest('hex')).toBe(script!.sha256);
    expect(report.files.map(({ role, format }) => `${role} ${format}`)).toEqual([
      'kernel undefined',
      'initrd gzip',
    ]);
    expect(report.answers?.kind).toBe('preseed');
  });

  it.each([
    ['bios-pxe', 'bios-rom', 'tftp.file'],
    ['uefi-x64', 'uefi-x64', 'tftp.file'],
    ['uefi-http', 'uefi-http-x64', 'http.file'],
    ['ipxe', 'ipxe-rom', 'http.script'],
    ['pxelinux', 'pxelinux', 'tftp.file'],
  ])('plays %s', (as, persona, first) => {
    const { report } = rehearse('good.lab', '--as', as);
    expect(report).toMatchObject({ as: persona, code: 'boots' });
    expect(kinds(report).find((kind) => !kind.startsWith('dhcp.'))).toBe(first);
  });

  it('plays a host behind a relay, and one that boots from its own disk', () => {
    const far = rehearse('far.lab').report;
    expect(far).toMatchObject({ boots: true });
    expect(far.steps[0]).toMatchObject({ address: '192.0.2.50', detail: { relay: '192.0.2.1' } });
    expect(rehearse('disk.lab').report).toMatchObject({ boots: true, code: 'boots-from-disk' });
  });

  it.each([
    ['broken.lab', 'TEMPLATE_FAILED'],
    ['lost.lab', 'FILE_NOT_FOUND'],
    ['mute.lab', 'dhcp-nothing-to-boot'],
    ['arm.lab', 'wrong-cpu'],
  ])('says what keeps %s from booting: %s', (host, code) => {
    const { status, report } = rehearse(host, ...(host === 'arm.lab' ? ['--as', 'uefi-x64'] : []));
    expect(report).toMatchObject({ boots: false, code });
    expect(status).toBe(1);
  });

  it.each([
    ['mute.lab', 'loader-none'],
    ['lost.lab', 'medium-file-missing'],
  ])('says of %s what chainboot why would: %s', (host, rule) => {
    expect(rehearse(host).report.diagnosis?.code).toBe(rule);
  });

  it('says which loader is missing', () => {
    const { report } = rehearse('good.lab', '--as', 'uefi-arm64');
    expect(report).toMatchObject({ boots: false, code: 'tftp-error' });
    expect(report.steps.at(-1)).toMatchObject({ kind: 'tftp.error', what: 'snponly-aa64.efi' });
  });

  it('refuses what is no machine and no host, with status 2', () => {
    expect(daemon.cli('rehearse', 'good.lab', '--as', 'toaster').status).toBe(2);
    expect(daemon.cli('rehearse', 'nobody.lab').status).toBe(2);
    expect(daemon.cli('rehearse').status).toBe(2);
    expect(rehearse('cardless.lab').report).toMatchObject({ boots: false, code: 'REHEARSAL_REFUSED' });
  });

  it('rehearses all that are in build mode, for a pipeline', () => {
    const { status, stdout } = daemon.cli('rehearse', '--all', '--json');
    const told = JSON.parse(stdout) as readonly { host: string; boots: boolean }[];
    expect(status).toBe(1);
    expect(
      told
        .filter(({ boots }) => boots)
        .map(({ host }) => host)
        .sort(),
    ).toEqual(['far.lab', 'good.lab']);
    expect(told).toHaveLength(6);
  });

  it('changes nothing that is kept, not in the database, not in the journal, not in the loop guard', async () => {
    const before = kept();
    // More often than any loop guard lets a machine come back.
    for (let i = 0; i < 4; i++) expect(rehearse('good.lab', '--as', 'bios-pxe').report.boots).toBe(true);
    expect(rehearse('mute.lab').report.boots).toBe(false);
    await expect
      .poll(() => daemon.json<{ steps: number }[]>('boots', '--rehearsals', '--limit', '100').length)
      .toBeGreaterThan(4);
    expect(kept()).toEqual(before);
    expect(daemon.log.filter((line) => /held/.test(line))).toEqual([]);
  });

  it('is a boot of its own in the trace, marked', async () => {
    const { report } = rehearse('good.lab', '--as', 'ipxe');
    const found = async () => {
      const rows = daemon.json<{ id: string }[]>('boots', '--rehearsals', '--limit', '100');
      const id = rows.find((row) => row.id.includes(report.id))?.id;
      return id === undefined ? [] : daemon.json<{ rehearsal?: string }[]>('boot', 'show', id);
    };
    await expect.poll(async () => (await found()).length).toBe(report.steps.length);
    expect((await found()).every(({ rehearsal }) => rehearsal === report.id)).toBe(true);
  });

  it('knows nobody who makes up a key', async () => {
    const headers = { 'x-chainboot-rehearsal': 'f'.repeat(32) };
    const response = await fetch(`${daemon.url}/unattended/iPXE?mac=52:54:00:77:00:10`, { headers });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('REHEARSAL_UNKNOWN');
  });
});

describe('a fleet', () => {
  it('boots fifty machines at once, tells the times of each phase, and leaves nothing', () => {
    const before = kept();
    const chart = join(daemon.directory, 'chart.svg');
    const words = ['good.lab', '--fleet', '50', '--as', 'bios-pxe', '--chart', chart, '--json'];
    const { status, stdout, stderr } = daemon.cli('rehearse', ...words);
    expect([status, stderr]).toEqual([0, expect.stringContaining(chart)]);
    const report = JSON.parse(stdout) as FleetReport;
    expect(report).toMatchObject({ machines: 50, booted: 50, failures: [] });
    const counts = Object.fromEntries(report.phases.map(({ phase, count }) => [phase, count]));
    expect(counts).toEqual({
      dhcp: 100,
      tftp: 50,
      script: 50,
      beacon: 100,
      kernel: 50,
      initrd: 50,
      answers: 50,
      report: 50,
    });
    expect(report.phases.every(({ p50, p99, max }) => p50 <= p99 && p99 <= max && max > 0)).toBe(true);
    expect(readFileSync(chart, 'utf8')).toMatch(/^<svg .*50 of 50 machines/s);
    expect(kept()).toEqual(before);
  });

  it('tells why machines do not boot, on paper with a chart', () => {
    const { status, stdout } = daemon.cli('rehearse', 'mute.lab', '--fleet', '3', '--rate', '10');
    expect(status).toBe(1);
    expect(stdout).toContain('3 × dhcp-nothing-to-boot');
    expect(stdout).toContain('█ to p50');
  });

  it('is bounded', () => {
    expect(daemon.cli('rehearse', '--fleet', '1000000').status).toBe(2);
    expect(daemon.cli('rehearse', '--fleet', '2', '--rate', '0').status).toBe(2);
  });
});

describe('the API', () => {
  it('rehearses for operators, and for nobody less', () => {
    const password = join(daemon.directory, 'password');
    writeFileSync(password, 'correct horse battery\n');
    const asked = (role: string) => {
      daemon.cli('user', 'create', role, '--role', role, '--password-file', password);
      const path = '/hosts/good.lab/rehearse?as=ipxe';
      const { stdout } = daemon.cli('api', 'POST', path, '--user', role, '--password-file', password);
      return JSON.parse(stdout) as RehearsalReport;
    };
    expect(asked('operator')).toMatchObject({ host: 'good.lab', boots: true, as: 'ipxe-rom' });
    expect(asked('viewer')).toMatchObject({ error: { code: 'FORBIDDEN' } });
  });
});

describe('a rehearsal without a running server', () => {
  it('has a server of its own, and writes nothing at all', async () => {
    const before = readFileSync(join(daemon.directory, 'leases.journal'));
    const stored = kept();
    const { status, report } = rehearse('good.lab', '--own');
    expect(status).toBe(0);
    expect(report).toMatchObject({ boots: true });
    expect(kept()).toEqual(stored);
    expect(readFileSync(join(daemon.directory, 'leases.journal'))).toEqual(before);
  });

  it('rehearses a site that is not applied, and no database', () => {
    const site = join(daemon.directory, 'next.yaml');
    writeFileSync(
      site,
      JSON.stringify({ hosts: [installing('next.lab', '52:54:00:77:00:20', '127.0.0.60')] }),
    );
    expect(rehearse('next.lab', '--site', site).report).toMatchObject({ boots: true });
    expect(daemon.cli('host', 'show', 'next.lab').status).toBe(2);
    const config = join(daemon.directory, 'other.yaml');
    const elsewhere = join(daemon.directory, 'elsewhere');
    const text = readFileSync(daemon.configFile, 'utf8').replace(
      /^database: .*$/m,
      `database: ${elsewhere}/x.db`,
    );
    writeFileSync(config, text);
    const { status } = daemon.cli('-c', config, 'rehearse', '--all', '--site', daemon.siteFile, '--json');
    expect(status).toBe(1);
    expect(existsSync(elsewhere)).toBe(false);
    rmSync(config);
  });

  it('is a part of check --deep', () => {
    const { status, stdout } = daemon.cli('check', '--deep', '--json');
    const { findings } = JSON.parse(stdout) as { findings: readonly { message: string }[] };
    const said = findings.map(({ message }) => message).join('\n');
    expect(status).toBe(2);
    for (const code of ['TEMPLATE_FAILED', 'FILE_NOT_FOUND']) expect(said).toContain(`(${code})`);
    expect(said).not.toContain('good.lab will not');
    expect(daemon.cli('check', '--json').status).toBe(0);
  });

  it('plays the other DHCP server beside a proxy, and behind one that is on its own', () => {
    for (const [mode, as] of [
      ['proxy', 'uefi-x64'],
      ['off', 'bios-pxe'],
    ] as const) {
      const config = join(daemon.directory, `${mode}.yaml`);
      const text = readFileSync(daemon.configFile, 'utf8').replace('mode: server', `mode: ${mode}`);
      writeFileSync(config, text);
      const { stdout } = daemon.cli('-c', config, 'rehearse', 'good.lab', '--own', '--as', as, '--json');
      const report = JSON.parse(stdout) as RehearsalReport;
      expect([mode, as, report.code]).toEqual([mode, as, 'boots']);
      expect(report.notes.join()).toContain('was played');
    }
  });
});

describe('a fleet with a target', () => {
  it('boots from a server that is named, which is another one only with consent', () => {
    const played = (...words: string[]) => daemon.cli('rehearse', '--fleet', '20', ...words, '--json');
    const { status, stdout } = played('--target', `127.0.0.1:${daemon.ports.dhcp}`);
    const report = JSON.parse(stdout) as FleetReport;
    expect([status, report.machines, report.booted, report.failures]).toEqual([0, 20, 20, []]);
    expect(report.phases.find(({ phase }) => phase === 'dhcp')?.count).toBeGreaterThanOrEqual(20);
    const foreign = played('--target', '192.0.2.1');
    expect([foreign.status, foreign.stderr]).toEqual([2, expect.stringContaining('--allow-foreign')]);
    const unanswerable = played('--target', '192.0.2.1', '--allow-foreign');
    expect([unanswerable.status, unanswerable.stderr]).toEqual([2, expect.stringContaining('--relay')]);
  });
});
