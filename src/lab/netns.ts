/**
 * A network of its own for servers and machines under test:
 *
 *     namespace chainboot-<pid>-<n>
 *       ├── br0  10.77.0.1/24   servers bind here
 *       ├── tap0 ── machine
 *       └── tap1 ── machine
 *
 * Nothing of it is visible from, or routed to, the networks of the host.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChainbootError } from '../errors.ts';
import { isAlive, onCrash } from './rescue.ts';

const NETNS_DIRECTORY = '/run/netns';
const NAME = /^chainboot-(\d+)-\d+$/;

export type Lab = {
  readonly namespace: string;
  readonly bridge: string;
  /** Adds a tap device and returns its name; `unplugged`: it leads nowhere, a network card on a dead wire. */
  addTap(unplugged?: 'unplugged'): string;
  /** Runs a command inside to its end and returns what it printed. @throws ChainbootError LAB_COMMAND */
  exec(command: readonly string[]): string;
  /** The same command, to be started inside. */
  inside(command: readonly string[]): readonly string[];
  /** Ends every process inside and removes the namespace with all devices. */
  close(): Promise<void>;
};

let count = 0;

/**
 * Creates the namespace with its bridge.
 * @param address of the bridge with prefix length, `10.77.0.1/24`
 * @throws ChainbootError LAB_COMMAND without root, iproute2 or a kernel with namespaces
 */
export async function createLab({ address }: { readonly address: string }): Promise<Lab> {
  sweepNamespaces();
  const namespace = `chainboot-${process.pid}-${count++}`;
  ip('netns', 'add', namespace);
  const forget = onCrash(() => destroy(namespace));
  try {
    setUpBridge(namespace, address);
    await carrier(namespace);
  } catch (error) {
    forget();
    destroy(namespace);
    throw error;
  }
  let taps = 0;
  const inside = (command: readonly string[]) => ['ip', 'netns', 'exec', namespace, ...command];
  return {
    namespace,
    bridge: 'br0',
    addTap: (unplugged) => addTap(namespace, `tap${taps++}`, unplugged === undefined),
    exec: (command) => run(inside(command)),
    inside,
    close: async () => {
      await endProcesses(namespace);
      destroy(namespace);
      forget();
    },
  };
}

/** Removes what labs of dead processes left behind. */
export function sweepNamespaces(): void {
  for (const name of namespaces()) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) destroy(name);
  }
}

/** Names of the namespaces that belong to process `pid`. */
export function namespacesOf(pid: number): readonly string[] {
  return namespaces().filter((name) => NAME.exec(name)?.[1] === String(pid));
}

function namespaces(): readonly string[] {
  try {
    return readdirSync(NETNS_DIRECTORY);
  } catch {
    return []; // the directory appears with the first namespace
  }
}

function setUpBridge(namespace: string, address: string): void {
  const ns = ['-n', namespace];
  // Two labs may be plugged into each other.
  const hex = (count & 0xff).toString(16).padStart(2, '0');
  ip(...ns, 'link', 'set', 'lo', 'up');
  // Snooping would hold back router solicitations and advertisements while it learns who listens.
  ip(
    ...ns,
    'link',
    'add',
    'br0',
    'type',
    'bridge',
    'stp_state',
    '0',
    'forward_delay',
    '0',
    'mcast_snooping',
    '0',
  );
  // Otherwise the bridge takes the lowest MAC of its ports, and changes it with every tap.
  ip(...ns, 'link', 'set', 'br0', 'address', `52:54:00:00:00:${hex}`);
  // A bridge without a live port has no carrier, and its IPv6 link-local address would stay tentative until
  // the first machine is powered on.
  ip(...ns, 'link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'port1');
  ip(...ns, 'link', 'set', 'port1', 'up');
  ip(...ns, 'link', 'set', 'port0', 'master', 'br0', 'up');
  ip(...ns, 'address', 'add', address, 'dev', 'br0');
  ip(...ns, 'link', 'set', 'br0', 'up');
}

/** A bridge gets its carrier a moment after its port; until then programs see an interface without address. */
async function carrier(namespace: string): Promise<void> {
  const isRunning = () => ip('-n', namespace, '-oneline', 'link', 'show', 'br0').includes('LOWER_UP');
  for (let tries = 0; tries < 100 && !isRunning(); tries += 1) await sleep(20);
}

function addTap(namespace: string, name: string, plugged: boolean): string {
  ip('-n', namespace, 'tuntap', 'add', name, 'mode', 'tap');
  ip('-n', namespace, 'link', 'set', name, ...(plugged ? ['master', 'br0'] : []), 'up');
  return name;
}

function ip(...args: string[]): string {
  return run(['ip', ...args]);
}

function run(command: readonly string[]): string {
  const [file, ...args] = command;
  const result = spawnSync(file!, args, { encoding: 'utf8', timeout: 60_000 });
  if (result.status === 0) return result.stdout;
  const reason = result.error?.message ?? result.stderr.trim();
  throw new ChainbootError('LAB_COMMAND', { command: command.join(' '), reason });
}

/** Processes that run in the namespace; they were all started by its lab. */
function processesIn(namespace: string): readonly number[] {
  const listed = spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' });
  return (listed.stdout ?? '').split('\n').filter(Boolean).map(Number);
}

function killAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // gone already
    }
  }
}

async function endProcesses(namespace: string): Promise<void> {
  killAll(processesIn(namespace), 'SIGTERM');
  for (let tries = 0; tries < 40 && processesIn(namespace).length > 0; tries += 1) await sleep(50);
}

function destroy(namespace: string): void {
  killAll(processesIn(namespace), 'SIGKILL');
  spawnSync('ip', ['netns', 'delete', namespace]);
}
