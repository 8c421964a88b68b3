/**
 * The boot plane against nginx: one file of an initrd's size, from the cache and streamed, and how long a
 * datagram waits in the same process while 64 machines download. Needs dist/ (npm run build), gcc and nginx.
 */

import { execFile, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { quantile, roundTrips } from './lib/measure.mjs';

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const FILE_BYTES = 40_810_276; // Debian 12's netboot initrd.gz
const TICKS_PER_SECOND = 100; // USER_HZ
const ADDRESS = '127.0.0.1';

/** The process under test. Arguments: dist directory, served directory, cache budget. Prints `{ http, udp, pid }`. */
async function serve(dist, directory, budget) {
  const { BootHttpServer } = await import(join(dist, 'http/server.js'));
  const { FileCache } = await import(join(dist, 'http/file-cache.js'));
  const file = {
    methods: ['GET', 'HEAD'],
    pattern: '/:name',
    handle: async (_request, { name }) => ({ kind: 'file', path: join(directory, name), name }),
  };
  const script = {
    methods: ['GET'],
    pattern: '/unattended/iPXE',
    handle: async () => ({ kind: 'text', status: 200, text: `#!ipxe\n${'echo hello\n'.repeat(36)}` }),
  };
  const log = console.error;
  const cache = new FileCache({ budget: Number(budget) });
  const server = new BootHttpServer({ routes: [script, file], cache, log, now: Date.now });
  await server.start([{ address: ADDRESS, port: 0 }]);
  const echo = createSocket('udp4');
  echo.on('message', (message, { port, address }) => echo.send(message, port, address));
  await new Promise((resolve) => echo.bind(0, ADDRESS, resolve));
  process.once('SIGTERM', () => process.exit()); // an orderly end, so that --cpu-prof writes its profile
  console.log(JSON.stringify({ http: server.addresses[0].port, udp: echo.address().port, pid: process.pid }));
}

async function startOurs(dist, directory, budget) {
  const child = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), 'serve', dist, directory, String(budget)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = await new Promise((resolve) =>
    createInterface(child.stdout).once('line', (...all) => resolve(all)),
  );
  const { http, udp, pid } = JSON.parse(line);
  return { port: http, udp, pids: () => [pid], stop: () => child.kill() };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, ADDRESS, resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startNginx(directory) {
  const port = await freePort();
  const config = join(directory, 'nginx.conf');
  await writeFile(
    config,
    `daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log ${directory}/nginx.log;
     events { worker_connections 1024; }
     http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
            server { listen ${ADDRESS}:${port}; root ${directory}; } }\n`,
  );
  const child = spawn('nginx', ['-p', directory, '-c', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://${ADDRESS}:${port}/script`).catch(() => undefined);
    if (answer?.ok) break;
    if (tries === 50) throw new Error(`nginx does not answer: see ${directory}/nginx.log`);
    await sleep(100);
  }
  const pids = () => {
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
    return [child.pid, ...children.trim().split(' ').map(Number)];
  };
  return { port, pids, stop: () => child.kill('SIGTERM') };
}

/** User and system time of the processes, seconds. */
function cpuOf(pids) {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }, 0);
}

