/**
 * TFTP against atftpd, in.tftpd and dnsmasq: so many clients fetch one loader, all at the same moment, with
 * windows of several sizes where the server knows them (RFC 7440). Needs dist/ (npm run build) and gcc; servers
 * that are not installed are left out. dnsmasq needs root, for its port is always 69.
 *
 * Numbers of different runs do not compare, as machines have moods: servers take turns, and what counts are the
 * ratios of their medians.
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
import { cpuSeconds, markdownTable, median, quantile, roundTrips } from './lib/measure.mjs';

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const FILE_BYTES = 1024 * 1024; // a big loader
const FILE = 'loader';
const BLKSIZE = 1408;
const CLIENTS = [1, 16, 100, 400];
const WINDOWS = [1, 4, 16, 64];
/** What takes longer has failed, seconds. */
const PATIENCE = 30;
const OURS = 'Chainboot';
const PLAIN = 'Chainboot without koffi';
/** An address of its own, so that port 69 on loopback stays free for others. */
const ADDRESS = '127.69.0.1';
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** The claims, as performance goals: what must hold for the medians of a run. */
const GOALS = [
  ...[OURS, PLAIN].flatMap((name) =>
    [16, 100].map((clients) => ({
      what: `${name}: MB/s to the better of atftpd and in.tftpd, window 1, ${clients} clients`,
      value: (of) => ratio(of(name, 1, clients), [of('atftpd', 1, clients), of('in.tftpd', 1, clients)]),
      sign: '≥',
      goal: () => 1,
    })),
  ),
  ...[16, 64].flatMap((window) =>
    [16, 100].map((clients) => ({
      what: `${OURS}: MB/s to atftpd, window ${window}, ${clients} clients`,
      value: (of) => ratio(of(OURS, window, clients), [of('atftpd', window, clients)]),
      sign: '≥',
      goal: () => 1.5,
    })),
  ),
  {
    what: `${OURS}: failed transfers, 400 clients, all windows`,
    value: (of) => WINDOWS.reduce((sum, window) => sum + (of(OURS, window, 400)?.failed ?? 0), 0),
    sign: '≤',
    goal: () => 0,
  },
  {
    what: `${OURS}: requests sent again, window 1, 400 clients, less than with atftpd and in.tftpd`,
    value: (of) => of(OURS, 1, 400)?.requestsAgain,
    sign: '<',
    goal: (of) => least(['atftpd', 'in.tftpd'].map((name) => of(name, 1, 400)?.requestsAgain)),
  },
];

function ratio(ours, peers) {
  const rates = peers.flatMap((peer) => peer?.rate ?? []);
  return ours === undefined || rates.length === 0 ? undefined : ours.rate / Math.max(...rates);
}

