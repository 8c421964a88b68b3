/**
 * A DHCP server that is not ours, on a network of its own that is plugged into that of the rig:
 *
 *     namespace of the rig ── br0 10.77.0.1/24 ══ br0 10.77.0.2/24 ── namespace of dnsmasq
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { createLab } from '../../src/lab/netns.ts';
import type { Rig } from './rig.ts';

export const FOREIGN = '10.77.0.2';

/** dnsmasq with addresses from 10.77.0.150 to .160 and nothing about booting unless `more` says so. */
export async function startDnsmasq(
  context: TestContext,
  rig: Rig,
  more: readonly string[] = [],
): Promise<void> {
  const foreign = await createLab({ address: `${FOREIGN}/24` });
  context.onTestFinished(() => foreign.close());
  const ends = ['link', 'add', 'plug', 'netns', rig.lab.namespace, 'type', 'veth'];
  ip(...ends, 'peer', 'name', 'plug', 'netns', foreign.namespace);
  for (const { namespace } of [rig.lab, foreign])
    ip('-n', namespace, 'link', 'set', 'plug', 'master', 'br0', 'up');
  await rig.start(
    foreign.inside([
      ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--no-ping'],
      ...['--interface=br0', '--dhcp-range=10.77.0.150,10.77.0.160', '--log-dhcp', '--log-facility=-'],
      `--pid-file=${join(rig.daemon.directory, 'dnsmasq.pid')}`,
      `--dhcp-leasefile=${join(rig.daemon.directory, 'dnsmasq.leases')}`,
      ...more,
    ]),
  );
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
