/**
 * Boot storms against the DHCP servers people use: every client new, an iPXE behind a relay, DISCOVER to ACK. The
 * load comes from dhcpload.c over a veth cable between two network namespaces. Needs root, gcc, iproute2, dist/
 * (npm run build), and what is to be compared: kea-dhcp4-server, isc-dhcp-server, dnsmasq.
 *
 * Numbers of different runs do not compare, as machines and disks have moods: servers take turns, and what counts
 * are the ratios of their medians.
 */

import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CLIENT_ADDRESS, CLIENT_DEVICE, layCable, SERVER_ADDRESS } from './lib/cable.mjs';
import { SERVERS } from './lib/dhcp-servers.mjs';
import { cpuSeconds, markdownTable, median, syncsPerSecond } from './lib/measure.mjs';

const run = promisify(execFile);
const INFLIGHT = 64;
const STORM_SECONDS = 4;
const IDLE_SECONDS = 1;

/** The claims, as performance goals: what must hold for the ratios of a run. */
const GOALS = [
  ['DORA/s, storm, to Kea', 'keaRate', 2, '≥'],
  ['DORA/s, storm, to the faster of dhcpd and dnsmasq', 'durableRate', 10, '≥'],
  ['CPU per DORA, to Kea', 'keaCpu', 0.5, '≤'],
  ['idle DORA p50, to Kea plus one fdatasync', 'idle', 1, '≤'],
];

/** @returns medians (`rows`), their `ratios`, and the Markdown of both as its text */
export async function benchDhcp({ rounds = 3, servers = SERVERS, seconds = STORM_SECONDS } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'chainboot-bench-dhcp-'));
  const cable = layCable();
  try {
    const client = join(directory, 'dhcpload');
    execFileSync('gcc', ['-O2', '-o', client, fileURLToPath(new URL('dhcpload.c', import.meta.url))]);
    const measured = servers.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [n, server] of servers.entries()) {
        const place = mkdtempSync(join(directory, 'server-'));
        const numbers = await measure({ server, place, cable, client, seconds });
        measured[n].push(numbers);
        process.stderr.write(`${server.name}: ${JSON.stringify(numbers)}\n`);
        rmSync(place, { recursive: true });
      }
    }
    return report(servers, measured);
  } finally {
    cable.remove();
    rmSync(directory, { recursive: true });
  }
}

/** One server, fresh, once idle and once in a storm. */
async function measure({ server, place, cable, client, seconds }) {
  const syncs = syncsPerSecond(place);
  const { pid, stop } = await start(server, place, cable);
  try {
    const load = async (inflight, time) => {
      const args = [SERVER_ADDRESS, CLIENT_ADDRESS, String(inflight), '0', String(time), CLIENT_DEVICE];
      const [file, ...rest] = cable.client([client, ...args]);
      return JSON.parse((await run(file, rest)).stdout);
    };
    await answering(load, server);
    const idle = await load(1, IDLE_SECONDS);
    const before = cpuSeconds(pid);
    const storm = await load(INFLIGHT, seconds);
    await atRest(pid);
    const cpu = cpuSeconds(pid) - before;
    return {
      rate: storm.exchanges / storm.seconds,
      p50: storm.p50,
      p99: storm.p99,
      lost: storm.lost,
      refused: storm.refused,
      cpu: (cpu / storm.exchanges) * 1e6,
      idle: idle.p50,
      syncs,
    };
  } finally {
    await stop();
  }
}

async function start(server, place, cable) {
  const { command, env = {} } = server.prepare(place);
  const [file, ...args] = cable.server(command);
  // `ip netns exec` becomes the command, so this is the server's own process.
  const child = spawn(file, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
  const gone = new Promise((resolve) => child.once('close', resolve));
  const stop = async () => {
    child.kill();
    await Promise.race([gone, sleep(3000)]);
    child.kill('SIGKILL');
    await gone;
  };
  return { pid: child.pid, stop };
}

async function answering(load, server) {
  for (let tries = 0; tries < 40; tries++) {
    if ((await load(1, 0.25)).exchanges > 0) return;
  }
  throw new Error(`${server.name} answers nobody`);
}

/** Work that a server put off during the storm is its work all the same: waits until it has rested for a second. */
async function atRest(pid) {
  let last = cpuSeconds(pid);
  for (let tries = 0, rested = 0; tries < 100 && rested < 5; tries++) {
    await sleep(200);
    const now = cpuSeconds(pid);
    rested = now - last < 0.02 ? rested + 1 : 0;
    last = now;
  }
}

function report(servers, measured) {
  const rows = servers.map(({ name, durable }, n) => {
    const of = (key) => median(measured[n].map((numbers) => numbers[key]));
    const keys = ['rate', 'p50', 'p99', 'lost', 'refused', 'cpu', 'idle', 'syncs'];
    return { name, durable, ...Object.fromEntries(keys.map((key) => [key, of(key)])) };
  });
  const ratios = ratiosOf(rows);
  return { rows, ratios, toString: () => `${tableOf(rows)}\n${goalsOf(ratios)}` };
}

/** Of the first row to the others; undefined where one of them did not run. */
function ratiosOf([ours, ...others]) {
  const named = (text) => others.find(({ name }) => name.startsWith(text));
  const kea = named('Kea');
  const durable = ['ISC', 'dnsmasq'].flatMap((name) => named(name)?.rate ?? []);
  return {
    keaRate: kea && ours.rate / kea.rate,
    durableRate: durable.length > 0 ? ours.rate / Math.max(...durable) : undefined,
    keaCpu: kea && ours.cpu / kea.cpu,
    idle: kea && ours.idle / (kea.idle + 1000 / ours.syncs),
  };
}

function tableOf(rows) {
  const head = [
    'server',
    'DORA/s',
    'p50 ms',
    'p99 ms',
    'lost',
    'CPU µs/DORA',
    'idle p50 ms',
    'lease on disk at ACK',
    'fdatasync/s',
  ];
  return markdownTable([
    head,
    ...rows.map(({ name, durable, rate, p50, p99, lost, cpu, idle, syncs }) => [
      name,
      rate.toFixed(0),
      p50.toFixed(2),
      p99.toFixed(1),
      lost,
      cpu.toFixed(1),
      idle.toFixed(3),
      durable,
      syncs.toFixed(0),
    ]),
  ]);
}

function goalsOf(ratios) {
  const reached = (ratio, goal, sign) => (sign === '≥' ? ratio >= goal : ratio <= goal);
  return markdownTable([
    ['ratio of medians', 'measured', 'goal', ''],
    ...GOALS.filter(([, key]) => ratios[key] !== undefined).map(([what, key, goal, sign]) => [
      what,
      ratios[key].toFixed(2),
      `${sign} ${goal}`,
      reached(ratios[key], goal, sign) ? 'reached' : 'missed',
    ]),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${await benchDhcp()}\n`);
