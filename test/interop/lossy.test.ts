/**
 * The built server and the clients of others over a wire that loses, doubles and delays packets (delaylink.c):
 * every file arrives whole, nothing is sent much more often than it was lost, and everybody gets a lease.
 */

import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, type TestContext } from 'vitest';
import { type Faults, type LaidWire, layWire } from '../../bench/lib/wire.mjs';
import { Daemon } from '../system/daemon.ts';

const run = promisify(execFile);

const SERVER = '10.96.0.1';
const FILE = 'pxelinux.0';
const LOADER = `/usr/lib/PXELINUX/${FILE}`;
type Shares = Omit<Faults, 'seed'>;

const FAULTS: Shares = { lost: 0.05, doubled: 0.05, late: 0.05 };
/** A lease is only four packets. */
const MANY_FAULTS: Shares = { lost: 0.25, doubled: 0.25, late: 0.25 };
const ONE_WAY = 5000; // µs
const PATIENCE = 60_000;
const SUBNET = {
  name: 'far',
  network: '10.96.0.0/14',
  gateway: SERVER,
  from: '10.96.1.0',
  to: '10.96.1.9',
};

type Client = {
  readonly name: string;
  readonly program: string;
  readonly debian: string;
  readonly blksize: number;
  /** 1 unless given. */
  readonly window?: number;
  readonly seed: number;
  readonly args: (to: string) => readonly string[];
};

/** atftp takes a second OACK for an error, so its seed doubles none. */
const CLIENTS: readonly Client[] = [
  {
    name: 'atftp',
    program: 'atftp',
    debian: 'atftp',
    blksize: 512,
    seed: 1,
    args: (to) => ['-g', '-r', FILE, '-l', to, SERVER],
  },
  {
    name: 'atftp with windows of 4',
    program: 'atftp',
    debian: 'atftp',
    blksize: 512,
    window: 4,
    seed: 3,
    args: (to) => ['--option', 'windowsize 4', '-g', '-r', FILE, '-l', to, SERVER],
  },
  {
    name: 'tftp-hpa',
    program: 'tftp',
    debian: 'tftp-hpa',
    blksize: 512,
    seed: 4,
    args: (to) => ['-m', 'octet', SERVER, '-c', 'get', FILE, to],
  },
  {
    // With options it would ask for a timeout of 6 s.
    name: 'curl',
    program: 'curl',
    debian: 'curl',
    blksize: 512,
    seed: 5,
    args: (to) => ['-sS', '--tftp-no-options', '-o', to, `tftp://${SERVER}/${FILE}`],
  },
  {
    name: 'busybox',
    program: 'busybox',
    debian: 'busybox',
    blksize: 1432,
    seed: 6,
    args: (to) => ['tftp', '-g', '-b', '1432', '-r', FILE, '-l', to, SERVER],
  },
];

let wire: LaidWire | undefined;
let daemon: Daemon | undefined;

afterEach(async () => {
  await daemon?.close();
  daemon = undefined;
  await wire?.close();
  wire = undefined;
});

function need(ctx: TestContext, program: string, debian: string): void {
  if (process.getuid?.() !== 0) ctx.skip('network namespaces need root');
  for (const [name, found] of [
    ['gcc', 'gcc'],
    [program, debian],
  ] as const) {
    try {
      execFileSync('sh', ['-c', `command -v ${name}`]);
    } catch {
      ctx.skip(`${name} is missing: apt install ${found}`);
    }
  }
  if (!existsSync(LOADER)) ctx.skip(`${LOADER} is missing: apt install pxelinux`);
}

async function lay(seed: number, shares: Shares, hosts: readonly object[] = []): Promise<void> {
  const link = { interface: 's0', address: SERVER };
  const ports = { http: 80, tftp: 69, dhcp: 67 };
  const inside = (command: readonly string[]) => wire!.server(command);
  daemon = new Daemon({ link, ports, inside, site: { subnets: [SUBNET], hosts } });
  wire = await layWire({ directory: daemon.directory, mbit: 100, faults: { seed, ...shares } });
  await wire.setDelay(ONE_WAY);
  await daemon.start();
}

