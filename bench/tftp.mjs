/**
 * TFTP against atftpd, in.tftpd and dnsmasq: many clients fetching one file, closed loop, windowsize 1 and 16.
 * Needs dist/ (npm run build) and gcc; servers that are not installed are left out. dnsmasq needs root, for
 * its port is always 69.
 */

import { execFile, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const FILE_BYTES = 1024 * 1024; // a big loader
const FILE = 'loader';
/** An address of its own, so that port 69 on loopback stays free for others. */
const ADDRESS = '127.69.0.1';
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** The process under test. Arguments: dist directory, served directory. Prints its port. */
async function serve(dist, directory) {
  const { TftpServer } = await import(join(dist, 'tftp/server.js'));
  const { createWire } = await import(join(dist, 'link/wire.js'));
  const { parseIpv4 } = await import(join(dist, 'net/ip.js'));
  const { because } = await import(join(dist, 'boot/reason.js'));
  const server = new TftpServer({
    wire: createWire(),
    links: [{ name: 'lo', address: parseIpv4(ADDRESS), prefix: 8, mac: new Uint8Array(6) }],
    port: 0,
    resolve: async (name) => {
      const path = join(directory, name);
      return { kind: 'file', path, because: because('loader-file', { name, path }) };
    },
    record: () => {},
    now: Date.now,
    log: console.error,
    limits: { perClient: 1000 }, // all clients have one address
  });
  await server.start();
  process.once('SIGTERM', () => process.exit()); // an orderly end, so that --cpu-prof writes its profile
  console.log(server.addresses[0].port);
}

async function startOurs(dist, directory) {
  const args = [fileURLToPath(import.meta.url), 'serve', dist, directory];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise((resolve) => createInterface(child.stdout).once('line', resolve));
  return { port: Number(line), stop: () => child.kill() };
}

const PEERS = {
  atftpd: {
    program: 'atftpd',
    args: (port, directory) => [
      ...['--daemon', '--no-fork', '--port', String(port), '--bind-address', ADDRESS],
      ...['--maxthread', '1000', '--verbose=1', '--logfile', '/dev/null', directory],
    ],
    windows: true,
  },
  'in.tftpd': {
    program: 'in.tftpd',
    args: (port, directory) => ['-L', '-4', '-a', `${ADDRESS}:${port}`, '-s', directory],
    windows: false,
  },
  dnsmasq: {
    program: 'dnsmasq',
    port: 69,
    args: (_port, directory) => [
      ...['-k', '-C', '/dev/null', '--port=0', '--user=root', '--pid-file=', '--bind-interfaces'],
      ...[`--listen-address=${ADDRESS}`, '--enable-tftp', `--tftp-root=${directory}`, '--tftp-max=1000'],
    ],
    windows: false,
  },
};

/** Undefined when the program is not installed or does not stay. */
async function startPeer({ program, args, port: fixed, windows }, directory) {
  if (!PATH.split(':').some((path) => existsSync(join(path, program)))) return undefined;
  const port = fixed ?? (await freePort());
  const child = spawn(program, args(port, directory), {
    stdio: 'ignore',
    env: { ...process.env, PATH },
  });
  await sleep(400);
  return child.exitCode === null ? { port, windows, stop: () => child.kill() } : undefined;
}

async function freePort() {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, ADDRESS, resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

async function load(client, server, clients, window, seconds) {
  const args = [ADDRESS, server.port, FILE, clients, window, seconds].map(String);
  const { stdout } = await run(client, args);
  const [bytes, files, repeated, , errors, took, granted] = stdout.trim().split(' ').map(Number);
  return { rate: bytes / took / 1e6, files, repeated, errors, granted };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/**
 * Runs everything and answers with a Markdown report. `dist`: the built program; `rounds` alternate between
 * the servers, `seconds` is the length of each single run.
 */
export async function benchTftp({ dist = join(HERE, '../dist'), rounds = 3, seconds = 1.5 } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'chainboot-bench-tftp-'));
  const servers = {};
  try {
    await chmod(directory, 0o755); // the other servers run as other users
    const client = join(directory, 'tftpload');
    await run('gcc', ['-O2', '-o', client, join(HERE, 'tftpload.c')]);
    await writeFile(join(directory, FILE), randomFillSync(Buffer.allocUnsafe(FILE_BYTES)));
    servers.chainboot = { ...(await startOurs(dist, directory)), windows: true };
    for (const [name, peer] of Object.entries(PEERS)) {
      const started = await startPeer(peer, directory);
      if (started !== undefined) servers[name] = started;
    }
    return await report(client, servers, rounds, seconds);
  } finally {
    for (const server of Object.values(servers)) server.stop();
    await rm(directory, { recursive: true });
  }
}

async function report(client, servers, rounds, seconds) {
  const missing = Object.keys(PEERS).filter((name) => !(name in servers));
  const lines = [
    `File of ${FILE_BYTES / 1024} KiB, blksize 1408, loopback; ${rounds} alternating rounds of ${seconds} s, medians.`,
    ...(missing.length > 0 ? [`Not here: ${missing.join(', ')}.`] : []),
    '',
    '| windowsize | clients | server | MB/s | chainboot / it | requests sent again | failed |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const [window, clients] of [1, 16].flatMap((window) => [1, 16, 100].map((n) => [window, n]))) {
    // The others do not know RFC 7440: nothing to compare with.
    const able = Object.entries(servers).filter(([, { windows }]) => window === 1 || windows);
    const results = await alternate(rounds, able, (server) => load(client, server, clients, window, seconds));
    for (const [name, runs] of Object.entries(results)) {
      const ratio = median(runs.map((one, round) => results.chainboot[round].rate / one.rate)).toFixed(2);
      const cells = [
        median(runs.map((one) => one.rate)).toFixed(1),
        name === 'chainboot' ? '' : ratio,
        runs.reduce((sum, one) => sum + one.repeated, 0),
        runs.reduce((sum, one) => sum + one.errors, 0),
      ];
      lines.push(`| ${window} | ${clients} | ${name} | ${cells.join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** `{ name: [result of each round] }`, the servers taking turns. */
async function alternate(rounds, servers, measure) {
  const results = Object.fromEntries(servers.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, server] of servers) results[name].push(await measure(server));
  }
  return results;
}

if (process.argv[2] === 'serve') await serve(...process.argv.slice(3));
else if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(await benchTftp());
