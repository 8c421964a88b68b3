/**
 * A DHCP server that is not ours, on a network of its own that is plugged into that of the rig:
 *
 *     namespace of the rig ── br0 10.77.0.1/24 ══ br0 10.77.0.2/24 ── namespace of the other server
 *
 * Each hands out addresses from 10.77.0.150 to .160 and says nothing about booting unless it is told to.
 */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import type { Rig } from './rig.ts';

const FOREIGN = '10.77.0.2';

const [FIRST, LAST] = ['10.77.0.150', '10.77.0.160'];

export async function startDnsmasq(
  context: TestContext,
  rig: Rig,
  more: readonly string[] = [],
  text?: string,
): Promise<void> {
  const foreign = await plugIn(context, rig);
  const config = join(rig.daemon.directory, 'dnsmasq.conf');
  writeFileSync(config, text ?? `dhcp-range=${FIRST},${LAST}\n`);
  await rig.start(
    foreign.inside([
      ...['dnsmasq', '--keep-in-foreground', `--conf-file=${config}`, '--port=0', '--no-ping'],
      ...['--interface=br0', '--log-dhcp', '--log-facility=-'],
      `--pid-file=${join(rig.daemon.directory, 'dnsmasq.pid')}`,
      `--dhcp-leasefile=${join(rig.daemon.directory, 'dnsmasq.leases')}`,
      ...more,
    ]),
  );
}

/** ISC's dhcpd. `text`: its whole configuration. */
export async function startDhcpd(context: TestContext, rig: Rig, text?: string): Promise<void> {
  need(context, 'dhcpd', 'isc-dhcp-server');
  const file = (name: string) => join(rig.daemon.directory, name);
  const [config, leases, pid] = [file('dhcpd.conf'), file('dhcpd.leases'), file('dhcpd.pid')];
  const range = `range ${FIRST} ${LAST};`;
  writeFileSync(config, text ?? `ping-check false; subnet 10.77.0.0 netmask 255.255.255.0 { ${range} }\n`);
  writeFileSync(leases, '');
  const foreign = await plugIn(context, rig);
  await rig.start(foreign.inside(['dhcpd', '-4', '-d', '-cf', config, '-lf', leases, '-pf', pid, 'br0']));
}

/** `text`: what is included instead of a subnet. */
export async function startKea(context: TestContext, rig: Rig, text?: string): Promise<void> {
  need(context, 'kea-dhcp4', 'kea-dhcp4-server');
  const { directory } = rig.daemon;
  const config = join(directory, 'kea.json');
  const kea = {
    'interfaces-config': { interfaces: ['br0'] },
    'lease-database': { type: 'memfile', persist: false },
    ...(text === undefined && {
      subnet4: [{ subnet: '10.77.0.0/24', pools: [{ pool: `${FIRST} - ${LAST}` }] }],
    }),
    loggers: [{ name: 'kea-dhcp4', severity: 'INFO', output_options: [{ output: 'stdout' }] }],
  };
  const parts = [JSON.stringify(kea).slice(1, -1), ...(text === undefined ? [] : [text])];
  writeFileSync(config, `{ "Dhcp4": { ${parts.join(',\n')} } }`);
  const foreign = await plugIn(context, rig);
  const places = [`KEA_PIDFILE_DIR=${directory}`, `KEA_LOCKFILE_DIR=${directory}`];
  await rig.start(foreign.inside(['env', ...places, 'kea-dhcp4', '-c', config]));
}

function need(context: TestContext, program: string, debianPackage: string): void {
  const found = spawnSync('which', [program]).status === 0;
  if (!found) context.skip(`${program} is missing: apt install ${debianPackage}`);
}

async function plugIn(context: TestContext, rig: Rig): Promise<Lab> {
  const foreign = await createLab({ address: `${FOREIGN}/24` });
  context.onTestFinished(() => foreign.close());
  const ends = ['link', 'add', 'plug', 'netns', rig.lab.namespace, 'type', 'veth'];
  ip(...ends, 'peer', 'name', 'plug', 'netns', foreign.namespace);
  for (const { namespace } of [rig.lab, foreign])
    ip('-n', namespace, 'link', 'set', 'plug', 'master', 'br0', 'up');
  return foreign;
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
