/**
 * A million steps in the trace: how long the lists of boots and one boot take to be read, and what is dropped at once.
 * Needs a build.
 *
 *     node bench/trace.mjs
 */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openSqlite } from '../dist/store/sqlite/open.js';
import { markdownTable, median } from './lib/measure.mjs';

const BOOTS = 50_000;
const STEPS = 20;
/** Machines that boot at the same time, so that their steps lie among each other. */
const AT_ONCE = 100;
const ROUNDS = 15;

const macOf = (number) =>
  `52:54:00:${[16, 8, 0].map((bits) => ((number >> bits) & 255).toString(16).padStart(2, '0')).join(':')}`;
const idOf = (number) => `${(1_700_000_000_000 + number * 1000).toString(36)}-${number.toString(16)}`;

function step(number, seq) {
  return {
    at: 1_700_000_000_000 + number * 1000 + seq * 50,
    kind: 'http.file',
    via: 'http',
    because: { code: 'boot-file', name: 'linux', medium: 'Debian mirror' },
    mac: macOf(number % 10_000),
    host: `host${number % 10_000}.example.com`,
    address: '10.0.0.1',
    what: '/media/Debian%20mirror/dists/bookworm/linux',
    bytes: 8_000_000,
    took: 120,
    detail: { status: 200, agent: 'ipxe' },
  };
}

/** In the batches in which a server writes them. */
async function fill(boots) {
  for (let first = 0; first < BOOTS; first += AT_ONCE) {
    const batch = [];
    for (let seq = 0; seq < STEPS; seq++)
      for (let number = first; number < first + AT_ONCE; number++)
        batch.push({ boot: idOf(number), seq, step: step(number, seq) });
    for (let at = 0; at < batch.length; at += 500) await boots.append(batch.slice(at, at + 500));
  }
}

async function timed(run) {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await run(round);
    times.push(performance.now() - start);
  }
  return `${median(times).toFixed(1)} ms`;
}

export async function benchTrace() {
  const directory = mkdtempSync(join(tmpdir(), 'chainboot-bench-'));
  const file = join(directory, 'trace.db');
  const store = openSqlite(file);
  try {
    const { boots } = store;
    const start = performance.now();
    await fill(boots);
    const seconds = (performance.now() - start) / 1000;
    const any = (round) => idOf((round * 3571) % BOOTS);
    const middle = (await boots.tail(-1, 0)).cursor >> 1;
    const rows = [
      ['write a million steps', `${seconds.toFixed(1)} s, ${(statSync(file).size / 1e6).toFixed(0)} MB`],
      ['newest 20 boots', await timed(() => boots.boots({ limit: 20 }))],
      ['20 boots of one MAC', await timed((i) => boots.boots({ limit: 20, mac: macOf(i) }))],
      ['20 boots of one host', await timed((i) => boots.boots({ limit: 20, host: `host${i}.example.com` }))],
      [
        'page 1,000 of all, with the count',
        await timed(() => Promise.all([boots.count({}), boots.boots({ limit: 20, offset: 20_000 })])),
      ],
      ['every step of one boot', await timed((i) => boots.steps(any(i)))],
      ['500 steps for a follower', await timed(() => boots.tail(middle, 500))],
      ['drop the 100 oldest boots', await timed((i) => boots.prune(BOOTS - 100 * (i + 1), 0, 100))],
    ];
    return markdownTable([['a million steps of 50,000 boots', 'median'], ...rows]);
  } finally {
    await store.close();
    rmSync(directory, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await benchTrace());