function least(values) {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** The process under test. Arguments: dist directory, served directory, with koffi or without. Prints its port. */
async function serve(dist, directory, native) {
  const { TftpServer } = await import(join(dist, 'tftp/server.js'));
  const { createWire } = await import(join(dist, 'link/wire.js'));
  const { parseIpv4 } = await import(join(dist, 'net/ip.js'));
  const { because } = await import(join(dist, 'boot/reason.js'));
  const wire = createWire({ native: native === 'native' });
  const link = { name: 'lo', address: parseIpv4(ADDRESS), prefix: 8, mac: new Uint8Array(6) };
  const server = new TftpServer({
    wire,
    links: [link],
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
  const echo = await wire.open(link, 0);
  echo.onBatch((batch) => echo.send(batch));
  process.once('SIGTERM', () => process.exit()); // an orderly end, so that --cpu-prof writes its profile
  console.log(JSON.stringify({ port: server.addresses[0].port, echo: echo.port }));
}

async function startOurs(dist, directory, native, windows) {
  const args = [fileURLToPath(import.meta.url), 'serve', dist, directory, native];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise((resolve) => createInterface(child.stdout).once('line', resolve));
  return { ...JSON.parse(line), pid: child.pid, windows, stop: () => child.kill() };
}

const PEERS = {
  atftpd: {
    program: 'atftpd',
    args: (port, directory) => [
      ...['--daemon', '--no-fork', '--port', String(port), '--bind-address', ADDRESS],
      ...['--maxthread', '1000', '--verbose=1', '--logfile', '/dev/null', directory],
    ],
    windows: WINDOWS,
  },
  'in.tftpd': {
    program: 'in.tftpd',
    args: (port, directory) => ['-L', '-4', '-a', `${ADDRESS}:${port}`, '-s', directory],
    forks: true, // a process for each transfer, whose CPU time nobody adds up
    windows: [1],
  },
  dnsmasq: {
    program: 'dnsmasq',
    port: 69,
    args: (_port, directory) => [
      ...['-k', '-C', '/dev/null', '--port=0', '--user=root', '--pid-file=', '--bind-interfaces'],
      ...[`--listen-address=${ADDRESS}`, '--enable-tftp', `--tftp-root=${directory}`, '--tftp-max=1000'],
    ],
    windows: [1],
  },
};

/** Undefined when the program is not installed or does not stay. */
async function startPeer({ program, args, port: fixed, windows, forks = false }, directory) {
  if (!PATH.split(':').some((path) => existsSync(join(path, program)))) return undefined;
  const port = fixed ?? (await freePort());
  const child = spawn(program, args(port, directory), {
    stdio: 'ignore',
    env: { ...process.env, PATH },
  });
  await sleep(400);
  if (child.exitCode !== null) return undefined;
  return { port, pid: child.pid, windows, forks, stop: () => child.kill() };
}

async function freePort() {
  const socket = createSocket('udp4');
  await new Promise((resolve) => socket.bind(0, ADDRESS, resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/** Enough of them that a run takes about a second. */
function timesOf(clients, window) {
  const times = { 1: 12, 16: 6 }[clients] ?? 1;
  return clients === 400 || window === 1 ? times : times * 2;
}

async function load(client, server, clients, window) {
  const times = timesOf(clients, window);
  const args = [ADDRESS, server.port, FILE, clients, times, window, PATIENCE].map(String);
  const before = cpuSeconds(server.pid);
  const numbers = JSON.parse((await run(client, args)).stdout);
  const cpu = cpuSeconds(server.pid) - before;
  const { bytes, seconds } = numbers;
  const perPacket = server.forks ? Number.NaN : (cpu * 1e6) / (bytes / BLKSIZE);
  return { ...numbers, rate: bytes / seconds / 1e6, cpu: perPacket };
}

/**
 * Runs everything and answers with medians (`rows`) and, as its text, a Markdown report.
 * @param options `dist`: the built program; `rounds`, in which the servers take turns; `clients` and `windows` to
 *   measure
 */
export async function benchTftp({
  dist = join(HERE, '../dist'),
  rounds = 3,
  clients = CLIENTS,
  windows = WINDOWS,
} = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'chainboot-bench-tftp-'));
  const servers = {};
  try {
    await chmod(directory, 0o755); // the other servers run as other users
    const program = join(directory, 'tftpload');
    await run('gcc', ['-O2', '-o', program, join(HERE, 'tftpload.c')]);
    await writeFile(join(directory, FILE), randomFillSync(Buffer.allocUnsafe(FILE_BYTES)));
    servers[OURS] = await startOurs(dist, directory, 'native', WINDOWS);
    servers[PLAIN] = await startOurs(dist, directory, 'plain', [1, 16]);
    for (const [name, peer] of Object.entries(PEERS)) {
      const started = await startPeer(peer, directory);
      if (started !== undefined) servers[name] = started;
    }
    for (const server of Object.values(servers)) await load(program, server, 16, 1); // warms up
    const rows = [];
    for (const window of windows) {
      for (const count of clients) rows.push(...(await measure(program, servers, count, window, rounds)));
    }
    const delays = [];
    for (const name of [OURS, PLAIN]) delays.push(await delay(program, name, servers[name]));
    return report(rows, delays, servers, rounds);
  } finally {
    for (const server of Object.values(servers)) server.stop();
    await rm(directory, { recursive: true });
  }
}

/** How long a datagram to another port of the process waits, which might be a DHCP request. */
async function delay(program, name, server) {
  const until = { done: false };
  const trips = roundTrips(ADDRESS, server.echo, until);
  const runs = [];
  for (let n = 0; n < 5; n++) runs.push(await load(program, server, 100, 64));
  until.done = true;
  return { name, rate: median(runs.map(({ rate }) => rate)), sorted: await trips };
}

/** One row for each server that knows such windows; they take turns. */
async function measure(program, servers, clients, window, rounds) {
  const able = Object.entries(servers).filter(([, { windows }]) => windows.includes(window));
  const results = new Map(able.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, server] of able) results.get(name).push(await load(program, server, clients, window));
  }
  return [...results].map(([name, runs]) => {
    const of = (key) => median(runs.map((one) => one[key]));
    const sum = (key) => runs.reduce((total, one) => total + one[key], 0);
    const medians = { rate: of('rate'), cpu: of('cpu'), p50: of('p50'), max: of('max') };
    const sums = { requestsAgain: sum('requestsAgain'), acksAgain: sum('acksAgain'), failed: sum('failed') };
    const row = { name, clients, window, ...medians, ...sums };
    process.stderr.write(`${JSON.stringify(row)}\n`);
    return row;
  });
}

function report(rows, delays, servers, rounds) {
  const of = (name, window, clients) =>
    rows.find((row) => row.name === name && row.window === window && row.clients === clients);
  const missing = Object.keys(PEERS).filter((name) => !(name in servers));
  const head = `File of ${FILE_BYTES / 1024} KiB, blksize ${BLKSIZE}, loopback; ${rounds} alternating rounds, medians; lost requests and ACKs and failures are sums.`;
  const notes = missing.length > 0 ? `${head} Not here: ${missing.join(', ')}.` : head;
  return { rows, toString: () => `${notes}\n\n${tableOf(rows)}\n${goalsOf(of)}\n${delaysOf(delays)}` };
}

function tableOf(rows) {
  const head = [
    ...['windowsize', 'clients', 'server', 'MB/s', 'file p50 ms', 'max ms', 'CPU µs/packet'],
    ...['requests again', 'ACKs again', 'failed'],
  ];
  return markdownTable([
    head,
    ...rows.map(({ window, clients, name, rate, p50, max, cpu, requestsAgain, acksAgain, failed }) => [
      ...[window, clients, name, rate.toFixed(1), p50.toFixed(0), max.toFixed(0)],
      Number.isNaN(cpu) ? '–' : cpu.toFixed(1),
      ...[requestsAgain, acksAgain, failed],
    ]),
  ]);
}

function delaysOf(delays) {
  const table = markdownTable([
    ['server', 'MB/s', 'p50', 'p90', 'p99', 'max'],
    ...delays.map(({ name, rate, sorted }) => [
      name,
      rate.toFixed(0),
      ...[0.5, 0.9, 0.99, 1].map((q) => quantile(sorted, q).toFixed(1)),
    ]),
  ]);
  return `Round trip of a datagram answered by the same process during 100 downloads with windows of 64, ms:\n\n${table}`;
}

function goalsOf(of) {
  const reached = (value, goal, sign) =>
    sign === '≥' ? value >= goal : sign === '≤' ? value <= goal : value < goal;
  const known = GOALS.map(({ what, value, goal, sign }) => ({
    what,
    value: value(of),
    goal: goal(of),
    sign,
  }));
  return markdownTable([
    ['medians', 'measured', 'goal', ''],
    ...known
      .filter(({ value, goal }) => value !== undefined && goal !== undefined)
      .map(({ what, value, goal, sign }) => [
        what,
        Number.isInteger(value) ? value : value.toFixed(2),
        `${sign} ${goal}`,
        reached(value, goal, sign) ? 'reached' : 'missed',
      ]),
  ]);
}

if (process.argv[2] === 'serve') await serve(...process.argv.slice(3));
else if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${await benchTftp()}\n`);
