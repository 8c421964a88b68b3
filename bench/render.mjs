/**
 * Renders a second of shipped templates for golden hosts: in this thread, through one and two workers, and by
 * real Ruby's ERB with the same data, in turns (A B A B …) so that whatever else the machine does hits all
 * alike. Needs a build, and ruby for the ratios.
 *
 *     node bench/render.mjs
 */

import { pathToFileURL } from 'node:url';
import { createViteServer } from 'vitest/node';
import { RenderPool } from '../dist/template/pool.js';
import { render } from '../dist/template/render.js';
import { markdownTable } from './lib/measure.mjs';

const ROUNDS = 3;
const SECONDS = 0.6;
/** Requests on their way at the same time, as when a rack boots. */
const CLIENTS = 16;

/** The golden tests' hosts and their data for Ruby are TypeScript: loaded as the test runner loads them. */
async function golden() {
  const server = await createViteServer({
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    appType: 'custom',
  });
  const cases = await server.ssrLoadModule('/test/golden/cases.ts');
  const oracle = await server.ssrLoadModule('/test/golden/library-oracle.ts');
  return { ...cases, ...oracle, close: () => server.close() };
}

/** The rendering of that template that is longest. */
function longest({ cases, rendered }, name) {
  const found = cases.filter(({ template, host }) => template.name === name && host !== undefined);
  return found.sort((a, b) => rendered(b).length - rendered(a).length)[0];
}

function textOf(result) {
  if (!result.ok) throw new Error(`${result.error.template}:${result.error.line}: ${result.error.message}`);
  return result.text;
}

function inThread(job, library) {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < SECONDS * 1000) {
    textOf(render(job, library));
    count++;
  }
  return count / ((performance.now() - start) / 1000);
}

function poolOf(library, workers) {
  const pool = new RenderPool({ workers });
  pool.setLibrary([...library].map(([name, template]) => ({ name, kind: 'snippet', template })));
  return pool;
}

async function throughPool(pool, job) {
  const start = performance.now();
  let count = 0;
  const walker = async () => {
    while (performance.now() - start < SECONDS * 1000) {
      textOf(await pool.render(job));
      count++;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, walker));
  return count / ((performance.now() - start) / 1000);
}

/** From nothing to the first text, in milliseconds. */
async function firstRender(job, library) {
  const start = performance.now();
  const pool = poolOf(library, 1);
  textOf(await pool.render(job));
  const took = performance.now() - start;
  await pool.close();
  return took;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

async function measure({ oracleCase, renderedByRuby, library, scopeFor }, subject) {
  const job = { template: subject.template.name, scope: scopeFor(subject) };
  const data = oracleCase(job.template, job.scope);
  const [one, two] = [poolOf(library, 1), poolOf(library, 2)];
  await Promise.all([one.warm(), two.warm()]);
  const text = textOf(render(job, library));
  // A server is warm nearly all of its life.
  for (const pool of [one, two, one, two]) await throughPool(pool, job);
  inThread(job, library);
  const rates = { 'in thread': [], 'through one worker': [], 'through two workers': [], "Ruby's ERB": [] };
  for (let round = 0; round < ROUNDS; round++) {
    rates['in thread'].push(inThread(job, library));
    rates['through one worker'].push(await throughPool(one, job));
    rates['through two workers'].push(await throughPool(two, job));
    const [ruby] = renderedByRuby([data], library, SECONDS) ?? [];
    if (ruby === undefined) continue;
    if (ruby.text !== text) throw new Error(`${job.template}: Ruby renders something else: ${ruby.error}`);
    rates["Ruby's ERB"].push(ruby.rate);
  }
  await Promise.all([one.close(), two.close()]);
  return { rates, bytes: text.length, first: await firstRender(job, library) };
}

/** A Markdown table; the ratio is against Ruby, and left out where there is none. */
export async function benchRender() {
  const all = await golden();
  const rows = [];
  for (const name of ['Kickstart default iPXE', 'Kickstart default']) {
    const { rates, bytes, first } = await measure(all, longest(all, name));
    const ruby = median(rates["Ruby's ERB"]);
    for (const [what, values] of Object.entries(rates)) {
      if (values.length === 0) continue;
      const rate = median(values);
      rows.push([
        `${name} (${bytes} B), ${what}`,
        rate.toFixed(0),
        ruby ? `${(rate / ruby).toFixed(1)}x` : '',
      ]);
    }
    rows.push([`${name}, first render after start`, `${first.toFixed(0)} ms`, '']);
  }
  await all.close();
  return markdownTable([['what', 'renders/s', 'to Ruby'], ...rows]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await benchRender());