/** Which kinds of faults there were so far. */
async function faults(): Promise<Record<string, boolean>> {
  const { lost, doubled, late } = await wire!.close();
  wire = undefined;
  return { lost: lost > 0, doubled: doubled > 0, late: late > 0 };
}

async function onClient(...command: readonly string[]): Promise<string> {
  const [file, ...args] = wire!.client(command);
  const { stdout } = await run(file!, args, { timeout: PATIENCE });
  return stdout;
}

/** Packets the server's end has sent since it was made. */
function sent(): number {
  const [file, ...args] = wire!.server(['cat', '/sys/class/net/s0/statistics/tx_packets']);
  return Number(execFileSync(file!, args, { encoding: 'utf8' }));
}

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('a loader by TFTP', () => {
  it.for(CLIENTS)('reaches $name whole', { timeout: PATIENCE }, async (client, ctx) => {
    need(ctx, client.program, client.debian);
    await lay(client.seed, FAULTS);
    const to = join(daemon!.directory, 'received');
    const before = sent();
    await onClient(client.program, ...client.args(to));
    expect(sha256(to)).toBe(sha256(LOADER));
    const blocks = Math.floor(readFileSync(LOADER).length / client.blksize) + 1;
    // Were doubled packets answered twice, every block after the first of them would be sent twice. Of a window,
    // whatever follows a block that is lost or late is sent again (RFC 7440 §4).
    expect((sent() - before) / blocks).toBeLessThan(
      client.window === undefined ? 1.5 : 1 + client.window / 2,
    );
    expect(await faults()).toMatchObject({ doubled: true, late: true });
  });
});

describe('a lease', () => {
  const MAC = '52:54:00:77:00:10';
  const RESERVED = { name: 'vm10.far', mac: MAC, ip: '10.96.2.10' };

  async function asNewMachine(seed: number): Promise<string> {
    await lay(seed, MANY_FAULTS, [RESERVED]);
    await onClient('ip', 'address', 'flush', 'dev', 'c0');
    await onClient('ip', 'link', 'set', 'c0', 'address', MAC);
    const script = join(daemon!.directory, 'told.sh');
    const told = join(daemon!.directory, 'told');
    writeFileSync(script, `#!/bin/sh\nenv >>${told}\nexit 0\n`);
    chmodSync(script, 0o755);
    return script;
  }

  const told = () => readFileSync(join(daemon!.directory, 'told'), 'utf8');

  it.for([16, 7])('reaches udhcpc, seed %i', { timeout: PATIENCE }, async (seed, ctx) => {
    need(ctx, 'udhcpc', 'udhcpc');
    const script = await asNewMachine(seed);
    await onClient('udhcpc', '-i', 'c0', '-n', '-q', '-f', '-t', '8', '-T', '1', '-s', script);
    expect(told()).toContain('ip=10.96.2.10\n');
    expect(told()).toContain(`router=${SERVER}\n`);
    expect(await faults()).toMatchObject({ lost: true, doubled: true });
  });

  it.for([25, 9])('reaches dhclient, seed %i', { timeout: PATIENCE }, async (seed, ctx) => {
    need(ctx, 'dhclient', 'isc-dhcp-client');
    const script = await asNewMachine(seed);
    // Its own first interval is 10 s.
    writeFileSync(join(daemon!.directory, 'conf'), 'initial-interval 1; backoff-cutoff 2;\n');
    const files = [...at('-cf', 'conf'), ...at('-lf', 'leases'), ...at('-pf', 'pid')];
    await onClient('dhclient', '-4', '-1', ...files, '-sf', script, 'c0');
    process.kill(await writtenPid(join(daemon!.directory, 'pid')));
    expect(told()).toContain('new_ip_address=10.96.2.10\n');
    expect(told()).toContain(`new_routers=${SERVER}\n`);
    expect(await faults()).toMatchObject({ lost: true, doubled: true });
  });

  const at = (option: string, name: string) => [option, join(daemon!.directory, name)];
});

/** The process that goes on in the background writes it a moment after the one in front has ended. */
async function writtenPid(file: string): Promise<number> {
  const pid = () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
  await expect.poll(pid, { timeout: 60_000 }).toBeGreaterThan(0);
  return pid();
}
