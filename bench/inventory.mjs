/**
 * A hundred thousand hosts in the embedded database: how long the program takes to start with them, to take ten
 * thousand more from a site file, to find one, and to list them over the API. Needs a build.
 *
 *     node bench/inventory.mjs
 */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Inventory } from '../dist/service/inventory.js';
import { changeRecords } from '../dist/service/records.js';
import { openSqlite } from '../dist/store/sqlite/open.js';
import { markdownTable, median } from './lib/measure.mjs';

const HOSTS = 100_000;
const MORE = 10_000;
const ROUNDS = 15;
const STARTS = 3;
const MAIN = new URL('../dist/main.js', import.meta.url).pathname;
const ACTOR = { via: 'cli' };

const hex = (number) => number.toString(16).padStart(2, '0');
const octets = (number) => [(number >> 16) & 255, (number >> 8) & 255, number & 255];
const macOf = (number) => `52:54:00:${octets(number).map(hex).join(':')}`;
const ipOf = (number) => `10.${octets(number).join('.')}`;
const nameOf = (number) => `host${number}.example.com`;
const tokenOf = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

function hostOf(number) {
  const nic = { id: 1, identifier: 'eth0', type: 'interface', primary: true, provision: true, managed: true };
  return {
    name: nameOf(number),
    managed: true,
    enabled: true,
    build: number % 100 === 0,
    operatingsystem: 'Debian 12',
    hostgroup: 'base',
    parameters: { rack: `r${number % 100}`, role: 'worker' },
    token: { value: tokenOf(number) },
    interfaces: [{ ...nic, virtual: false, mac: macOf(number), ip: ipOf(number), subnet: 'big' }],
  };
}

const SITE = `subnets: [{ name: big, network: 10.0.0.0/8 }]
operatingsystems: [{ name: Debian, major: '12', family: Debian }]
hostgroups: [{ name: base }]
`;

