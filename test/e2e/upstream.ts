/**
 * The server behind a proxy, on an interface that machines do not reach:
 *
 *     namespace ── up0 10.99.0.1/24 (chainboot serve)
 *              └── br0 10.77.0.1/24 (chainboot proxy) ── tap0 ── machine
 */

import { join } from 'node:path';
import { DEBIAN_MIRROR, makeDebianMedium } from '../../src/lab/medium.ts';
import type { Lab } from '../../src/lab/netns.ts';
import { Daemon } from '../system/daemon.ts';
import { makeQuickInstaller } from './quick-installer.ts';

const ADDRESS = '10.99.0.1';
const NAME = 'branch';

export const UPSTREAM_URL = `https://${ADDRESS}:8444`;

/** Nothing runs yet. */
export function makeUpstream(lab: Lab, site: { readonly subnets: readonly object[] }): Daemon {
  for (const command of [
    'ip link add up0 type veth peer name up1',
    `ip address add ${ADDRESS}/24 dev up0`,
    'ip link set up0 up',
    'ip link set up1 up',
    'nft add table inet isolated',
    'nft add chain inet isolated in { type filter hook input priority 0 ; }',
    `nft add rule inet isolated in iifname br0 ip daddr ${ADDRESS} drop`,
  ])
    lab.exec(command.split(' '));
  const upstream = new Daemon({
    link: { interface: 'up0', address: ADDRESS, mode: 'off' },
    ports: { http: 80, tftp: 69, dhcp: 67 },
    site: {
      ...site,
      smart_proxies: [{ name: NAME, url: 'https://branch.example.com:8443' }],
      subnets: site.subnets.map((subnet) => ({ ...subnet, tftp_proxy: NAME })),
    },
    config: { proxies: { enabled: true } },
    inside: lab.inside,
  });
  const medium = join(upstream.directory, 'medium');
  makeDebianMedium(medium);
  makeQuickInstaller(join(medium, DEBIAN_MIRROR, 'initrd.gz'));
  return upstream;
}

/** Both run, and the proxy knows its hosts. */
export async function startBehind(upstream: Daemon, proxy: Daemon): Promise<void> {
  await upstream.start();
  const made = upstream.cli('certificate', 'proxy', NAME, '--output', join(proxy.directory, 'proxy'));
  if (made.status !== 0) throw new Error(made.stderr);
  await proxy.serve();
  await proxy.logged(/took over what the server has changed/);
}
