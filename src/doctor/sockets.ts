/** Who has which port, from /proc (proc(5), proc_net(5)). */

import { readdirSync, readlinkSync } from 'node:fs';
import { textOf } from './system.ts';

export type Bound = {
  readonly protocol: 'udp' | 'tcp';
  readonly port: number;
  /** Dotted; `0.0.0.0` and `::` stand for all. */
  readonly address: string;
  readonly inode: string;
};

const LISTENING = '0A';

/** The text of /proc/net/udp, tcp and their sixes; of TCP only what listens. */
export function boundIn(text: string, protocol: Bound['protocol']): readonly Bound[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line): readonly Bound[] => {
      const words = line.trim().split(/\s+/);
      const [address, port] = words[1]?.split(':') ?? [];
      const inode = words[9];
      if (address === undefined || port === undefined || inode === undefined || inode === '0') return [];
      if (protocol === 'tcp' && words[3] !== LISTENING) return [];
      return [{ protocol, port: Number.parseInt(port, 16), address: addressIn(address), inode }];
    });
}

/** Words of four bytes in the order of the processor, which is little-endian wherever we run. */
function addressIn(hex: string): string {
  const bytes = hex.match(/../g)!.map((byte) => Number.parseInt(byte, 16));
  if (bytes.length === 4) return bytes.reverse().join('.');
  return bytes.every((byte) => byte === 0) ? '::' : hex.toLowerCase();
}

export function boundPorts(): readonly Bound[] {
  return (['udp', 'tcp'] as const).flatMap((protocol) =>
    [protocol, `${protocol}6`].flatMap((file) => boundIn(textOf(`/proc/net/${file}`) ?? '', protocol)),
  );
}

export type Owner = {
  readonly pid: number;
  /** As the kernel calls it. */
  readonly name: string;
  readonly command: readonly string[];
  /** Of systemd: `isc-dhcp-server.service`. */
  readonly unit?: string;
};

/** Undefined where other users' processes are hidden. */
export function ownerOf(inode: string): Owner | undefined {
  const target = `socket:[${inode}]`;
  for (const pid of pids()) if (hasOpen(pid, target)) return ownerAt(pid);
  return undefined;
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

function hasOpen(pid: number, target: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === target;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

function ownerAt(pid: number): Owner {
  const unit = unitIn(textOf(`/proc/${pid}/cgroup`) ?? '');
  return {
    pid,
    name: (textOf(`/proc/${pid}/comm`) ?? '').trim(),
    command: (textOf(`/proc/${pid}/cmdline`) ?? '').split('\0').filter(Boolean),
    ...(unit !== undefined && { unit }),
  };
}

/** The service of a cgroup path; sessions of users and containers have none. */
export function unitIn(cgroup: string): string | undefined {
  return /\/system\.slice\/(?:.*\/)?([^/\n]+\.service)(?:\/|$)/m.exec(cgroup)?.[1];
}

/** Our own program, however it was started. */
export function isChainboot({ command }: Owner): boolean {
  return command.includes('serve') && command.some((word) => /(^|\/)(chainboot|main\.(js|ts))$/.test(word));
}
