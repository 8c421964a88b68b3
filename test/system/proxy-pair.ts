/**
 * A server and a proxy of it, both as the built program on loopback. Machines know the proxy alone.
 *
 *     machine ── proxy (DHCP, TFTP, HTTP) ══ TLS with certificates ══ server (inventory, templates, media)
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BootOptions, bootVirtually } from '../../src/client/boot.ts';
import type { BootOutcome } from '../../src/client/outcome.ts';
import { personaOf } from '../../src/client/personas.ts';
import { parseMac } from '../../src/net/mac.ts';
import { fakeEfi, fakeLoader, SERVER } from '../scripted-site.ts';
import { Daemon, DEBIAN, freePorts, type Inside, installing } from './daemon.ts';

export const PROXY = 'branch';

export const SUBNET = {
  name: 'branch',
  network: '127.0.0.0/24',
  from: '127.0.0.200',
  to: '127.0.0.250',
  tftp_proxy: PROXY,
};
export const TEMPLATES = ['Preseed default iPXE', 'Preseed default PXELinux', 'Preseed default'];

export const macOf = (n: number) => parseMac(`52:54:00:77:02:${n.toString(16).padStart(2, '0')}`)!;
export const nameOf = (n: number) => `vm${n}.branch`;

export class ProxyPair {
  readonly server: Daemon;
  readonly proxy: Daemon;
  readonly url: string;

  private constructor(server: Daemon, proxy: Daemon, url: string) {
    this.server = server;
    this.proxy = proxy;
    this.url = url;
  }

  /** Both run, and the proxy knows its hosts. @param site over that of the server */
  static async open(
    hosts: number,
    { media, ...site }: PairSite = {},
    /** How the proxy is run, by its directory. */
    around?: (directory: () => string) => Inside,
    mode: 'server' | 'proxy' = 'server',
  ): Promise<ProxyPair> {
    const { http: port } = await freePorts();
    const link = { interface: 'lo', address: SERVER };
    const server = new Daemon({
      link: { ...link, mode: 'off' },
      ports: await freePorts(),
      site: { ...siteOf(hosts), ...site },
      config: { proxies: { enabled: true, port }, syslog: { enabled: false } },
    });
    if (media !== undefined) server.writeSite({ ...siteOf(hosts), ...site, media: media(server.directory) });
    const url = `https://${SERVER}:${port}`;
    const loaders = join(server.directory, 'loaders');
    for (const name of ['undionly.kpxe', 'pxelinux.0', 'ldlinux.c32']) put(join(loaders, name), fakeLoader());
    put(join(loaders, 'snponly.efi'), fakeEfi());
    server.writeConfig({ loaders: { directories: [loaders] } });
    const proxy: Daemon = new Daemon({
      ...(around && { inside: around(() => proxy.directory) }),
      link: { ...link, mode },
      ports: await freePorts(),
      site: {},
      config: {
        upstream: { url },
        // Loaders, too, are the server's.
        loaders: { directories: [] },
        syslog: { enabled: false },
      },
      verb: 'proxy',
    });
    const pair = new ProxyPair(server, proxy, url);
    try {
      await server.start();
      pair.certify(PROXY);
      await proxy.serve();
      await proxy.logged(/took over what the server has changed/);
    } catch (error) {
      await pair.close();
      throw error;
    }
    return pair;
  }

  /** Gives the proxy a certificate of that name. */
  certify(name: string): void {
    const made = this.server.cli(
      'certificate',
      'proxy',
      name,
      '--output',
      join(this.proxy.directory, 'proxy'),
    );
    if (made.status !== 0) throw new Error(made.stderr);
  }

  /** To `built`, and nothing but the proxy is asked. */
  powerOn(n: number, persona = 'ipxe-rom', options: Partial<BootOptions> = {}): Promise<BootOutcome> {
    return bootVirtually({
      persona: personaOf(persona)!,
      mac: macOf(n),
      dhcp: { via: 'server', address: SERVER, port: this.proxy.ports.dhcp },
      tftpPort: this.proxy.ports.tftp,
      timeoutMs: 30_000,
      installer: true,
      ...options,
    });
  }

  /** As the server has it. */
  host(n: number): { readonly build: boolean; readonly installed_at?: string } {
    return this.server.json('host', 'show', nameOf(n));
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.server.close();
  }
}

export type PairSite = {
  /** By the directory of the server. */
  readonly media?: (directory: string) => readonly object[];
  readonly [section: string]: unknown;
};

function siteOf(hosts: number) {
  return {
    subnets: [SUBNET],
    smart_proxies: [{ name: PROXY, url: 'https://branch.example.com:8443' }],
    operatingsystems: [{ ...DEBIAN, provisioning_templates: TEMPLATES }],
    hosts: Array.from({ length: hosts }, (_, n) => installing(nameOf(n), macOf(n), `127.0.0.${10 + n}`)),
  };
}

function put(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
