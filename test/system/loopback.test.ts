/** Whole boots of the virtual client against the built program on loopback, and the program's own life. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bootVirtually } from '../../src/client/boot.ts';
import { personaOf } from '../../src/client/personas.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { Daemon, type DaemonOptions, freePorts, installing } from './daemon.ts';

const MAC = '52:54:00:77:00:10';
const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' };
const HAS_LOADERS = existsSync('/usr/lib/ipxe/undionly.kpxe') && existsSync('/usr/lib/PXELINUX/pxelinux.0');

const daemons: Daemon[] = [];
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.close();
});

async function daemon(
  hosts: readonly object[],
  extra: Partial<DaemonOptions> & { readonly templates?: readonly object[] } = {},
) {
  const { templates = [], ...options } = extra;
  const link = { interface: 'lo', address: '127.0.0.1' };
  const made = new Daemon({
    link,
    ports: await freePorts(),
    site: { subnets: [SUBNET], hosts, templates },
    ...options,
  });
  daemons.push(made);
  return made;
}

const one = [installing('vm1.lab', MAC, '127.0.0.50')];

function powerOn(made: Daemon, persona = 'ipxe-rom', mac = MAC) {
  return bootVirtually({
    persona: personaOf(persona)!,
    mac,
    dhcp: { via: 'server', address: '127.0.0.1', port: made.ports.dhcp },
    tftpPort: made.ports.tftp,
    timeoutMs: 20_000,
    installer: true,
  });
}

type StepJson = {
  kind: string;
  what?: string;
  because: { code: string };
  host?: string;
  sentence: string;
  bytes?: number;
};

/** The trace is written a moment after the answer. */
async function lastBoot(made: Daemon, until: string): Promise<StepJson[]> {
  for (let tries = 0; ; tries++) {
    const steps = made.cli('boot', 'show', 'last', '--json');
    const parsed = steps.status === 0 ? (JSON.parse(steps.stdout) as StepJson[]) : [];
    if (parsed.some((step) => step.because.code === until)) return parsed;
    if (tries > 30) throw new Error(`no ${until} in the newest boot: ${steps.stdout}${steps.stderr}`);
  }
}

