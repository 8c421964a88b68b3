/**
 * A dhcpd in a namespace of its own, with files in a directory of its own. OMAPI is TCP alone: each connection to a port of
 * this machine goes on through a process in that namespace.
 *
 *     namespace of the lab ── br0
 *                              ├── veth ═ eth0 10.78.0.2/24, namespace <lab>-isc (dhcpd)
 *                              └── veth ═ eth0, namespace <lab>-client (udhcpc)
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { type Machine, plugIn, udhcpc } from './dhcp-lab.ts';

const PATIENCE_MS = 30_000;
const OMAPI_PORT = 7911;
const SECRET = 'c2VjcmV0LXNlY3JldC1zZWNyZXQ=';
export const PRINTER = { mac: '52:54:00:78:00:99', ip: '10.78.0.9' };

/** A server that was just started, on a busy machine. */
const PATIENT = ['-t', '10'];

/** A pipe for each connection: standard input and output of this are TCP to OMAPI. */
const PIPE = `
const socket = require('node:net').connect(${OMAPI_PORT}, '127.0.0.1');
socket.on('error', () => process.exit(1));
process.stdin.pipe(socket);
socket.pipe(process.stdout);
`;

export class IscRig {
  readonly directory = mkdtempSync(join(tmpdir(), 'chainboot-isc-'));
  readonly config = join(this.directory, 'dhcpd.conf');
  readonly includeFile = join(this.directory, 'chainboot.conf');
  readonly leases = join(this.directory, 'dhcpd.leases');
  readonly pidFile = join(this.directory, 'dhcpd.pid');
  readonly keyFile = join(this.directory, 'omapi.key');
  private readonly lab: Lab;
  private readonly machine: Machine;
  private readonly client: Machine;
  private readonly pipes = new Set<ChildProcess>();
  private server: Server | undefined;
  private child: ChildProcess | undefined;
  private said = '';

  private constructor(lab: Lab) {
    this.lab = lab;
    this.machine = plugIn(lab, { name: 'isc' });
    this.client = plugIn(lab, { name: 'client' });
  }

  static async open(): Promise<IscRig> {
    const rig = new IscRig(await createLab({ address: '10.78.0.1/24' }));
    await rig.machine.run('ip', 'address', 'add', '10.78.0.2/24', 'dev', 'eth0');
    rig.server = createServer({ allowHalfOpen: false }, (socket) => rig.pipe(socket));
    await new Promise<void>((resolve) => rig.server!.listen(0, '127.0.0.1', resolve));
    return rig;
  }

  /** Of OMAPI, on the loopback of this machine. */
  get port(): number {
    return (this.server!.address() as { port: number }).port;
  }

  /** As an administrator wrote it. */
  write(algorithm = 'hmac-md5'): void {
    writeFileSync(this.keyFile, `key omapi_key { algorithm ${algorithm}; secret "${SECRET}"; };\n`);
    writeFileSync(this.includeFile, '');
    writeFileSync(this.leases, '');
    writeFileSync(
      this.config,
      `# Written by hand.
include "omapi.key";
omapi-port ${OMAPI_PORT};
omapi-key omapi_key;
include "${this.includeFile}";
ddns-update-style none;
ping-check false;
subnet 10.78.0.0 netmask 255.255.255.0 { range 10.78.0.150 10.78.0.160; default-lease-time 600; }
group {
  host printer { hardware ethernet ${PRINTER.mac}; fixed-address ${PRINTER.ip}; }
}
`,
    );
  }

  async start(): Promise<void> {
    const files = ['-cf', this.config, '-lf', this.leases, '-pf', this.pidFile];
    const [program, ...args] = this.machine.inside(['dhcpd', '-4', '-d', ...files, 'eth0']);
    const child = spawn(program!, args, { cwd: this.directory, stdio: ['ignore', 'ignore', 'pipe'] });
    this.said = '';
    child.stderr.on('data', (data: Buffer) => {
      this.said += data;
    });
    this.child = child;
    for (const deadline = Date.now() + PATIENCE_MS; !this.said.includes('Server starting'); await sleep(50))
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`no dhcpd: ${this.said}`);
  }

  async stop(): Promise<void> {
    await ended(this.child);
    this.child = undefined;
    rmSync(this.pidFile, { force: true });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** What omshell says to these commands, connected with the key. */
  omshell(...commands: readonly string[]): string {
    const [program, ...args] = this.machine.inside(['omshell']);
    const input = [`port ${OMAPI_PORT}`, `key omapi_key ${SECRET}`, 'connect', ...commands, ''].join('\n');
    return spawnSync(program!, args, { input, encoding: 'utf8', timeout: PATIENCE_MS }).stdout;
  }

  /** What a machine of that MAC address is told, `ip=… boot_file=…`, one a line. */
  async told(mac: string, ...options: readonly string[]): Promise<string> {
    this.client.setMac(mac);
    return udhcpc(this.client, this.directory, ...PATIENT, ...options);
  }

  text(file: string): string {
    return readFileSync(file, 'utf8');
  }

  async close(): Promise<void> {
    await this.stop();
    await new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
    for (const pipe of this.pipes) await ended(pipe);
    this.machine.remove();
    this.client.remove();
    await this.lab.close();
    if (existsSync(this.directory)) rmSync(this.directory, { recursive: true });
  }

  private pipe(socket: Socket): void {
    const [program, ...args] = this.machine.inside([process.execPath, '-e', PIPE]);
    const pipe = spawn(program!, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.pipes.add(pipe);
    pipe.on('exit', () => {
      this.pipes.delete(pipe);
      socket.destroy();
    });
    pipe.stdin.on('error', () => {});
    socket.on('error', () => {});
    socket.on('close', () => pipe.kill());
    socket.pipe(pipe.stdin);
    pipe.stdout.pipe(socket);
  }
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exit;
}
