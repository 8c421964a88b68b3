/**
 * Many machines at once: each is a copy of a host in build mode, with a name, a MAC, a token and an address of its own in
 * a network of its own, on top of the inventory and nowhere in it. Who plays them is another process, so that the times
 * are those of the server.
 */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { DhcpPath } from '../../client/dhcp-socket.ts';
import { ChainbootError } from '../../errors.ts';
import { makeToken } from '../../inventory/build.ts';
import type { Overlay } from '../../inventory/overlay.ts';
import type { Host, Subnet } from '../../inventory/types.ts';
import { formatIpv4, parseIpv4 } from '../../net/ip.ts';
import { formatMac, type Mac } from '../../net/mac.ts';
import { MOST_MACHINES } from '../../service/rehearsal/report.ts';
import type { Handler } from '../control/socket.ts';
import { parsed } from './asked.ts';
import { personaFor } from './persona.ts';
import type { Rehearser } from './rehearser.ts';

/** The network for measuring (RFC 2544 appendix C.2.2): nobody's hosts are there. */
const NETWORK = parseIpv4('198.18.0.0')!;
const RELAY = NETWORK + 1;
const LONGEST_MS = 3_600_000;

const FLEET = z.strictObject({
  count: z.int().min(1).max(MOST_MACHINES),
  /** All that are in build mode unless given. */
  hosts: z.array(z.string()).optional(),
  as: z.string().optional(),
});

/** One machine, for whoever plays it. */
export type FleetMachine = {
  readonly key: string;
  readonly mac: Mac;
  readonly as: string;
  readonly host: string;
};

/** What a fleet is told before it is switched on. */
export type FleetPlan = {
  readonly machines: readonly FleetMachine[];
  readonly dhcp: DhcpPath;
  readonly tftpPort: number;
  /** See `Rehearsal.isServer`. */
  readonly own: readonly string[];
  readonly trust?: string;
};

/** One line with the plan; then the machines are known until the client leaves. */
export function fleetHandler(rehearser: () => Rehearser): Handler {
  return async function* (body, signal) {
    const { count, hosts, as } = parsed(FLEET, body);
    if (as !== undefined) personaFor(undefined, as);
    const fleet = await rehearser().openFleet(count, hosts, as);
    try {
      yield { fleet: fleet.plan };
      await left(signal);
    } finally {
      await fleet.close();
    }
  };
}

function left(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LONGEST_MS);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

/** The copies on top of a site, in a subnet of their own. Throws REHEARSAL_REFUSED without a host to copy. */
export function copiesOn(
  site: Overlay,
  hosts: readonly Host[],
  count: number,
  now: number,
): readonly (Host & { readonly mac: Mac })[] {
  if (hosts.length === 0)
    throw new ChainbootError('REHEARSAL_REFUSED', {
      reason: 'no host is in build mode that a fleet could be made of',
    });
  site.put('subnets', FLEET_SUBNET);
  return Array.from({ length: count }, (_, i) => {
    const host = copyOf(hosts[i % hosts.length]!, i, now);
    site.put('hosts', host);
    return host;
  });
}

export const FLEET_RELAY = formatIpv4(RELAY);

const FLEET_SUBNET: Subnet = {
  id: -1_000_000,
  name: 'a fleet that is rehearsed',
  network: '198.18.0.0/15',
  gateway: formatIpv4(RELAY),
  boot_mode: 'DHCP',
  lease_time: 3600,
  parameters: {},
} as Subnet;

function copyOf(host: Host, i: number, now: number): Host & { readonly mac: Mac } {
  // Locally administered (IEEE 802c): no card has such an address.
  const mac = formatMac(Uint8Array.of(0x02, 0xcb, 0, 0, i >>> 8, i & 0xff));
  const name = `fleet${i}.${host.name}`;
  const nic = { type: 'interface', primary: true, provision: true, managed: true, virtual: false } as const;
  return {
    ...host,
    id: -1_000_000 - i,
    name,
    mac,
    token: makeToken(randomUUID(), now, 24 * 60),
    interfaces: [{ ...nic, name, mac, ip: formatIpv4(RELAY + 1 + i), subnet: FLEET_SUBNET.name }],
  };
}
