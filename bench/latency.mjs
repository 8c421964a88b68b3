/**
 * What the way to a machine's kernel and initrd costs when the server is not next door: Debian's installer by TFTP
 * with windows of 1, 16 and 64 and by HTTP, at round trips of 0.2 to 100 ms, from Chainboot and from the servers
 * people use. The wire is delaylink.c. Needs root, gcc, iproute2, BusyBox, dist/ (npm run build), the installer
 * (debian-installer-12-netboot-amd64), dnsmasq, atftpd and nginx.
 *
 * TFTP in full would take hours: each transfer is broken off after a few seconds, and the whole is projected from
 * what a window took, from one acknowledgement to the next, as the median. HTTP is measured whole.
 */

import { execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SERVER_ADDRESS, SERVER_DEVICE } from './lib/cable.mjs';
import { latencyChart } from './lib/latency-chart.mjs';
import { markdownTable, median } from './lib/measure.mjs';
import { layWire } from './lib/wire.mjs';

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64';
const FILES = ['linux', 'initrd.gz'];
const MBIT = 1000;
const BLKSIZE = 1432; // iPXE's; PXELINUX asks for 1408 and needs 1.7 % more blocks
const IPXE_WINDOW = 256 * 1024;
const ROUND_TRIPS = [0.2, 1, 10, 50, 100]; // ms
/** A look at the sockets costs time of its own, and what it shows is the same at all round trips. */
const LOOKS_FROM = 50; // ms
/** Where a run takes longer, chance has less to say. */
const HTTP_ROUNDS = { 0.2: 5, 1: 5, 10: 3, 50: 1, 100: 1 };

const TFTP_WAYS = [1, 16, 64].map((window) => ({
  key: `tftp-${window}`,
  name: `TFTP, window ${window}`,
  window,
}));
const HTTP_WAYS = [
  { key: 'ipxe', name: "HTTP, iPXE's window, one connection", connections: 'one', window: IPXE_WINDOW },
  {
    key: 'ipxe-each',
    name: "HTTP, iPXE's window, one for each file",
    connections: 'each',
    window: IPXE_WINDOW,
  },
  { key: 'auto', name: 'HTTP, growing window, one connection', connections: 'one', window: 0 },
  { key: 'auto-each', name: 'HTTP, growing window, one for each file', connections: 'each', window: 0 },
];

const GOALS = [
  { roundTrip: 10, least: 150 },
  { roundTrip: 50, least: 200 },
];
const NGINX_GOALS = [
  { name: '10 ms and more', holds: (roundTrip) => roundTrip >= 10, most: 1.1 },
  { name: 'less than 10 ms', holds: (roundTrip) => roundTrip < 10, most: 1.25 },
];

/** The process under test, inside the server's namespace. Arguments: dist directory, served directory. */
async function serve(dist, directory) {
  const load = (module) => import(join(dist, module));
  const { TftpServer } = await load('tftp/server.js');
  const { createWire } = await load('link/wire.js');
  const { linkOf } = await load('link/links.js');
  const { because } = await load('boot/reason.js');
  const { BootHttpServer } = await load('http/server.js');
  const { FileCache } = await load('http/file-cache.js');
  const common = { now: Date.now, log: console.error };
  const tftp = new TftpServer({
    ...common,
    wire: createWire(),
    links: [linkOf(SERVER_DEVICE)],
    port: 0,
    resolve: async (name) => {
      const path = join(directory, name);
      return { kind: 'file', path, because: because('loader-file', { name, path }) };
    },
    record: () => {},
  });
  await tftp.start();
  const file = {
    methods: ['GET', 'HEAD'],
    pattern: '/:name',
    handle: async (_request, { name }) => ({ kind: 'file', path: join(directory, name), name }),
  };
  const http = new BootHttpServer({ ...common, routes: [file], cache: new FileCache() });
  await http.start([{ address: SERVER_ADDRESS, port: 0 }]);
  console.log(JSON.stringify({ tftp: tftp.addresses[0].port, http: http.addresses[0].port }));
}

