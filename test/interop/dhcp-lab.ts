/**
 * Machines on bridges of a lab, each in a namespace of its own, for the DHCP clients and servers of others:
 *
 *     namespace of the lab ── br0 (chainboot serve)
 *                               ├── veth ═ eth0, namespace <lab>-<name>
 */

import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';
import type { Lab } from '../../src/lab/netns.ts';

const run = promisify(execFile);
const PATIENCE = 60_000;

export const PORTS = { http: 80, tftp: 69, dhcp: 67 };

export type Machine = {
  readonly namespace: string;
  readonly inside: (command: readonly string[]) => readonly string[];
  /** What it printed, whatever its exit status. */
  readonly run: (...command: readonly string[]) => Promise<string>;
  /** Of `eth0`. */
  readonly setMac: (mac: string) => void;
  readonly remove: () => void;
};

export type Plug = { readonly name: string; readonly mac?: string; readonly bridge?: string };

/** Skips the test without root, or without one of the programs: pairs of its name and Debian package. */
export function need(context: TestContext, ...tools: readonly (readonly [string, string])[]): void {
  if (process.getuid?.() !== 0) context.skip('network namespaces need root');
  for (const [program, debian] of tools)
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
      context.skip(`${program} is missing: apt install ${debian}`);
}

/** A machine whose `eth0` is a port of the bridge. */
export function plugIn(lab: Lab, { name, mac, bridge = 'br0' }: Plug): Machine {
  const namespace = `${lab.namespace}-${name}`;
  const port = `p-${name}`;
  ip('netns', 'add', namespace);
  const ends = ['link', 'add', port, 'netns', lab.namespace, 'type', 'veth'];
  ip(...ends, 'peer', 'name', 'eth0', 'netns', namespace);
  if (mac !== undefined) ip('-n', namespace, 'link', 'set', 'eth0', 'address', mac);
  ip('-n', namespace, 'link', 'set', 'lo', 'up');
  ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  ip('-n', lab.namespace, 'link', 'set', port, 'master', bridge, 'up');
  const inside = (command: readonly string[]) => ['ip', 'netns', 'exec', namespace, ...command];
  return {
    namespace,
    inside,
    run: (...command) => output(inside(command)),
    setMac: (address) => ip('-n', namespace, 'link', 'set', 'eth0', 'address', address),
    remove: () => void spawnSync('ip', ['netns', 'delete', namespace]),
  };
}

async function output([file, ...args]: readonly string[]): Promise<string> {
  try {
    return (await run(file!, args, { timeout: PATIENCE })).stdout;
  } catch (error) {
    return (error as { stdout?: string }).stdout || String(error);
  }
}

export function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

/** Asks once with udhcpc; what its script was told when it got an address, `ip=… siaddr=…`, one a line. */
export function udhcpc(machine: Machine, directory: string, ...options: readonly string[]): Promise<string> {
  const script = join(directory, 'udhcpc.sh');
  writeFileSync(script, '#!/bin/sh\n[ "$1" = bound ] && env\nexit 0\n', { mode: 0o755 });
  const once = ['-n', '-q', '-f', '-t', '3', '-T', '1', '-s', script];
  const bare = ['env', '-i', `PATH=${process.env.PATH}`];
  return machine.run(...bare, 'udhcpc', '-i', 'eth0', ...once, ...options);
}

/** Options of udhcpc that dress it as the firmware of an architecture (RFC 4578). */
export function dressedAs(arch: number, kind: 'PXEClient' | 'HTTPClient' = 'PXEClient'): readonly string[] {
  const code = arch.toString(16).padStart(4, '0');
  const decimal = String(arch).padStart(5, '0');
  return [
    ...['-V', `${kind}:Arch:${decimal}:UNDI:003010`],
    ...['-x', `0x5d:${code}`, '-x', '0x5e:01030a', '-x', `0x61:00${'5a'.repeat(16)}`],
    ...['-O', 'bootfile', '-O', 'tftp', '-O', 'vendor'],
  ];
}
