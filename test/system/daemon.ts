/** The built program as a user starts it: files in a directory of its own, `chainboot serve` as a process. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { makeStandInMedium } from '../../src/lab/medium.ts';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const START_MS = 60_000;

export type Ports = { readonly http: number; readonly tftp: number; readonly dhcp: number };
export type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };
/** How a command is run where the daemon lives: as it is, or inside a namespace. */
export type Inside = (command: readonly string[]) => readonly string[];

export type DaemonOptions = {
  readonly link: {
    readonly interface: string;
    readonly address: string;
    readonly mode?: 'server' | 'proxy' | 'off';
  };
  readonly ports: Ports;
  readonly site: object;
  readonly config?: object;
  readonly inside?: Inside;
  /** What runs; serve unless given. */
  readonly verb?: 'serve' | 'proxy';
};

const MEDIUM = 'Debian local';
export const DEBIAN = {
  name: 'Debian',
  major: '12',
  family: 'Debian',
  release_name: 'bookworm',
  media: [MEDIUM],
};

/** A host that installs Debian 12 and reports at once. */
export function installing(name: string, mac: string, ip: string, fields: object = {}): object {
  const parameters = { chainboot_report: 'early' };
  return { name, mac, ip, operatingsystem: 'Debian 12', medium: MEDIUM, build: true, parameters, ...fields };
}

export class Daemon {
  readonly directory = mkdtempSync(join(tmpdir(), 'chainboot-system-'));
  readonly log: string[] = [];
  readonly ports: Ports;
  private readonly options: DaemonOptions;
  private readonly inside: Inside;
  private child: ChildProcess | undefined;

  /** Writes configuration and site; nothing runs yet. */
  constructor(options: DaemonOptions) {
    this.options = options;
    this.ports = options.ports;
    this.inside = options.inside ?? ((command) => command);
    makeStandInMedium(join(this.directory, 'medium'));
    this.writeConfig();
    this.writeSite(options.site);
  }

  get configFile(): string {
    return join(this.directory, 'chainboot.yaml');
  }

  get siteFile(): string {
    return join(this.directory, 'site.yaml');
  }

  get url(): string {
    return `http://${this.options.link.address}:${this.ports.http}`;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  writeConfig(changes: object = {}): void {
    const { link, ports, config } = this.options;
    const base = {
      database: join(this.directory, 'chainboot.db'),
      links: [{ mode: 'server', ...link }],
      http: { port: ports.http },
      tftp: { port: ports.tftp },
      dhcp: { port: ports.dhcp },
      // On one port of an address that several daemons share; tests of it say which.
      api: { enabled: false },
    };
    writeFileSync(this.configFile, stringify({ ...base, ...config, ...changes }));
  }

  writeSite(site: object): void {
    const media = [{ name: MEDIUM, path: join(this.directory, 'medium'), os_family: 'Debian' }];
    writeFileSync(this.siteFile, stringify({ media, operatingsystems: [DEBIAN], ...site }));
  }

  /** Runs a verb to its end. */
  cli(...args: string[]): Ran {
    const [file, ...rest] = this.inside([process.execPath, MAIN, '--config', this.configFile, ...args]);
    const { status, stdout, stderr } = spawnSync(file!, rest, { encoding: 'utf8', timeout: 60_000 });
    return { status: status ?? -1, stdout, stderr };
  }

  /** Starts a verb that goes on until it is killed. */
  spawn(...args: string[]): ChildProcess {
    const [file, ...rest] = this.inside([process.execPath, MAIN, '--config', this.configFile, ...args]);
    return spawn(file!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** `boots --follow`, once it follows. */
  async follow(...args: string[]): Promise<ChildProcess> {
    const child = this.spawn('boots', '--follow', ...args);
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (data: Buffer) => data.toString().includes('Following') && resolve());
      child.once('exit', (status) => reject(new Error(`boots --follow ended with ${status}`)));
    });
    return child;
  }

  json<T>(...args: string[]): T {
    const { status, stdout, stderr } = this.cli(...args, '--json');
    if (status !== 0) throw new Error(`chainboot ${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  apply(): Ran {
    return this.cli('apply', '-f', this.siteFile);
  }

  /** Applies the site and starts serving; resolves when the daemon says that it is ready. */
  async start(): Promise<this> {
    const applied = this.apply();
    if (applied.status !== 0) throw new Error(applied.stderr);
    await this.serve();
    return this;
  }

  async serve(): Promise<void> {
    const before = this.log.length;
    const { verb = 'serve' } = this.options;
    const [file, ...rest] = this.inside([process.execPath, MAIN, '--config', this.configFile, verb]);
    const child = spawn(file!, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (data: Buffer) => this.log.push(...data.toString().split('\n').filter(Boolean)));
    this.child = child;
    await this.logged(/"msg":"ready"/, before);
  }

  /** Waits for a line of the log, after the first `from` lines. */
  async logged(pattern: RegExp, from = 0): Promise<string> {
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      const line = this.log.slice(from).find((each) => pattern.test(each));
      if (line !== undefined) return line;
      if (this.child !== undefined && this.child.exitCode !== null) break;
      await sleep(20);
    }
    throw new Error(`no ${pattern} in the log:\n${this.log.join('\n')}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** The exit status, or the name of the signal that ended it. */
  async ended(signal: NodeJS.Signals): Promise<number | string> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? 0;
    const exit = new Promise<number | string>((resolve) =>
      child.once('exit', (code, name) => resolve(code ?? name ?? '')),
    );
    child.kill(signal);
    const status = await exit;
    this.child = undefined;
    return status;
  }

  async close(): Promise<void> {
    await this.ended('SIGTERM');
    if (existsSync(this.directory)) rmSync(this.directory, { recursive: true });
  }
}

/** Three ports nobody listens on; TCP and UDP numbers are taken together. */
export async function freePorts(): Promise<Ports> {
  const [http = 0, tftp = 0, dhcp = 0] = await Promise.all([freePort(), freePort(), freePort()]);
  return { http, tftp, dhcp };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
