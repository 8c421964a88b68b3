/**
 * The daemon while its templates try to stop it: each attack ends in an error that names template and line,
 * and meanwhile another client gets a good template and a file, again and again, within bounds.
 */

import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Daemon, freePorts, installing } from './daemon.ts';

const TIMEOUT_MS = 1500;
/** What a busy machine may take besides: far less than an attack would that nobody ends. */
const PATIENCE_MS = 15_000;

/** A snippet each; the fault is in its second line. */
const ATTACKS: Readonly<Record<string, string>> = {
  'endless loop': 'x\n<% while true do end %>',
  'endless loop of calls': "x\n<% until false do 'a'.upcase end %>",
  'text that doubles': "x\n<% a = 'x'; while true do a = a + a end %>",
  'text that is appended to itself': "x\n<% a = 'x'; while true do a << a end %>",
  'a million elements': 'x\n<% a = (1..10**9).map { |i| [i] * 1000 } %>',
  'lists in lists': 'x\n<% a = [1]; while true do a = a + a end %>',
  'power of powers': 'x\n<%= 10**10**10 %>',
  'great multiplication': 'x\n<% n = 3; while true do n = n * n end %>',
  'text times a billion': "x\n<%= 'ab' * 1_000_000_000 %>",
  'width of a billion': "x\n<%= 'a'.ljust(2_000_000_000) %>",
  'format of a billion': "x\n<%= '%2000000000d' % 1 %>",
  'snippet of itself': "x\n<%= snippet('snippet of itself') %>",
  'regular expression': "x\n<%= ('a' * 40 + '!').match?(/^(a+)+$/) %>",
  'regular expression that is scanned for': "x\n<%= ('a' * 60).gsub(/(?:a|aa)+b/, '') %>",
  'recursive list': 'x\n<% a = []; a << a %><%= a.flatten.inspect.length %>',
  'great sort': 'x\n<% loop_ = (1..900_000).to_a; 99.times { loop_ = loop_.reverse.sort_by { |i| -i } } %>',
};

const names = Object.keys(ATTACKS);
const addressOf = (n: number) => `127.0.0.${n + 100}`;
const macOf = (i: number) => `52:54:00:77:01:${i.toString(16).padStart(2, '0')}`;
const GOOD = 99;

const hosts = [...names, 'good'].map((name, i) => {
  const n = name === 'good' ? GOOD : i + 1;
  const parameters = { attack: name, secret: `secret of ${name}` };
  return installing(`vm${n}.lab`, macOf(n), addressOf(n), { parameters, hostgroup: 'all' });
});

const templates = [
  {
    name: 'main',
    kind: 'provision',
    template: "begin\n<%= snippet(host_param('attack')) %>\nend\n",
    oses: ['Debian'],
  },
  { name: 'good', kind: 'snippet', template: "<%= @host.name %> has <%= host_param('secret') %>" },
  ...Object.entries(ATTACKS).map(([name, template]) => ({ name, kind: 'snippet', template })),
];

let daemon: Daemon;

type Answer = { readonly status: number; readonly text: string };

/** As the host itself: its MAC address is believed when it comes from the address that belongs to it. */
function get(n: number): Promise<Answer> {
  const path = `/unattended/provision?mac=${macOf(n)}`;
  const options = { host: '127.0.0.1', port: daemon.ports.http, path, agent: false };
  return new Promise((resolve, reject) => {
    request({ ...options, localAddress: addressOf(n) }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
  });
}

beforeAll(async () => {
  daemon = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports: await freePorts(),
    site: {
      subnets: [{ name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.250' }],
      hostgroups: [{ name: 'all', provisioning_templates: ['main'] }],
      hosts,
      templates,
    },
    config: { templates: { timeout_ms: TIMEOUT_MS } },
  });
  await daemon.start();
});

afterAll(() => daemon?.close());

type Watch = { readonly worst: Record<string, number>; readonly count: Record<string, number> };

/** Fetches both in turns until it is told to stop; throws when an answer is not what it must be. */
async function watch(stop: { done: boolean }): Promise<Watch> {
  const worst = { template: 0, file: 0 };
  const count = { template: 0, file: 0 };
  const timed = async (what: keyof typeof worst, call: () => Promise<void>) => {
    const start = performance.now();
    await call();
    worst[what] = Math.max(worst[what], performance.now() - start);
    count[what]++;
  };
  while (!stop.done) {
    await timed('template', async () => {
      const answer = await get(GOOD);
      expect(answer.text).toBe(`begin\nvm${GOOD}.lab has secret of good\nend\n`);
    });
    await timed('file', async () => {
      const answer = await fetch(`${daemon.url}/healthz`);
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
    });
    await sleep(5);
  }
  return { worst, count };
}

describe('templates that try to stop the server', () => {
  it('end with template and line, and hold nobody up', async () => {
    const stop = { done: false };
    const watching = watch(stop);
    const outcomes: string[] = [];
    // Two at a time: every rendering thread is under attack.
    const queue = names.map((name, i) => ({ name, n: i + 1 }));
    const attacker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const start = performance.now();
        const { status, text } = await get(next.n);
        const took = performance.now() - start;
        const named = text.includes(`${next.name}:2:`);
        const inTime = took < 4 * TIMEOUT_MS + PATIENCE_MS;
        if (status < 400 || !named || !inTime || text.includes('secret of'))
          outcomes.push(`${next.name}: ${status} after ${took.toFixed(0)} ms: ${text.slice(0, 300)}`);
      }
    };
    await Promise.all([attacker(), attacker()]);
    stop.done = true;
    const { worst, count } = await watching;
    expect(outcomes).toEqual([]);
    expect(count.template).toBeGreaterThan(5);
    // A good render waits for one attack to be ended and a thread to start, no longer.
    expect(worst.template).toBeLessThan(2 * TIMEOUT_MS + PATIENCE_MS);
    expect(worst.file).toBeLessThan(PATIENCE_MS);
    expect(daemon.pid).toBeGreaterThan(0);
  }, 90_000);

  it('leave a server that answers as before', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(GOOD)));
    for (const answer of answers) expect(answer.status).toBe(200);
    expect(daemon.log.filter((line) => /uncaught|unhandled/i.test(line))).toEqual([]);
  });
});