describe('a boot', () => {
  it('installs a host over HTTP, records every step, and sends it to its disk the next time', async () => {
    const made = await (await daemon(one)).start();
    const first = await powerOn(made);
    expect(first).toMatchObject({ reached: 'installed', address: '127.0.0.50' });
    const steps = await lastBoot(made, 'build-done');
    expect(steps.map((step) => `${step.kind} ${step.because.code}`)).toEqual(
      expect.arrayContaining([
        'dhcp.offer ipxe-asks',
        'dhcp.ack ipxe-asks',
        'http.script script-build',
        'http.file boot-file',
        'http.answers script-build',
        'http.built build-done',
      ]),
    );
    for (const step of steps) expect(step.sentence).not.toMatch(/[{}]/);
    expect(made.json<{ build: boolean }>('host', 'show', 'vm1.lab').build).toBe(false);

    const second = await powerOn(made);
    expect(second.reached).toBe('local-boot');
    await lastBoot(made, 'script-local');
    const boots = made.json<{ host?: string; mac?: string }[]>('boots');
    expect(boots).toHaveLength(2);
    for (const boot of boots) expect(boot).toMatchObject({ mac: MAC, host: 'vm1.lab' });
  });

  it.each([
    ['the UNDI loader, by default', {}, 'undionly-ipxe.0'],
    ['PXELINUX and ipxe.lkrn', { pxe_loader: 'PXELinux BIOS' }, 'pxelinux.0'],
  ])('of a plain BIOS ROM goes through %s', async (_what, fields, loader) => {
    if (!HAS_LOADERS) return expect.fail('the Debian packages ipxe and pxelinux are needed');
    const made = await (await daemon([installing('vm1.lab', MAC, '127.0.0.50', fields)])).start();
    const outcome = await powerOn(made, 'bios-rom');
    expect(outcome).toMatchObject({ reached: 'installed' });
    const steps = await lastBoot(made, 'build-done');
    expect(steps.filter((step) => step.kind === 'tftp.file').map((step) => step.what)).toContain(loader);
    expect(made.json<object[]>('boots')).toHaveLength(1);
  });

  it.each([
    ['uefi-x64', 'tftp.file', 'snponly.efi'],
    ['uefi-http', 'http.file', '/httpboot/snponly.efi'],
  ])('of %s firmware gets its loader as %s', async (persona, kind, what) => {
    if (!HAS_LOADERS) return expect.fail('the Debian package ipxe is needed');
    const made = await (await daemon(one)).start();
    const outcome = await powerOn(made, persona);
    expect(outcome, outcome.why).toMatchObject({ reached: 'installed' });
    expect(await lastBoot(made, 'build-done')).toContainEqual(expect.objectContaining({ kind, what }));
    expect(made.json<object[]>('boots')).toHaveLength(1);
  });

  it('with an expired token says so on the console and in the trace', async () => {
    const made = await (await daemon(one)).start();
    const { inventory, close } = openSqlite(join(made.directory, 'chainboot.db'));
    await inventory.transact(0, (news) =>
      news.flatMap((stored) =>
        stored.op === 'put' && stored.collection === 'hosts' && stored.record.token !== undefined
          ? [
              {
                ...stored,
                record: { ...stored.record, token: { ...stored.record.token, expires_at: Date.now() - 1 } },
              },
            ]
          : [],
      ),
    );
    await close();
    const outcome = await powerOn(made);
    expect(outcome.console.join('\n')).toContain('TOKEN_EXPIRED');
    expect((await lastBoot(made, 'refused')).at(-1)).toMatchObject({ kind: 'http.error', host: 'vm1.lab' });
  });

  it('is told live to whoever follows', async () => {
    const made = await (await daemon(one)).start();
    const following = await made.follow('--json');
    let told = '';
    following.stdout?.on('data', (data: Buffer) => {
      told += data;
    });
    await powerOn(made);
    const kinds = () =>
      told
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as StepJson).kind);
    await expect.poll(kinds).toContain('http.built');
    following.kill('SIGINT');
  });

  it('is told to whoever follows that machine, however its MAC is written, and to nobody else', async () => {
    const made = await (await daemon(one)).start();
    const written = MAC.toUpperCase().replaceAll(':', '-');
    const lines = { its: '', other: '' };
    const its = await made.follow('--json', '--mac', written);
    const other = await made.follow('--json', '--mac', '52:54:00:99:99:99');
    its.stdout?.on('data', (data: Buffer) => {
      lines.its += data;
    });
    other.stdout?.on('data', (data: Buffer) => {
      lines.other += data;
    });
    await powerOn(made);
    await expect.poll(() => lines.its).toContain('http.built');
    expect(lines.other).toBe('');
    expect(made.json<object[]>('boots', '--mac', written)).toHaveLength(1);
    expect(made.cli('boots', '--mac', '52:54:00')).toMatchObject({ status: 2 });
    for (const following of [its, other]) following.kill('SIGINT');
  });

  it('of a machine nobody declared shows a menu that leads to its disk', async () => {
    const made = await (await daemon([])).start();
    const outcome = await powerOn(made, 'ipxe-rom', '52:54:00:99:99:99');
    expect(outcome.reached).toMatch(/^(menu|local-boot)$/);
    expect(outcome.console.join('\n')).toContain('52:54:00:99:99:99');
    await lastBoot(made, 'script-unknown');
  });

  it('with a template that fails says so on the machine’s console', async () => {
    const template = { name: 'Preseed default iPXE', kind: 'iPXE', template: '#!ipxe\n<%= nonsense(1) %>\n' };
    const made = await (await daemon(one, { templates: [template] })).start();
    const outcome = await powerOn(made);
    expect(outcome.console.join('\n')).toContain('TEMPLATE_FAILED');
  });
});

