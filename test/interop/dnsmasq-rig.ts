/**
 * A dnsmasq in a namespace of its own, with files in a directory of its own:
 *
 *     namespace of the lab ── br0 10.77.0.1/24
 *                              ├── veth ═ eth0 10.77.0.2/24, namespace <lab>-dnsmasq (dnsmasq)
 *                              └── veth ═ eth0, namespace <lab>-client (udhcpc)
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { type Machine, plugIn, udhcpc } from './dhcp-lab.ts';

export const PRINTER = { mac: '52:54:00:77:00:99', ip: '10.77.0.9', name: 'printer' };
const PATIENCE_MS = 30_000;

/** A server that was just started, on a busy machine. */
const PATIENT = ['-t', '10'];

export class DnsmasqRig {
  readonly lab: Lab;
  readonly directory = mkdtempSync(join(tmpdir(), 'chainboot-dnsmasq-'));
  readonly hosts = join(this.directory, 'hosts');
  readonly included = join(this.directory, 'conf.d', 'chainboot.conf');
  readonly file = join(this.directory, 'dnsmasq.conf');
  readonly pid = join(this.directory, 'pid');
  readonly leases = join(this.directory, 'leases');
  /** Our file in the directory of hosts. */
  readonly own = join(this.hosts, 'chainboot');
  private readonly machine: Machine;
  private readonly client: Machine;
  private child: ChildProcess | undefined;
  private said = '';

  private constructor(lab: Lab) {
    this.lab = lab;
    this.machine = plugIn(lab, { name: 'dnsmasq' });
    this.client = plugIn(lab, { name: 'client' });
  }

  static async open(): Promise<DnsmasqRig> {
    const rig = new DnsmasqRig(await createLab({ address: '10.77.0.1/24' }));
    await rig.machine.run('ip', 'address', 'add', '10.77.0.2/24', 'dev', 'eth0');
    rig.write();
    return rig;
  }

  /** As an administrator wrote it. */
  private write(): void {
    for (const name of [this.hosts, join(this.directory, 'conf.d')]) mkdirSync(name);
    const lines = [
      '# Written by hand.',
      'port=0',
      'interface=eth0',
      'no-ping',
      'user=root',
      `pid-file=${this.pid}`,
      `dhcp-leasefile=${this.leases}`,
      'dhcp-range=10.77.0.150,10.77.0.160,1h',
      `dhcp-host=${PRINTER.mac},${PRINTER.ip},${PRINTER.name} # in the hall`,
      `dhcp-hostsdir=${this.hosts}`,
      `conf-dir=${join(this.directory, 'conf.d')},*.conf`,
    ];
    writeFileSync(this.file, `${lines.join('\n')}\n`);
  }

  /** Resolves when it has read its files and answers. */
  async start(): Promise<void> {
    const before = this.said.length;
    const command = ['dnsmasq', '--keep-in-foreground', '--log-facility=-', '--log-dhcp', '-C', this.file];
    const [program, ...args] = this.machine.inside(command);
    const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (data: Buffer) => {
      this.said += data;
    });
    this.child = child;
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(20)) {
      if (/dnsmasq-dhcp\[\d+\]: DHCP, IP range/.test(this.said.slice(before)) && existsSync(this.pid)) return;
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`no dnsmasq: ${this.said}`);
    }
  }

  async stop(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    process.kill(Number(readFileSync(this.pid, 'utf8')), 'SIGTERM');
    await ended;
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
    this.machine.remove();
    this.client.remove();
    await this.lab.close();
    if (existsSync(this.directory)) rmSync(this.directory, { recursive: true });
  }
}
