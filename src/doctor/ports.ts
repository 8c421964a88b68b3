/** Are the ports free, or ours? */

import type { Config } from '../config/schema.ts';
import { type Finding, finding } from './finding.ts';
import { type Bound, boundPorts, isChainboot, type Owner, ownerOf } from './sockets.ts';

export type Wanted = { readonly protocol: 'udp' | 'tcp'; readonly port: number; readonly use: string };

export function wantedPorts({ links, dhcp, tftp, http, https, api }: Config): readonly Wanted[] {
  const has = (mode: string) => links.some((link) => link.mode === mode);
  const wanted: Wanted[] = [{ protocol: 'tcp', port: http.port, use: 'HTTP' }];
  if (has('server') || has('proxy')) wanted.push({ protocol: 'udp', port: dhcp.port, use: 'DHCP' });
  if (has('proxy')) wanted.push({ protocol: 'udp', port: dhcp.port + 4011 - 67, use: 'proxyDHCP' });
  if (tftp.enabled) wanted.push({ protocol: 'udp', port: tftp.port, use: 'TFTP' });
  if (https.enabled || api.enabled) wanted.push({ protocol: 'tcp', port: https.port, use: 'HTTPS' });
  return wanted.filter(({ port }) => port !== 0);
}

export async function checkPorts(config: Config): Promise<readonly Finding[]> {
  const bound = boundPorts();
  return wantedPorts(config).map((wanted) => portFinding(wanted, bound, ownerOf));
}

export function portFinding(
  { protocol, port, use }: Wanted,
  bound: readonly Bound[],
  owner: (inode: string) => Owner | undefined,
): Finding {
  const what = `${protocol.toUpperCase()} port ${port} (${use})`;
  const taken = bound.filter((one) => one.protocol === protocol && one.port === port && !isLocal(one));
  if (taken.length === 0) return finding('ok', 'port-free', `${what} is free`);
  const owners = taken.map(({ inode }) => owner(inode));
  if (owners.every((one) => one !== undefined && isChainboot(one)))
    return finding('ok', 'port-ours', `${what} is chainboot's own`);
  const other = owners.find((one) => one !== undefined && !isChainboot(one));
  if (other === undefined)
    return finding(
      'error',
      'port-taken',
      `${what} is taken; by whom is hidden from this user`,
      `sudo ss -${protocol === 'udp' ? 'u' : 't'}lnp sport = :${port}`,
    );
  return finding(
    'error',
    'port-taken',
    `${what} is taken by ${other.name} (process ${other.pid})`,
    stop(other),
  );
}

/** A resolver on 127.0.0.53 is in nobody's way. */
function isLocal({ address }: Bound): boolean {
  return address.startsWith('127.');
}

function stop({ unit, pid }: Owner): string {
  return unit === undefined ? `kill ${pid}` : `systemctl disable --now ${unit.replace(/\.service$/, '')}`;
}