/** `{ name, tftp, http, windows, stop }` of each server that runs; ports undefined where it does not speak it. */
async function startServers(wire, directory, dist) {
  const started = [];
  const start = (name, command, rest) => {
    const [file, ...args] = wire.server(command);
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const server = { name, ...rest, child, stop: () => child.kill() };
    started.push(server);
    return server;
  };
  const ours = start('Chainboot', [
    process.execPath,
    fileURLToPath(import.meta.url),
    'serve',
    dist,
    directory,
  ]);
  const [line] = await new Promise((resolve, reject) => {
    createInterface(ours.child.stdout).once('line', (...all) => resolve(all));
    ours.child.once('exit', () => reject(new Error('Chainboot did not start')));
  });
  Object.assign(ours, JSON.parse(line), { windows: true });
  start(
    'dnsmasq',
    [
      ...['dnsmasq', '-k', '-C', '/dev/null', '--port=0', '--user=root', '--pid-file=', '--bind-interfaces'],
      ...[`--listen-address=${SERVER_ADDRESS}`, '--enable-tftp', `--tftp-root=${directory}`],
    ],
    { tftp: 69, windows: false },
  );
  start(
    'atftpd',
    [
      ...['atftpd', '--daemon', '--no-fork', '--port', '1069', '--bind-address', SERVER_ADDRESS],
      ...['--verbose=1', '--logfile', '/dev/null', directory],
    ],
    { tftp: 1069, windows: true },
  );
  start('nginx', ['nginx', '-p', directory, '-c', nginxConfig(directory)], { http: 80 });
  await sleep(1000);
  const fallen = started.find(({ child }) => child.exitCode !== null);
  if (fallen !== undefined) {
    for (const server of started) server.stop();
    throw new Error(`${fallen.name} did not start`);
  }
  return started;
}

