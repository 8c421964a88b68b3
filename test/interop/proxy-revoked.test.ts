/** Proxies with certificates of an authority that is not ours: believed, and no longer when they are revoked. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ask } from '../system/ask.ts';
import { Daemon, freePorts } from '../system/daemon.ts';
import { Authority, hasOpenssl, type Pair } from './smart-proxy-lab.ts';

let authority: Authority;
let daemon: Daemon;
let branch: Pair;
let port: number;

beforeEach((context) => {
  if (!hasOpenssl()) context.skip('openssl (Debian package openssl)');
});

beforeAll(async () => {
  if (!hasOpenssl()) return;
  authority = new Authority('Proxies of the company');
  branch = authority.issue('branch');
  ({ http: port } = await freePorts());
  daemon = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1', mode: 'off' },
    ports: await freePorts(),
    site: {
      subnets: [{ name: 'branch', network: '127.0.0.0/24', template_proxy: 'branch' }],
      smart_proxies: [{ name: 'branch', url: 'https://branch.example.com:8443' }],
    },
    config: {
      proxies: { enabled: true, port, ca: authority.ca, crl: authority.crl },
      syslog: { enabled: false },
    },
  });
  await daemon.start();
});

afterAll(async () => {
  await daemon?.close();
  authority?.remove();
});

async function asked(): Promise<readonly unknown[]> {
  const text = (file: string) => readFileSync(file, 'utf8');
  const root = daemon.cli('certificate', 'ca').stdout;
  const url = `https://127.0.0.1:${port}/proxy/v1/site`;
  const shown = { cert: text(branch.certificate), key: text(branch.key) };
  const { status, headers } = await ask({ url, ca: root, ...shown });
  return [status, headers['x-chainboot-error']];
}

it('is shut out after a reload', async () => {
  expect(await asked()).toEqual([200, undefined]);
  authority.revoke(branch);
  daemon.signal('SIGHUP');
  await expect.poll(asked).toEqual([403, 'PROXY_UNTRUSTED']);
  await daemon.logged(/CERT_REVOKED/);
});
