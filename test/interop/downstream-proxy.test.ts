/**
 * The built program drives a smart proxy, which is a second built program here: both show certificates, of an authority made
 * by openssl. What a real smart proxy would be sent is compared with the recorded shapes in src/service/proxies/.
 *
 *     chainboot serve ──HTTPS, client certificate──▶ chainboot serve with smart_proxy
 *      (inventory)    ◀──HTTP: templates, boot files──     (DHCP, TFTP)
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bootVirtually } from '../../src/client/boot.ts';
import { personaOf } from '../../src/client/personas.ts';
import { ask } from '../system/ask.ts';
import { Daemon, DEBIAN, freePorts, installing } from '../system/daemon.ts';
import { Authority, hasOpenssl, order, type Pair } from './smart-proxy-lab.ts';

const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' };
const PASSWORD = 'correct horse battery';
const WAIT = { timeout: 60_000, interval: 100 };

type Deployment = {
  readonly feature: string;
  readonly state: string;
  readonly error: { readonly code: string; readonly message: string } | null;
};

let authority: Authority;
let stranger: Authority;
let client: Pair;
let proxy: Daemon;
let server: Daemon;
let port: number;
let templatesPort: number;
let apiPort: number;
let hosts: readonly object[];

beforeAll(async () => {
  if (!hasOpenssl()) return;
  authority = new Authority('Site CA');
  stranger = new Authority('Another CA');
  client = authority.issue('server.example');
  ({ http: port, tftp: templatesPort, dhcp: apiPort } = await freePorts());
  const link = { interface: 'lo', address: '127.0.0.1' };
  hosts = [host(1), host(2)];
  server = new Daemon({
    link: { ...link, mode: 'off' },
    ports: await freePorts(),
    site: site(),
    config: {
      api: { enabled: true },
      https: { port: apiPort },
      tftp: { enabled: false },
      syslog: { enabled: false },
      smart_proxies_client: shown(client),
    },
  });
  proxy = new Daemon({
    link: { ...link, mode: 'server' },
    ports: await freePorts(),
    site: { subnets: [SUBNET] },
    config: {
      syslog: { enabled: false },
      smart_proxy: {
        enabled: true,
        port,
        http_port: templatesPort,
        trusted_hosts: ['server.example', 'foreman.example', '127.0.0.1'],
        ...authority.issue('proxy.example'),
        ca: bothAuthorities(),
        foreman_url: server.url,
      },
    },
  });
  const password = join(server.directory, 'password');
  writeFileSync(password, `${PASSWORD}\n`);
  const made = server.cli('user', 'create', 'jane', '--role', 'admin', '--password-file', password);
  expect(made.status, made.stderr).toBe(0);
  await proxy.start();
  await server.start();
}, 120_000);

beforeEach((ctx) => {
  if (!hasOpenssl()) ctx.skip('openssl (Debian package openssl)');
});

afterAll(async () => {
  await server?.close();
  await proxy?.close();
  authority?.remove();
  stranger?.remove();
});

/** That of the site, and the server's own. */
function bothAuthorities(): string {
  const made = server.cli('certificate', 'make');
  expect(made.status, made.stderr).toBe(0);
  const file = join(server.directory, 'authorities.pem');
  writeFileSync(file, readFileSync(authority.ca, 'utf8') + server.cli('certificate', 'ca').stdout);
  return file;
}

function shown({ certificate, key }: Pair) {
  return { certificate, key, ca: authority.ca };
}

const nameOf = (n: number) => `web${n}.lab`;
const macOf = (n: number) => `52:54:00:77:00:0${n}`;
const ipOf = (n: number) => `127.0.0.3${n}`;

function host(n: number, fields: object = {}): object {
  return installing(nameOf(n), macOf(n), ipOf(n), { build: false, pxe_loader: 'PXELinux BIOS', ...fields });
}

function site() {
  return {
    smart_proxies: [{ name: 'edge', url: `https://127.0.0.1:${port}` }],
    subnets: [
      { ...SUBNET, dhcp_proxy: 'edge', tftp_proxy: 'edge', httpboot_proxy: 'edge', template_proxy: 'edge' },
    ],
    operatingsystems: [
      {
        ...DEBIAN,
        provisioning_templates: ['Preseed default PXELinux', 'Preseed default iPXE', 'Preseed default'],
      },
    ],
    hosts,
  };
}

function apply(): void {
  server.writeSite(site());
  const { status, stderr } = server.cli('apply', '-f', server.siteFile, '--prune');
  expect(status, stderr).toBe(0);
}

/** What lies at the proxy. */
const kept = (...names: string[]) => join(proxy.directory, 'smart-proxy', ...names);
const config = (n: number) => text(kept('tftp', 'pxelinux.cfg', `01-${macOf(n).replaceAll(':', '-')}`));