describe('requests', () => {
  it('are answered with scripts for iPXE and with statuses for everyone else', async () => {
    const made = await (await daemon(one)).start();
    const get = async (path: string, agent = 'curl') => {
      const answer = await fetch(`${made.url}${path}`, { headers: { 'user-agent': agent } });
      return {
        status: answer.status,
        error: answer.headers.get('x-chainboot-error'),
        text: await answer.text(),
      };
    };
    expect(await get('/unattended/provision?token=nobody')).toMatchObject({
      status: 404,
      error: 'TOKEN_UNKNOWN',
    });
    const script = await get('/unattended/iPXE?token=nobody', 'iPXE/1.0.0');
    expect(script).toMatchObject({ status: 200, error: 'TOKEN_UNKNOWN' });
    expect(script.text.startsWith('#!ipxe\n')).toBe(true);
    expect(await get('/unattended/nothing')).toMatchObject({ status: 404, error: 'KIND_UNKNOWN' });
    expect(await get('/media/Debian%20local/../../../etc/passwd')).not.toMatchObject({ status: 200 });
    expect(await get(`/media/Debian%20local/${encodeURIComponent('../chainboot.db')}`)).not.toMatchObject({
      status: 200,
    });
    expect(await get('/unattended/iPXE?bootstrap=1', 'iPXE/1.0.0')).toMatchObject({
      status: 200,
      error: null,
    });
    expect((await get('/pub/intermediate.ipxe')).text).toBe((await get('/unattended/iPXE?bootstrap=1')).text);
    expect(await get('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  });
});

describe('the program', () => {
  it('refuses a site file as a whole, every fault at its place, and keeps what it has', async () => {
    const made = await (await daemon(one)).start();
    made.writeSite({
      subnets: [SUBNET],
      hosts: [...one, { name: 'two.lab', mac: MAC, ip: '10.0.0.1', operatingsystem: 'Debian 1', ipp: '' }],
    });
    const refused = made.apply();
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('SITE_INVALID');
    expect(refused.stderr.match(/site\.yaml:\d+:\d+: hosts\[1\]\./g)).toHaveLength(4);
    expect(made.json<object[]>('host', 'list')).toHaveLength(1);
    expect(made.cli('check', '--site', made.siteFile)).toMatchObject({ status: 2 });
  });

  it('checks a file of the wrong shape as any other: findings, as data on request', async () => {
    const made = await daemon(one);
    made.writeSite({ subnets: [{ ...SUBNET, dhcp_options: { 'ntp-server': '127.0.0.1' } }] });
    const { status, stdout } = made.cli('check', '--site', made.siteFile, '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      findings: [{ level: 'error', message: expect.stringContaining('did you mean "ntp-servers"?') }],
    });
    expect(made.cli('check', '--site', made.siteFile).stderr).toMatch(/site\.yaml:\d+:\d+: error: /);
  });

  it('sees at once what the command line changed', async () => {
    const made = await (await daemon(one)).start();
    expect(made.cli('host', 'cancel', 'vm1.lab').status).toBe(0);
    expect((await powerOn(made)).reached).toBe('local-boot');
    expect(made.cli('host', 'build', 'vm1.lab').status).toBe(0);
    expect((await powerOn(made)).reached).toBe('installed');
  });

  it('keeps leases and build mode over kill -9', async () => {
    const stranger = '52:54:00:99:99:01';
    const made = await (await daemon(one)).start();
    const before = await powerOn(made, 'ipxe-rom', stranger);
    expect((await powerOn(made)).reached).toBe('installed');
    expect(await made.ended('SIGKILL')).toBe('SIGKILL');
    await made.serve();
    expect((await powerOn(made)).reached).toBe('local-boot');
    expect((await powerOn(made, 'ipxe-rom', stranger)).address).toBe(before.address);
  });

  it('reloads on SIGHUP, and goes on as it was when the new file cannot be used', async () => {
    const made = await (await daemon(one)).start();
    made.writeConfig({ htpp: {} });
    made.signal('SIGHUP');
    expect(await made.logged(/not reloaded/)).toBeDefined();
    await made.logged(/did you mean \\"http\\"/);
    expect((await fetch(`${made.url}/healthz`)).status).toBe(200);
    const { http } = await freePorts();
    made.writeConfig({ http: { port: http } });
    made.signal('SIGHUP');
    await made.logged(/"msg":"reloaded"/);
    expect((await fetch(`http://127.0.0.1:${http}/healthz`)).status).toBe(200);
    await expect(fetch(`${made.url}/healthz`)).rejects.toThrow();
    expect(await made.ended('SIGTERM')).toBe(0);
  });

  it('says which port is taken, and leaves nothing open', async () => {
    const made = await (await daemon(one)).start();
    const second = new Daemon({
      link: { interface: 'lo', address: '127.0.0.1' },
      ports: made.ports,
      site: {},
    });
    daemons.push(second);
    const ran = second.cli('serve');
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain('PORT_TAKEN');
  });

  it('renders for a preview what the host itself would get', async () => {
    const made = await (await daemon(one)).start();
    const preview = made.cli('template', 'render', 'Preseed default iPXE', '--host', 'vm1.lab').stdout;
    const served = await fetch(`${made.url}/unattended/iPXE?mac=${MAC}`, {
      headers: { 'user-agent': 'iPXE/1.0.0' },
    });
    expect(await served.text()).toBe(preview);
  });

  it('documents itself and refuses unknown words', async () => {
    const made = await daemon([]);
    expect(made.cli('--help').stdout).toContain('Exit status');
    expect(made.cli('host', 'lst')).toMatchObject({ status: 2 });
    expect(made.cli('host', 'show', 'nobody')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('NOT_FOUND'),
    });
  });
});
