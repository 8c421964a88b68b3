/** What the process may do (capabilities(7)): low ports, and frames for machines without an address. */

import { realpathSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import { type Finding, finding } from './finding.ts';
import { wantedPorts } from './ports.ts';
import { boundPorts, isChainboot, ownerOf } from './sockets.ts';
import { textOf } from './system.ts';

const BITS = { cap_net_bind_service: 10, cap_net_raw: 13 } as const;
export type Capability = keyof typeof BITS;

/** Of the text of /proc/<pid>/status; undefined when it says nothing of them. */
export function capabilitiesIn(status: string): ReadonlySet<Capability> | undefined {
  const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (hex === undefined) return undefined;
  const bits = BigInt(`0x${hex}`);
  const names = Object.keys(BITS) as Capability[];
  return new Set(names.filter((name) => (bits >> BigInt(BITS[name])) & 1n));
}

export async function checkCapabilities(config: Config): Promise<readonly Finding[]> {
  const server = serverPid(config);
  const has = capabilitiesIn(textOf(`/proc/${server ?? 'self'}/status`) ?? '');
  if (has === undefined)
    return [finding('unknown', 'capabilities-unknown', 'capabilities cannot be read here')];
  const first = Number(textOf('/proc/sys/net/ipv4/ip_unprivileged_port_start') ?? 1024);
  const needsLow = wantedPorts(config).some(({ port }) => port < first);
  const who = server === undefined ? 'this user' : `the running server (process ${server})`;
  return capabilityFindings(has, needsLow, who, realpathSync(process.execPath));
}

export function capabilityFindings(
  has: ReadonlySet<Capability>,
  needsLow: boolean,
  who: string,
  node: string,
): readonly Finding[] {
  const fix = `setcap cap_net_bind_service,cap_net_raw+ep ${node}`;
  const found: Finding[] = [];
  if (needsLow && !has.has('cap_net_bind_service'))
    found.push(finding('error', 'cap-net-bind-service', `${who} may not open ports below 1024`, fix));
  if (!has.has('cap_net_raw'))
    found.push(
      finding(
        'warning',
        'cap-net-raw',
        `${who} may not send frames: firmware that wants unicast answers gets broadcasts, addresses are not probed, and other DHCP servers are hardly noticed`,
        fix,
      ),
    );
  return found.length > 0 ? found : [finding('ok', 'capabilities', `${who} has the capabilities it needs`)];
}

/** The server that runs already may be another user than who asks. */
function serverPid(config: Config): number | undefined {
  const wanted = wantedPorts(config);
  for (const { protocol, port, inode } of boundPorts()) {
    if (!wanted.some((one) => one.protocol === protocol && one.port === port)) continue;
    const owner = ownerOf(inode);
    if (owner !== undefined && isChainboot(owner)) return owner.pid;
  }
  return undefined;
}
