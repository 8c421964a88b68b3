/**
 * libvirt itself, without its service: a libvirtd whose files and processes are in namespaces of their own, and a network that
 * it gives addresses on.
 *
 *     namespace of the lab ── virbr7 10.78.0.1/24 (libvirtd, its dnsmasq)
 *                                └── veth ═ eth0, namespace <lab>-client (udhcpc)
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { type Machine, plugIn, udhcpc } from './dhcp-lab.ts';

export const NETWORK = 'lab';
export const PRINTER = "<host mac='52:54:00:78:00:99' name='printer' ip='10.78.0.9'/>";
/** `open`: libvirt touches no packet filter. */
const XML = `<network>
  <name>${NETWORK}</name>
  <forward mode='open'/>
  <bridge name='virbr7' stp='off' delay='0'/>
  <dns enable='no'/>
  <ip address='10.78.0.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='10.78.0.150' end='10.78.0.160'/>
      ${PRINTER}
    </dhcp>
  </ip>
</network>
`;
/** What libvirtd would write to on this machine. */
const HIDDEN = ['/run', '/var/lib', '/var/cache', '/var/log', '/etc/libvirt'];
const PATIENCE_MS = 30_000;

/** A server that was just started, on a busy machine. */
const PATIENT = ['-t', '10'];

export class LibvirtRig {
  readonly directory = mkdtempSync(join(tmpdir(), 'chainboot-libvirt-'));
  readonly uri = `network+unix:///system?socket=${join(this.directory, 'libvirt-sock')}`;
  /** Where a server of ours runs: `br0` has 10.77.0.1. */
  readonly lab: Lab;
  private client: Machine | undefined;
  private child: ChildProcess | undefined;
  private said = '';

  private constructor(lab: Lab) {
    this.lab = lab;
  }

  static async open(): Promise<LibvirtRig> {
    const rig = new LibvirtRig(await createLab({ address: '10.77.0.1/24' }));
    await rig.start();
    return rig;
  }

  /** Its network runs, as it was at first. */
  private async start(): Promise<void> {
    const config = join(this.directory, 'libvirtd.conf');
    const settings = [
      `unix_sock_dir = "${this.directory}"`,
      'auth_unix_rw = "none"',
      'auth_unix_ro = "none"',
    ];
    writeFileSync(config, `${settings.join('\n')}\n`);
    const drivers = join(this.directory, 'drivers');
    const start = [
      'mkdir -p /etc/libvirt',
      ...HIDDEN.map((directory) => `mount -t tmpfs tmpfs ${directory}`),
      // Networks only: its driver for machines wants users that the packages of the service make.
      `mkdir ${drivers}`,
      `ln -s /usr/lib/*/libvirt/connection-driver/libvirt_driver_network.so ${drivers}/`,
      `export LIBVIRT_DRIVER_DIR=${drivers}`,
      `exec libvirtd -f ${config} -p ${join(this.directory, 'pid')}`,
    ];
    // `ip netns exec` gives a mount namespace of its own.
    const [program, ...args] = this.lab.inside(['sh', '-ec', start.join('\n')]);
    const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (data: Buffer) => {
      this.said += data;
    });
    this.child = child;
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(100)) {
      if (this.try('net-list').status === 0) break;
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`no libvirtd: ${this.said}`);
    }
    const file = join(this.directory, 'network.xml');
    writeFileSync(file, XML);
    this.virsh('net-define', file);
    this.startNetwork();
  }

  private try(...args: readonly string[]) {
    const all = ['--quiet', '--connect', this.uri, ...args];
    return spawnSync('virsh', all, { encoding: 'utf8', timeout: PATIENCE_MS });
  }

  /** As an administrator runs it. */
  virsh(...args: readonly string[]): string {
    const { status, stdout, stderr } = this.try(...args);
    if (status !== 0) throw new Error(`virsh ${args.join(' ')}: ${stderr}${this.said}`);
    return stdout;
  }

  update(verb: 'add' | 'delete', host: string, ...flags: readonly string[]): void {
    const where = flags.length === 0 ? ['--live', '--config'] : flags;
    this.virsh('net-update', NETWORK, verb, 'ip-dhcp-host', host, ...where);
  }

  /** Its `<host>` entries; `inactive`: as they are for its next start. */
  hosts(...inactive: readonly '--inactive'[]): readonly string[] {
    const xml = this.virsh('net-dumpxml', NETWORK, ...inactive);
    return [...xml.matchAll(/<host .*\/>/g)].map(([host]) => host).sort();
  }

  stopNetwork(): void {
    this.virsh('net-destroy', NETWORK);
    this.client?.remove();
  }

  /** On a new bridge, which machines have to be plugged into anew. */
  startNetwork(): void {
    this.virsh('net-start', NETWORK);
    this.client = plugIn(this.lab, { name: 'client', bridge: 'virbr7' });
  }

  /** What a machine of that MAC address is told, `ip=…`, one a line. */
  async told(mac: string): Promise<string> {
    const { client } = this;
    if (client === undefined) throw new Error('nobody is plugged in');
    client.setMac(mac);
    return udhcpc(client, this.directory, ...PATIENT);
  }

  async close(): Promise<void> {
    this.try('net-destroy', NETWORK);
    this.client?.remove();
    const { child } = this;
    if (child !== undefined && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    await this.lab.close();
    rmSync(this.directory, { recursive: true });
  }
}