/** A directory with configuration and database, and what is asked there. */
async function place(port) {
  const directory = mkdtempSync(join(tmpdir(), 'chainboot-bench-'));
  const config = join(directory, 'chainboot.yaml');
  writeFileSync(
    config,
    `database: ${join(directory, 'chainboot.db')}
links: [{ interface: lo, address: 127.0.0.1, mode: 'off' }]
http: { port: ${port} }
tftp: { enabled: false }
api: { plain_http: true }
`,
  );
  const cli = (...words) => {
    const ran = spawnSync(process.execPath, [MAIN, '--config', config, ...words], { encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(`chainboot ${words.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  };
  const write = (name, text) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  cli('apply', '-f', write('site.yaml', SITE));
  write('password', 'correct horse battery\n');
  cli('user', 'create', 'bench', '--role', 'admin', '--password-file', join(directory, 'password'));
  const token = cli('token', 'create', 'bench', 'bench').trim();
  return { directory, config, cli, write, token, url: `http://127.0.0.1:${port}` };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const databaseOf = ({ directory }) => openSqlite(join(directory, 'chainboot.db'));

async function fill(site) {
  const store = databaseOf(site);
  const inventory = await Inventory.open(store.inventory, {});
  for (let first = 1; first <= HOSTS; first += MORE) {
    const changes = Array.from({ length: MORE }, (_, i) => {
      return { op: 'put', collection: 'hosts', record: hostOf(first + i) };
    });
    await changeRecords(inventory, ACTOR, () => ({ changes, result: undefined }));
  }
  await store.close();
}

/** Milliseconds in which the program applies a site file of ten thousand hosts that it does not know. */
function applied({ cli, write }) {
  const hosts = Array.from({ length: MORE }, (_, i) => {
    const number = HOSTS + 1 + i;
    return `  - { name: ${nameOf(number)}, mac: '${macOf(number)}', ip: ${ipOf(number)}, hostgroup: base }`;
  });
  const file = write('more.yaml', `hosts:\n${hosts.join('\n')}\n`);
  const start = performance.now();
  cli('apply', '-f', file);
  return performance.now() - start;
}

async function loaded(site) {
  const start = performance.now();
  const store = databaseOf(site);
  const inventory = await Inventory.open(store.inventory, {});
  return { took: performance.now() - start, store, inventory };
}

/** Microseconds for one lookup each: by MAC, by address, by token. */
function lookedUp(site) {
  const COUNT = 100_000;
  const lookups = {
    MAC: (number) => site.hostByMac(macOf(number)),
    address: (number) => site.hostByIp(ipOf(number)),
    'build token': (number) => site.hostByToken(tokenOf(number)),
  };
  return Object.entries(lookups).map(([name, lookup]) => {
    const start = performance.now();
    for (let i = 0; i < COUNT; i++) {
      if (lookup(1 + ((i * 7919) % HOSTS)) === undefined) throw new Error(`no host by ${name}`);
    }
    return [name, (performance.now() - start) / COUNT];
  });
}

/** One host of a hundred thousand is changed: milliseconds. */
async function changedOne(inventory) {
  const times = [];
  for (let i = 0; i < ROUNDS; i++) {
    const record = { ...inventory.site.get('hosts', nameOf(1 + i)), comment: 'changed' };
    const start = performance.now();
    await changeRecords(inventory, ACTOR, () => {
      return { changes: [{ op: 'put', collection: 'hosts', record }], result: undefined };
    });
    times.push(performance.now() - start);
  }
  return median(times);
}

/** `chainboot serve` until it says that it is ready. */
async function served({ config }) {
  const start = performance.now();
  const child = spawn(process.execPath, [MAIN, '--config', config, 'serve'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (data) => {
      said += data;
      if (said.includes('"msg":"ready"')) resolve();
    });
    child.once('exit', () => reject(new Error(`serve ended: ${said}`)));
  });
  const took = performance.now() - start;
  const stop = async () => {
    child.removeAllListeners('exit');
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  };
  return { took, pid: child.pid, stop };
}

/** Milliseconds, the median of some starts. */
async function started(site) {
  const times = [];
  for (let i = 0; i < STARTS; i++) {
    const server = await served(site);
    times.push(server.took);
    await server.stop();
  }
  return median(times);
}

async function asked({ url, token }, path) {
  const start = performance.now();
  const answer = await fetch(`${url}/api${path}`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${text}`);
  return { took: performance.now() - start, body: JSON.parse(text) };
}

/** The n-th time is another host, so that nothing can be remembered; `total` is what must be found. */
const SEARCHES = [
  ['index page of 20', () => '/hosts?per_page=20', HOSTS],
  ['page 4000, sorted by name', (n) => `/hosts?per_page=20&page=${4000 + n}&order=name`, HOSTS],
  [
    'last pages, sorted by name downwards',
    (n) => `/hosts?per_page=20&page=${4990 - n}&order=name+DESC`,
    HOSTS,
  ],
  ['search by name', (n) => `/hosts?search=${encodeURIComponent(`name = ${nameOf(500 + n)}`)}`, 1],
  ['search by MAC', (n) => `/hosts?search=${encodeURIComponent(`mac = ${macOf(500 + n)}`)}`, 1],
  ['search by part of a name', (n) => `/hosts?search=${encodeURIComponent(`name ~ host${5000 + n}`)}`, 11],
  ['search by a bare word', (n) => `/hosts?search=host${5000 + n}.`, 1],
  [
    'search by operating system and name',
    (n) => `/hosts?search=${encodeURIComponent(`os = Debian and name ~ st${6000 + n}`)}`,
    11,
  ],
];

async function searched(site, [name, path, total]) {
  const times = [];
  for (let n = 0; n < ROUNDS; n++) {
    const { took, body } = await asked(site, path(n));
    if (body.subtotal !== total) throw new Error(`${path(n)}: ${body.subtotal} instead of ${total}`);
    times.push(took);
  }
  return [name, median(times)];
}

/** Megabytes that a process has in memory. */
function memoryOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** All hosts, a thousand a page: how much the server grows by it. */
async function listedAll(site, pid) {
  const pages = async () => {
    const start = performance.now();
    for (let page = 1; page <= HOSTS / 1000; page++) await asked(site, `/hosts?per_page=1000&page=${page}`);
    return performance.now() - start;
  };
  const took = await pages();
  const before = memoryOf(pid);
  await pages();
  return { took, grown: memoryOf(pid) - before };
}

const goal = (name, value, unit, most) => {
  const digits = value < 10 ? 2 : 0;
  return [name, `${value.toFixed(digits)} ${unit}`, `${most} ${unit}`, value < most ? 'reached' : 'missed'];
};

export async function benchInventory() {
  const site = await place(await freePort());
  try {
    const empty = await started(site);
    await fill(site);
    const rows = [['`serve` until it is ready, with no hosts', `${empty.toFixed(0)} ms`, '', '']];
    const full = await started(site);
    const { took, store, inventory } = await loaded(site);
    rows.push(goal('inventory read and indexed', took, 'ms', 1000));
    rows.push(goal('`serve` until it is ready', full, 'ms', 1000));
    for (const [name, each] of lookedUp(inventory.site))
      rows.push(goal(`host by ${name}`, each * 1000, 'µs', 1000));
    rows.push(goal('one host changed', await changedOne(inventory), 'ms', 50));
    await store.close();
    const server = await served(site);
    try {
      for (const search of SEARCHES) {
        const [name, middle] = await searched(site, search);
        rows.push(goal(`API: ${name}`, middle, 'ms', 50));
      }
      const { took: listing, grown } = await listedAll(site, server.pid);
      rows.push(goal('API: all hosts, 1000 a page', listing / 1000, 's', 60));
      rows.push(goal('memory that the second listing of all adds', Math.max(0, grown), 'MB', 100));
    } finally {
      await server.stop();
    }
    rows.push(goal('`apply` of 10,000 more hosts', applied(site) / 1000, 's', 30));
    return markdownTable([['with 100,000 hosts', 'measured', 'goal: below', ''], ...rows]);
  } finally {
    rmSync(site.directory, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await benchInventory());
