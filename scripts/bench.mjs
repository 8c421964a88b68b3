/**
 * `npm run bench [dhcp|http|tftp|render|boot|latency|inventory|trace …]`: measures against the servers people use today, all of them
 * without a name, and prints Markdown. With --write, each table also goes into docs/performance.md, and what else a bench draws into docs.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { environment } from './debian.mjs';
import { ROOT, say, setUp } from './setup.mjs';

const BENCHES = {
  dhcp: 'benchDhcp',
  http: 'benchHttp',
  tftp: 'benchTftp',
  render: 'benchRender',
  boot: 'benchBoot',
  latency: 'benchLatency',
  inventory: 'benchInventory',
  trace: 'benchTrace',
};

const write = process.argv.includes('--write');
const asked = process.argv.slice(2).filter((argument) => argument !== '--write');
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  say(`There is no bench named ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
if (!setUp('bench')) process.exit(1);
Object.assign(process.env, environment());
for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) await measure(name);

async function measure(name) {
  say(`Measuring ${name} …`);
  try {
    const bench = await import(join(ROOT, 'bench', `${name}.mjs`));
    const table = await bench[BENCHES[name]]();
    process.stdout.write(`\n## ${name}\n\n${table}\n`);
    if (write) keep(name, table);
  } catch (error) {
    say(`${name} failed: ${error.stack ?? error}`);
    process.exitCode = 1;
  }
}

/** Puts the table between the marks of its name in docs/performance.md, and its drawings into their files. */
function keep(name, table) {
  const file = join(ROOT, 'docs/performance.md');
  const machine = `${cpus().length} cores, Node ${process.version}`;
  const head = `Measured ${new Date().toISOString().slice(0, 10)} on ${machine} by \`npm run bench ${name}\`.`;
  const section = new RegExp(`(<!-- bench ${name} -->\\n)[\\s\\S]*?(<!-- end ${name} -->)`);
  const text = readFileSync(file, 'utf8').replace(
    section,
    (_, open, close) => `${open}${head}\n\n${table}\n${close}`,
  );
  writeFileSync(file, text);
  for (const [place, drawing] of Object.entries(table.files ?? {})) writeFileSync(join(ROOT, place), drawing);
}
