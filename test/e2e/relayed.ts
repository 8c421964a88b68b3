/**
 * A server in another network than its machines, with ISC's relay agent in between:
 *
 *     server eth0 10.99.0.1 (chainboot serve) ── up0 10.99.0.2 │ agent │ br0 10.77.0.1 ── tap0 ── machine
 */

import { expect } from 'vitest';
import type { Lab } from '../../src/lab/netns.ts';
import { ip } from '../interop/dhcp-lab.ts';
import type { Rig } from './rig.ts';

export const FAR_SERVER = '10.99.0.1';
const AGENT = '10.99.0.2';

export type Far = {
  /** Runs a command where the server is. */
  readonly inside: (command: readonly string[]) => readonly string[];
  readonly remove: () => void;
};

export function makeFar(lab: Lab): Far {
  const namespace = `${lab.namespace}-server`;
  const inside = (command: readonly string[]) => ['ip', 'netns', 'exec', namespace, ...command];
  const remove = () => ip('netns', 'delete', namespace);
  ip('netns', 'add', namespace);
  ip(
    'link',
    'add',
    'up0',
    'netns',
    lab.namespace,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    namespace,
  );
  for (const [where, device, address] of [
    [lab.namespace, 'up0', AGENT],
    [namespace, 'eth0', FAR_SERVER],
  ] as const) {
    ip('-n', where, 'address', 'add', `${address}/24`, 'dev', device);
    ip('-n', where, 'link', 'set', device, 'up');
  }
  ip('-n', namespace, 'route', 'add', '10.77.0.0/24', 'via', AGENT);
  lab.exec(['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  return { inside, remove };
}

/** With option 82, by which the server may tell the agent's ports apart. */
export async function startRelay(rig: Rig): Promise<void> {
  await rig.start(['dhcrelay', '-4', '-d', '--no-pid', '-a', '-id', 'br0', '-iu', 'up0', FAR_SERVER]);
  await expect.poll(() => rig.console.join('\n'), { timeout: 30_000 }).toContain('Sending on   Socket');
}
