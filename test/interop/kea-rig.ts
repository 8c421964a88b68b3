/**
 * A kea-dhcp4 in a namespace of its own, with files in a directory of its own:
 *
 *     namespace of the lab ── br0
 *                              ├── veth ═ eth0 10.77.0.2/24, namespace <lab>-kea (kea-dhcp4)
 *                              └── veth ═ eth0, namespace <lab>-client (udhcpc)
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KeaChannel, keaChannel } from '../../src/dhcp-drivers/kea/channel.ts';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { freePorts } from '../system/daemon.ts';
import { type Machine, plugIn, udhcpc } from './dhcp-lab.ts';

export const PRINTER = { 'hw-address': '52:54:00:77:00:99', 'ip-address': '10.77.0.9', hostname: 'printer' };
export const VOIP = {
  name: 'voip',
  test: "substring(option[60].hex, 0, 6) == 'Aastra'",
  'user-context': { site: 'x' },
};
const PATIENCE_MS = 30_000;

/** A server that was just started, on a busy machine. */
const PATIENT = ['-t', '10'];

/** Beside the kea-dhcp4 that runs, wherever that was unpacked to. */
export function hookFile(name: string): string {
  const program = execFileSync('sh', ['-c', 'command -v kea-dhcp4'], { encoding: 'utf8' }).trim();
  const lib = join(dirname(program), '..', 'lib');
  for (const entry of readdirSync(lib).filter((each) => each.endsWith('-linux-gnu'))) {
    const file = join(lib, entry, 'kea/hooks', name);
    if (existsSync(file)) return file;
  }
  throw new Error(`${name} is not below ${lib}`);
}

export class KeaRig {
  readonly directory = mkdtempSync(join(tmpdir(), 'chainboot-kea-'));
  readonly file = join(this.directory, 'kea.json');
  readonly socket = join(this.directory, 'sock');
  readonly leases = join(this.directory, 'leases.csv');
  readonly channel: KeaChannel = keaChannel({ socket: this.socket }, { name: 'test' });
  /** Where a server of ours runs: `br0` has 10.77.0.1. */
  readonly lab: Lab;
  private readonly machine: Machine;
  private readonly client: Machine;
  private child: ChildProcess | undefined;
  private agent: ChildProcess | undefined;
  private said = '';

  private constructor(lab: Lab) {
    this.lab = lab;
    this.machine = plugIn(lab, { name: 'kea' });
    this.client = plugIn(lab, { name: 'client' });
  }

  static async open(): Promise<KeaRig> {
    const rig = new KeaRig(await createLab({ address: '10.77.0.1/24' }));
    await rig.machine.run('ip', 'address', 'add', '10.77.0.2/24', 'dev', 'eth0');
    return rig;
  }

  /** As an administrator wrote it, with a comment. */
  write(more: object = {}): void {
    const own = {
      'interfaces-config': { interfaces: ['eth0'] },
      'control-socket': { 'socket-type': 'unix', 'socket-name': this.socket },
      'lease-database': { type: 'memfile', persist: true, name: this.leases, 'lfc-interval': 0 },
      loggers: [{ name: 'kea-dhcp4', severity: 'WARN', output_options: [{ output: 'stderr' }] }],
      'client-classes': [VOIP],
      subnet4: [
        {
          id: 7,
          subnet: '10.77.0.0/24',
          pools: [{ pool: '10.77.0.150 - 10.77.0.160' }],
          reservations: [PRINTER],
          'user-context': { floor: 3 },
        },
      ],
      ...more,
    };
    writeFileSync(this.file, `// Written by hand.\n{ "Dhcp4": ${JSON.stringify(own, null, 2)} }\n`);
  }

  async start(): Promise<void> {
    const places = [`KEA_PIDFILE_DIR=${this.directory}`, `KEA_LOCKFILE_DIR=${this.directory}`];
    const [program, ...args] = this.machine.inside(['env', ...places, 'kea-dhcp4', '-c', this.file]);
    const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (data: Buffer) => {
      this.said += data;
    });
    this.child = child;
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      if (
        await this.channel.ask('status-get').then(
          () => true,
          () => false,
        )
      )
        return;
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`no Kea: ${this.said}`);
    }
  }

  async stop(): Promise<void> {
    await ended(this.child);
    this.child = undefined;
  }

  /** An agent on this machine, before the Kea in its namespace; its URL. */
  async startAgent({
    user,
    password,
  }: {
    readonly user: string;
    readonly password: string;
  }): Promise<string> {
    const { http } = await freePorts();
    const config = {
      'Control-agent': {
        'http-host': '127.0.0.1',
        'http-port': http,
        authentication: { type: 'basic', realm: 'kea', clients: [{ user, password }] },
        'control-sockets': { dhcp4: { 'socket-type': 'unix', 'socket-name': this.socket } },
      },
    };
    const file = join(this.directory, 'agent.json');
    writeFileSync(file, JSON.stringify(config));
    const places = { KEA_PIDFILE_DIR: this.directory, KEA_LOCKFILE_DIR: this.directory };
    const env = { ...process.env, ...places };
    this.agent = spawn('kea-ctrl-agent', ['-c', file], { stdio: 'ignore', env });
    const url = `http://127.0.0.1:${http}/`;
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      if (
        await fetch(url).then(
          () => true,
          () => false,
        )
      )
        return url;
      if (this.agent.exitCode !== null || Date.now() > deadline) throw new Error('no kea-ctrl-agent');
    }
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** What a machine of that MAC address is told, `ip=… boot_file=…`, one a line. */
  async told(mac: string, ...options: readonly string[]): Promise<string> {
    this.client.setMac(mac);
    return udhcpc(this.client, this.directory, ...PATIENT, ...options);
  }

  async close(): Promise<void> {
    await this.stop();
    await ended(this.agent);
    this.channel.close();
    this.machine.remove();
    this.client.remove();
    await this.lab.close();
    if (existsSync(this.directory)) rmSync(this.directory, { recursive: true });
  }
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exit;
}
