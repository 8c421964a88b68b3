/**
 * Renders a second: in this thread, through the pool, and Ruby's own ERB with the same template and data, in
 * turns (A B C A B C …) so that whatever else the machine does hits all alike. Needs a build and ruby.
 *
 *     node bench/render.mjs
 */

import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { RenderPool } from '../dist/template/pool.js';
import { render } from '../dist/template/render.js';
import { markdownTable } from './lib/measure.mjs';

const ROUNDS = 3;
const SECONDS = 0.6;

const SMALL = `#!ipxe
<% options = ['auto=true', "url=#{@base}/provision"] -%>
<% options << "BOOTIF=01-#{@mac.tr(':', '-')}" unless @mac.empty? -%>
kernel <%= @base %>/linux initrd=initrd.gz <%= options.join(' ') %>
initrd <%= @base %>/initrd.gz
boot
`;

const LARGE = `<% 40.times do |i| -%>
# section <%= i %>
<% if i.even? && @packages.include?('vim') -%>
<%- @packages.sort.each_with_index do |package, n| -%>
<%= n %>: <%= package.upcase.ljust(12) %> <%= @parameters["key#{n}"] || 'none' %>
<%- end -%>
<% else -%>
<%= @parameters.map { |key, value| "#{key}=#{value}" }.join(' ').gsub(/key(\\d)/, 'k\\\\1') %>
<% end -%>
<% end -%>
`;

const DATA = {
  base: 'http://192.0.2.1',
  mac: '52:54:00:12:34:56',
  packages: ['vim', 'tmux', 'curl', 'openssh-server', 'htop'],
  parameters: { key0: 'a', key1: 'b', key2: 'c' },
};

const RUBY = `
require 'erb'; require 'json'
input = JSON.parse(STDIN.read)
class Scope; def initialize(d); d.each { |k, v| instance_variable_set("@#{k}", v) }; end; def b; binding; end; end
scope = Scope.new(input['data'])
# As Foreman does: the text is compiled for every render.
run = -> { ERB.new(input['text'], trim_mode: '-').result(scope.b) }
text = run.call
stop = Process.clock_gettime(Process::CLOCK_MONOTONIC) + input['seconds']
n = 0
start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
while Process.clock_gettime(Process::CLOCK_MONOTONIC) < stop; run.call; n += 1; end
puts JSON.generate({ text: text, rate: n / (Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) })
`;

const scope = { kind: 'iPXE', base: DATA.base, now: 0, parameters: {}, settings: {} };

/** The data as variables of a snippet: the same names in both languages. */
function request(text) {
  const pairs = Object.entries(DATA).map(([name, value]) => `${name}: ${literal(value)}`);
  return {
    request: {
      template: 'main',
      text: `<%= snippet('bench', variables: { ${pairs.join(', ')} }) -%>\n`,
      scope,
    },
    library: new Map([['bench', text]]),
  };
}

function literal(value) {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return `{ ${Object.entries(value)
    .map(([key, item]) => `"${key}" => ${literal(item)}`)
    .join(', ')} }`;
}

function textOf(result) {
  if (!result.ok) throw new Error(`${result.error.template}:${result.error.line}: ${result.error.message}`);
  return result.text;
}

function inThread(text) {
  const { request: job, library } = request(text);
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < SECONDS * 1000) {
    textOf(render(job, library));
    count++;
  }
  return { rate: count / ((performance.now() - start) / 1000), text: textOf(render(job, library)) };
}

/** Both threads have rendered for a while: a server is warm nearly all of its life. */
async function warmPool(text) {
  const { request: job, library } = request(text);
  const pool = new RenderPool({ workers: 2 });
  pool.setLibrary([...library].map(([name, template]) => ({ name, kind: 'snippet', template })));
  await pool.warm();
  await throughPool(pool, job);
  return { pool, job };
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
  await Promise.all(Array.from({ length: 8 }, walker));
  return { rate: count / ((performance.now() - start) / 1000) };
}

function nativeRuby(text) {
  const input = JSON.stringify({ text, data: DATA, seconds: SECONDS });
  const { stdout, error } = spawnSync('ruby', ['-e', RUBY], { input, encoding: 'utf8' });
  return error === undefined ? JSON.parse(stdout) : undefined;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** A Markdown table; the ratio is against Ruby, and left out where there is none. */
export async function benchRender() {
  const rows = [];
  for (const [name, text] of Object.entries({ 'small iPXE script': SMALL, 'long answer file': LARGE })) {
    const rates = { thread: [], pool: [], ruby: [] };
    const { pool, job } = await warmPool(text);
    inThread(text);
    for (let round = 0; round < ROUNDS; round++) {
      const ours = inThread(text);
      rates.thread.push(ours.rate);
      rates.pool.push((await throughPool(pool, job)).rate);
      const ruby = nativeRuby(text);
      if (ruby === undefined) continue;
      if (ruby.text !== ours.text) throw new Error(`${name}: Ruby renders something else`);
      rates.ruby.push(ruby.rate);
    }
    await pool.close();
    const ruby = rates.ruby.length === 0 ? undefined : median(rates.ruby);
    const row = (what, rate) => [
      `${name}, ${what}`,
      rate.toFixed(0),
      ruby ? `${(rate / ruby).toFixed(1)}x` : '',
    ];
    rows.push(row('in thread', median(rates.thread)), row('through the pool', median(rates.pool)));
    if (ruby !== undefined) rows.push(row("Ruby's ERB", ruby));
  }
  return markdownTable([['what', 'renders/s', 'to Ruby'], ...rows]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await benchRender());