function text(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function reservation(n: number): Record<string, string> {
  const found = text(kept('reservations', `127.0.0.0_${macOf(n).replaceAll(':', '-')}.json`));
  return found === '' ? {} : (JSON.parse(found) as Record<string, string>);
}

function build(n: number): string {
  const { status, stdout, stderr } = server.cli('host', 'build', nameOf(n), '--force', '--json');
  expect(status, stderr).toBe(0);
  return (JSON.parse(stdout) as { token: { value: string } }).token.value;
}

const api = async (method: string, path: string) => {
  const told = await ask({
    url: `https://127.0.0.1:${apiPort}/api/v2${path}`,
    method,
    ...(method === 'PUT' && { body: {} }),
    user: ['jane', PASSWORD],
    ca: server.cli('certificate', 'ca').stdout,
  });
  return { status: told.status, body: JSON.parse(told.text) };
};

async function deployments(n: number): Promise<readonly Deployment[]> {
  return (await api('GET', `/hosts/${nameOf(n)}`)).body.proxy_deployments;
}

const states = async (n: number) =>
  (await deployments(n)).map(({ feature, state }) => `${feature} ${state}`).toSorted();
const allThere = (n: number) =>
  expect.poll(() => states(n), WAIT).toEqual(['DHCP deployed', 'TFTP deployed']);

describe('a host behind a smart proxy of this server', { timeout: 180_000 }, () => {
  it('has its reservation there, and boots from its disk while it is not in build mode', async () => {
    await allThere(1);
    expect(config(1)).toMatch(/localboot|chain/i);
    expect(reservation(1)).toMatchObject({
      mac: macOf(1),
      ip: ipOf(1),
      hostname: nameOf(1),
      filename: 'pxelinux.0',
      nextServer: '127.0.0.1',
    });
    expect(text(kept('tftp', 'pxelinux.cfg', 'default'))).not.toBe('');
  });

  it('has everything as soon as it is made, and nothing when it is deleted', async () => {
    const made = server.cli(
      ...['host', 'create', nameOf(5), '--mac', macOf(5), '--ip', ipOf(5), '--os', 'Debian 12'],
      ...['--pxe-loader', 'PXELinux BIOS', '--build', '--force'],
    );
    expect(made.status, made.stderr).toBe(0);
    await expect.poll(() => config(5), WAIT).toContain('/unattended/provision?token=');
    await expect.poll(() => reservation(5).ip, WAIT).toBe(ipOf(5));
    expect(server.cli('host', 'delete', nameOf(5)).status).toBe(0);
    await expect.poll(() => [config(5), reservation(5)], WAIT).toEqual(['', {}]);
  });

  it('gets its installer there when it enters build mode, with URLs that lead through the proxy', async () => {
    const token = build(1);
    await expect
      .poll(() => config(1), WAIT)
      .toContain(`http://127.0.0.1:${templatesPort}/unattended/provision?token=${token}`);
    await allThere(1);
    const [, kernel = ''] = /^\s*KERNEL\s+(\S+)/im.exec(config(1)) ?? [];
    await expect.poll(() => existsSync(kept('tftp', kernel)), WAIT).toBe(true);
    const outcome = await bootVirtually({
      persona: personaOf('bios-rom')!,
      mac: macOf(1),
      dhcp: { via: 'server', address: '127.0.0.1', port: proxy.ports.dhcp },
      tftpPort: proxy.ports.tftp,
      timeoutMs: 60_000,
      installer: true,
    });
    expect(outcome, outcome.why).toMatchObject({ reached: 'installed', address: ipOf(1) });
    await expect.poll(() => config(1), WAIT).toMatch(/localboot|chain/i);
    expect(config(1)).not.toContain(token);
    expect(reservation(1).ip).toBe(ipOf(1));
  });

  it('is built at once while the proxy is away, says so, and has everything when it is back', async () => {
    const token = build(2);
    await expect.poll(() => config(2), WAIT).toContain(token);
    await allThere(2);
    await proxy.ended('SIGTERM');
    const built = await ask({ url: `${server.url}/unattended/built?token=${token}`, method: 'POST' });
    expect(built.status).toBeLessThan(300);
    expect(server.json<{ build: boolean }>('host', 'show', nameOf(2)).build).toBe(false);
    await expect
      .poll(() => deployments(2), WAIT)
      .toContainEqual(
        expect.objectContaining({
          feature: 'TFTP',
          state: 'pending',
          error: expect.objectContaining({ code: 'PROXY_UNREACHABLE' }),
        }),
      );
    expect(server.cli('host', 'show', nameOf(2)).stdout).toMatch(
      /smart proxy +TFTP of edge: pending: .*cannot be asked/,
    );
    const status = server.cli('proxies');
    expect([status.status, status.stdout]).toEqual([
      1,
      expect.stringMatching(/^edge .* away .*\n(.*\n)*edge: .*since/m),
    ]);
    await proxy.serve();
    await expect.poll(() => config(2), WAIT).not.toContain(token);
    await allThere(2);
    await expect.poll(() => server.cli('proxies').status, WAIT).toBe(0);
  });

  it('is delivered after this server was killed meanwhile, and taken back if it was deleted meanwhile', async () => {
    hosts = [host(1), host(2), host(3)];
    apply();
    await allThere(3);
    await proxy.ended('SIGTERM');
    const token = build(1);
    // It has noticed, and was in the middle of it.
    await expect.poll(() => states(1), WAIT).toContain('TFTP pending');
    await server.ended('SIGKILL');
    hosts = [host(1), host(2)];
    apply();
    await server.serve();
    await proxy.serve();
    await expect.poll(() => config(1), WAIT).toContain(token);
    await expect.poll(() => [config(3), reservation(3)], WAIT).toEqual(['', {}]);
    await allThere(1);
  });

  it('is not given what somebody else has reserved, is told whose it is, and gets it when it is free', async () => {
    const foreign = (method: string, path: string, form?: Record<string, string>) =>
      order(`https://127.0.0.1:${port}${path}`, authority.ca, {
        method,
        ...(form && { form }),
        client: authority.issue('foreman.example'),
      });
    const taken = {
      mac: '52:54:00:77:00:99',
      ip: ipOf(4),
      hostname: 'theirs.example',
      name: 'theirs.example',
    };
    expect((await foreign('POST', '/dhcp/127.0.0.0', taken)).status).toBe(200);
    hosts = [host(1), host(2), host(4)];
    apply();
    await expect.poll(() => states(4), WAIT).toEqual(['DHCP failed', 'TFTP deployed']);
    const failed = (await deployments(4)).find(({ feature }) => feature === 'DHCP');
    expect(failed?.error).toMatchObject({
      code: 'PROXY_RESERVATION_TAKEN',
      message: expect.stringContaining('theirs.example (52:54:00:77:00:99, 127.0.0.34)'),
    });
    const rebuilt = async () => (await api('PUT', `/hosts/${nameOf(4)}/rebuild_config`)).body;
    await expect.poll(async () => (await rebuilt()).error?.code, WAIT).toBe('CONFIG_NOT_REBUILT');
    expect(reservation(1).ip).toBe(ipOf(1));
    expect((await foreign('DELETE', '/dhcp/127.0.0.0/mac/52:54:00:77:00:99')).status).toBe(200);
    await expect.poll(async () => (await rebuilt()).error?.code, WAIT).toBeUndefined();
    await expect.poll(() => reservation(4).ip, WAIT).toBe(ipOf(4));
  });

  it('is told that our certificate is not accepted there, until it is', async () => {
    const before = { ...shown(stranger.issue('server.example')) };
    server.writeConfig({ smart_proxies_client: before });
    server.signal('SIGHUP');
    await expect
      .poll(async () => {
        await api('PUT', `/hosts/${nameOf(2)}/rebuild_config`);
        return (await deployments(2)).map(({ error }) => error?.code);
      }, WAIT)
      .toEqual(['PROXY_DISTRUSTED', 'PROXY_DISTRUSTED']);
    // The one that our own root signs for this.
    server.writeConfig({ smart_proxies_client: { ca: authority.ca } });
    server.signal('SIGHUP');
    await allThere(2);
    expect((await api('PUT', `/hosts/${nameOf(2)}/rebuild_config`)).status).toBe(200);
    const metrics = async () => (await ask({ url: `${server.url}/metrics` })).text;
    await expect
      .poll(metrics, WAIT)
      .toContain('chainboot_smart_proxy_hosts{proxy="edge",state="deployed"} 3');
    expect(await metrics()).toContain('chainboot_smart_proxy_up{proxy="edge"} 1');
  });

  it('does not keep this server from ending, when it takes an order and never answers', async () => {
    await proxy.ended('SIGTERM');
    const taken: Socket[] = [];
    const silent = createServer((socket) => taken.push(socket));
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
    build(2);
    await expect.poll(() => taken.length, WAIT).toBeGreaterThan(0);
    // An order may take a minute.
    const patience = setTimeout(() => server.signal('SIGKILL'), 40_000);
    expect(await server.ended('SIGTERM')).toBe(0);
    clearTimeout(patience);
    for (const socket of taken) socket.destroy();
    silent.close();
  });
});
