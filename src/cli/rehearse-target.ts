/** `chainboot rehearse --fleet --target`: machines that boot for real, from a server that is named. */

import { networkInterfaces } from 'node:os';
import { personaFor } from '../app/rehearsal/persona.ts';
import { bootVirtually } from '../client/boot.ts';
import type { DhcpPath } from '../client/dhcp-socket.ts';
import { type FleetReport, fleetReport, playFleet } from '../client/fleet.ts';
import { ChainbootError } from '../errors.ts';
import { parseIpv4 } from '../net/ip.ts';
import { formatMac } from '../net/mac.ts';

export type TargetRun = {
  readonly count: number;
  /** `192.0.2.1`, or with the port of its DHCP. */
  readonly target: string;
  /** An address of this machine, as whose relay agent it asks; none on loopback. */
  readonly relay?: string;
  /** The server is none of this machine, and may be loaded all the same. */
  readonly isForeignAllowed: boolean;
  readonly as: string;
  readonly rate?: number;
  readonly timeoutMs: number;
};

const DHCP_PORT = 67;

/**
 * Machines that nobody declared: they take leases, and go no further than a kernel.
 * Rejects with REHEARSAL_REFUSED, for a foreign server without consent above all.
 */
export function playTarget(run: TargetRun): Promise<FleetReport> {
  const { count, as, rate, timeoutMs } = run;
  const dhcp = pathTo(run);
  const persona = personaFor(undefined, as);
  const machines = Array.from({ length: count }, (_, n) => macOf(n));
  const boot = (mac: ReturnType<typeof macOf>) => bootVirtually({ persona, mac, dhcp, timeoutMs });
  const played = playFleet({ machines, boot, ...(rate !== undefined && { rate }) });
  // Whatever it was that the server had for it: a kernel, a menu, its disk.
  return played.then((result) => fleetReport(result, ({ reached }) => reached !== 'failed'));
}

function pathTo({ target, relay, isForeignAllowed }: TargetRun): DhcpPath {
  const [address = '', port = String(DHCP_PORT)] = target.split(':');
  if (parseIpv4(address) === undefined || !/^\d{1,5}$/.test(port))
    throw refused(`${target} is no IPv4 address, with or without a port`);
  if (!isOwn(address) && !isForeignAllowed)
    throw refused(
      `${address} is no address of this machine; machines there may be kept from booting, and leases are taken: say --allow-foreign if it may be loaded`,
    );
  const to = { via: 'server', address, port: Number(port) } as const;
  if (relay === undefined) {
    if (address.startsWith('127.')) return to;
    throw refused('name an address of this machine that the server can answer at: --relay ADDRESS');
  }
  if (!isOwn(relay)) throw refused(`${relay} is no address of this machine`);
  return { ...to, relay };
}

function isOwn(address: string): boolean {
  if (address.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((all = []) => all.some((one) => one.address === address));
}

/** Locally administered, of the range that rehearsals use. */
function macOf(n: number) {
  return formatMac(Uint8Array.of(0x06, 0x43, 0x42, (n >> 16) & 0xff, (n >> 8) & 0xff, n & 0xff));
}

function refused(reason: string): ChainbootError {
  return new ChainbootError('REHEARSAL_REFUSED', { reason });
}