/** Most memory the server ever had resident, MB. */
function peakMemory(server) {
  const status = readFileSync(`/proc/${server.pids()[0]}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1000);
}

async function load(client, server, path, connections, seconds) {
  const before = cpuOf(server.pids());
  const { stdout } = await run(client, [
    ADDRESS,
    String(server.port),
    path,
    String(connections),
    String(seconds),
  ]);
  const cpu = cpuOf(server.pids()) - before;
  const [bytes, requests, errors, took] = stdout.trim().split(' ').map(Number);
  if (errors > 0) throw new Error(`${errors} downloads of ${path} failed`);
  return { rate: bytes / took / 1e6, perSecond: requests / took, cpuPerGB: cpu / (bytes / 1e9) };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

async function delays(client, ours, seconds) {
  const until = { done: false };
  const trips = roundTrips(ADDRESS, ours.udp, until);
  const result = await load(client, ours, '/initrd', 64, seconds);
  until.done = true;
  return { rate: result.rate, sorted: await trips };
}

/**
 * Runs everything and answers with a Markdown report. `dist`: the built program; `rounds` alternate between
 * the servers, `seconds` is the length of each single run.
 */
export async function benchHttp({ dist = join(HERE, '../dist'), rounds = 3, seconds = 2 } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'chainboot-bench-http-'));
  const servers = {};
  try {
    await chmod(directory, 0o755); // nginx's worker is another user
    const client = join(directory, 'httpload');
    await run('gcc', ['-O2', '-o', client, join(HERE, 'httpload.c')]);
    await writeFile(join(directory, 'initrd'), randomFillSync(Buffer.allocUnsafe(FILE_BYTES)));
    await writeFile(join(directory, 'script'), `#!ipxe\n${'echo hello\n'.repeat(36)}`);
    servers.nginx = await startNginx(directory);
    servers.cached = await startOurs(dist, directory, 256 * 1024 * 1024);
    servers.streamed = await startOurs(dist, directory, 1024 * 1024);
    return await report(client, servers, rounds, seconds);
  } finally {
    for (const server of Object.values(servers)) server.stop();
    await rm(directory, { recursive: true });
  }
}

async function report(client, servers, rounds, seconds) {
  const lines = [
    `File of ${(FILE_BYTES / 1e6).toFixed(1)} MB, keep-alive, loopback; ${rounds} alternating rounds of ${seconds} s, medians.`,
    '',
    '| connections | server | MB/s | server CPU s/GB | rate / nginx | CPU / nginx |',
    '|---|---|---|---|---|---|',
  ];
  for (const connections of [1, 16, 64]) {
    const results = await alternate(rounds, servers, (server) =>
      load(client, server, '/initrd', connections, seconds),
    );
    for (const [name, runs] of Object.entries(results)) {
      const ratio = (key) =>
        median(runs.map((one, round) => one[key] / results.nginx[round][key])).toFixed(2);
      const rate = median(runs.map((one) => one.rate)).toFixed(0);
      const cpu = median(runs.map((one) => one.cpuPerGB)).toFixed(2);
      lines.push(`| ${connections} | ${name} | ${rate} | ${cpu} | ${ratio('rate')} | ${ratio('cpuPerGB')} |`);
    }
  }
  lines.push(
    '',
    '| 400-byte script, connections | server | requests/s | / nginx static |',
    '|---|---|---|---|',
  );
  for (const connections of [1, 64]) {
    const { nginx, cached } = servers;
    const results = await alternate(rounds, { nginx, cached }, (server) =>
      load(client, server, server === nginx ? '/script' : '/unattended/iPXE', connections, seconds),
    );
    for (const [name, runs] of Object.entries(results)) {
      const ratio = median(runs.map((one, round) => one.perSecond / results.nginx[round].perSecond)).toFixed(
        2,
      );
      lines.push(
        `| ${connections} | ${name} | ${median(runs.map((one) => one.perSecond)).toFixed(0)} | ${ratio} |`,
      );
    }
  }
  lines.push(
    '',
    'Round trip of a datagram answered by the same process during 64 downloads, ms:',
    '',
    '| server | MB/s | p50 | p90 | p99 | max | peak memory of all runs, MB |',
    '|---|---|---|---|---|---|---|',
  );
  for (const name of ['cached', 'streamed']) {
    const { rate, sorted } = await delays(client, servers[name], seconds);
    const cells = [0.5, 0.9, 0.99, 1].map((q) => quantile(sorted, q).toFixed(1));
    lines.push(`| ${name} | ${rate.toFixed(0)} | ${cells.join(' | ')} | ${peakMemory(servers[name])} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** `{ name: [result of each round] }`, the servers taking turns. */
async function alternate(rounds, servers, measure) {
  const results = Object.fromEntries(Object.keys(servers).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, server] of Object.entries(servers)) results[name].push(await measure(server));
  }
  return results;
}

if (process.argv[2] === 'serve') await serve(...process.argv.slice(3));
else if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(await benchHttp());