function nginxConfig(directory) {
  const config = join(directory, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log ${directory}/nginx.log;
     events { worker_connections 1024; }
     http { access_log off; sendfile on; tcp_nopush on;
            server { listen ${SERVER_ADDRESS}:80; root ${directory}; } }\n`,
  );
  return config;
}

/**
 * Runs everything in less than six minutes.
 * @param seconds length of one TFTP transfer
 * @returns `{ files, toString }`: the Markdown as text, and the chart by its place in the project
 */
export async function benchLatency({
  dist = join(HERE, '../dist'),
  seconds = 2,
  roundTrips = ROUND_TRIPS,
} = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'chainboot-bench-latency-'));
  const undo = [() => rmSync(directory, { recursive: true })];
  try {
    chmodSync(directory, 0o755); // the other servers run as other users
    const clients = buildClients(directory);
    for (const file of FILES) copyFileSync(join(INSTALLER, file), join(directory, file));
    const wire = await layWire({ directory, mbit: MBIT });
    undo.push(() => wire.close());
    const servers = await startServers(wire, directory, dist);
    undo.push(() => {
      for (const { stop } of servers) stop();
    });
    const measured = [];
    for (const roundTrip of roundTrips) {
      measured.push(await measure({ wire, servers, clients, seconds, roundTrip }));
      process.stderr.write(`${JSON.stringify(measured.at(-1))}\n`);
    }
    return report(measured, seconds);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

function buildClients(directory) {
  const build = (name) => {
    const program = join(directory, name);
    execFileSync('gcc', ['-O2', '-o', program, join(HERE, `${name}.c`)]);
    return program;
  };
  return { tftp: build('tftpget'), http: build('httpget') };
}

/** Everything at one round trip: `{ roundTrip, real, rows, window }`. */
async function measure({ wire, servers, clients, seconds, roundTrip }) {
  await wire.setDelay((roundTrip * 1000) / 2);
  const real = await ping(wire);
  const rows = [];
  for (const way of TFTP_WAYS) {
    for (const server of servers.filter(({ tftp, windows }) => tftp && (windows || way.window === 1))) {
      rows.push({
        way: way.key,
        server: server.name,
        ...(await byTftp(wire, clients, server, way, seconds)),
      });
    }
  }
  let window = 0;
  for (const way of HTTP_WAYS) {
    const able = servers.filter(({ http }) => http);
    const times = new Map(able.map(({ name }) => [name, []]));
    const watch = way.window > 0 && roundTrip >= LOOKS_FROM ? watchWindow(wire) : undefined;
    for (let round = 0; round < HTTP_ROUNDS[roundTrip]; round++) {
      for (const server of able) times.get(server.name).push(await byHttp(wire, clients, server, way));
    }
    window = Math.max(window, watch?.stop() ?? 0);
    for (const [server, runs] of times) {
      rows.push({ way: way.key, server, time: median(runs), part: 1, runs });
    }
  }
  return { roundTrip, real, rows, window };
}

/** Mean of the round trip of an ICMP echo, milliseconds. */
async function ping(wire) {
  const [file, ...args] = wire.client(['busybox', 'ping', '-A', '-q', '-c', '20', SERVER_ADDRESS]);
  const { stdout } = await run(file, args);
  return Number(/= [\d.]+\/([\d.]+)\//.exec(stdout)[1]);
}

/** `time`: seconds both files would take; `part`: how much of them was transferred, 0 to 1. */
async function byTftp(wire, clients, server, { window }, seconds) {
  const total = FILES.reduce((sum, file) => sum + statSync(join(INSTALLER, file)).size, 0);
  const wish = [SERVER_ADDRESS, server.tftp, FILES[1], BLKSIZE, window, seconds].map(String);
  const [file, ...args] = wire.client([clients.tftp, ...wish]);
  const { stdout } = await run(file, args);
  const [bytes, perWindow, setup, granted] = stdout.trim().split(' ').map(Number);
  if (granted !== window) throw new Error(`${server.name} granted a window of ${granted}, not ${window}`);
  const windows = Math.ceil(total / (BLKSIZE * window));
  return { time: FILES.length * setup + windows * perWindow, part: bytes / total };
}

/** Seconds for both files. */
async function byHttp(wire, clients, server, { connections, window }) {
  const wish = [SERVER_ADDRESS, server.http, connections, window, ...FILES.map((file) => `/${file}`)];
  const [file, ...args] = wire.client([clients.http, ...wish.map(String)]);
  const { stdout } = await run(file, args);
  return Number(stdout.split(' ')[1]);
}

/** The receive window a client advertised most of the time, as the servers' sockets saw it; `stop` says it. */
function watchWindow(wire) {
  const seen = [];
  const look = () => {
    const [file, ...args] = wire.server(['ss', '-H', '-t', '-i', '-n', 'state', 'established']);
    const sockets = execFileSync(file, args, { encoding: 'utf8' }).matchAll(/snd_wnd:(\d+)/g);
    seen.push(...[...sockets].map(([, bytes]) => Number(bytes)));
  };
  const timer = setInterval(look, 250);
  return {
    stop: () => {
      clearInterval(timer);
      return seen.length > 0 ? median(seen) : 0;
    },
  };
}

function report(measured, seconds) {
  const markdown = [conditions(measured, seconds), timesOf(measured), ratiosOf(measured), goalsOf(measured)];
  return {
    files: { 'docs/latency.svg': latencyChart(measured) },
    toString: () => markdown.join('\n'),
  };
}

function conditions(measured, seconds) {
  const trips = measured.map(({ roundTrip, real }) => `${roundTrip} → ${real.toFixed(2)}`).join(', ');
  const window = Math.max(...measured.map((at) => at.window));
  return [
    `Debian 12's installer, linux and initrd.gz, 49.0 MB, over ${MBIT} Mbit/s. Round trips as asked for → as an ICMP`,
    `echo took them, ms: ${trips}.`,
    `TFTP with blocks of ${BLKSIZE} bytes is measured for ${seconds} s, and the whole is projected from the median`,
    'of what a window took: the share that was transferred stands in brackets. HTTP is measured whole.',
    `iPXE's window is ${IPXE_WINDOW} bytes; the servers' sockets saw ${window || 'none, for it was too quick'}.`,
    '',
  ].join('\n');
}

function timesOf(measured) {
  const ways = [...TFTP_WAYS, ...HTTP_WAYS];
  const rows = ways.flatMap(({ key, name }) =>
    serversOf(measured, key).map((server) => [
      name,
      server,
      ...measured.map((at) => cell(find(at, key, server))),
    ]),
  );
  return markdownTable([['way', 'server', ...measured.map(({ roundTrip }) => `${roundTrip} ms`)], ...rows]);
}

const serversOf = (measured, way) =>
  measured[0].rows.filter((row) => row.way === way).map(({ server }) => server);
const find = (at, way, server) => at.rows.find((row) => row.way === way && row.server === server);
const timeOf = (at, way, server = 'Chainboot') => find(at, way, server).time;

function cell({ time, part }) {
  return part > 0.99 ? duration(time) : `${duration(time)} (${percent(part)})`;
}

function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

const percent = (part) => `${(part * 100).toFixed(part < 0.1 ? 2 : 0)} %`;

/** How many times faster than TFTP with a window of 1, the same server. */
function ratiosOf(measured) {
  const rows = [...TFTP_WAYS.slice(1), ...HTTP_WAYS].map(({ key, name }) => [
    name,
    ...measured.map((at) => (timeOf(at, 'tftp-1') / timeOf(at, key)).toFixed(0)),
  ]);
  return markdownTable([
    ['Chainboot, times faster than TFTP, window 1', ...measured.map(({ roundTrip }) => `${roundTrip} ms`)],
    ...rows,
  ]);
}

function goalsOf(measured) {
  const faster = GOALS.flatMap(({ roundTrip, least }) => {
    const at = measured.find((one) => one.roundTrip === roundTrip);
    if (at === undefined) return [];
    return HTTP_WAYS.map(({ key, name }) => {
      const ratio = timeOf(at, 'tftp-1') / timeOf(at, key);
      const verdict = ratio >= least ? 'reached' : 'missed';
      return [`TFTP, window 1, to ${name}, at ${roundTrip} ms`, ratio.toFixed(0), `≥ ${least}`, verdict];
    });
  });
  const beside = NGINX_GOALS.flatMap(({ name, holds, most }) => {
    const ratios = measured.filter(({ roundTrip }) => holds(roundTrip)).flatMap(toNginx);
    if (ratios.length === 0) return [];
    const worst = Math.max(...ratios);
    const what = `time to nginx's, the worst of ${ratios.length} cases at ${name}`;
    return [[what, worst.toFixed(2), `≤ ${most}`, worst <= most ? 'reached' : 'missed']];
  });
  const table = markdownTable([['ratio', 'measured', 'goal', ''], ...faster, ...beside]);
  return `${table}\n${bound()}`;
}

/** What physics leave to a server whose client has iPXE's window and one connection. */
function bound() {
  const total = FILES.reduce((sum, file) => sum + statSync(join(INSTALLER, file)).size, 0);
  const [blocks, windows] = [Math.ceil(total / BLKSIZE), Math.ceil(total / IPXE_WINDOW)];
  return [
    `With iPXE's window on one connection, no server can be more than ${Math.round(blocks / windows)} times as fast:`,
    `both files are ${blocks} blocks, a round trip each, or ${windows} windows.`,
    '',
  ].join('\n');
}

/** Our time to nginx's, the median of the rounds, for each way by HTTP. */
function toNginx(at) {
  return HTTP_WAYS.map(({ key }) => {
    const [ours, theirs] = [find(at, key, 'Chainboot').runs, find(at, key, 'nginx').runs];
    return median(ours.map((time, round) => time / theirs[round]));
  });
}

if (process.argv[2] === 'serve') await serve(...process.argv.slice(3));
else if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(`${await benchLatency()}\n`);
