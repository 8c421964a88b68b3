/** `chainboot apply` and `export` as processes: pipes, exit statuses, 10,000 hosts. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const HOSTS = 10_000;
/** What is promised. */
const MOST_MS = 120_000;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-apply-'));
  const database = join(directory, 'x.db');
  writeFileSync(
    join(directory, 'config.yaml'),
    `links: [{ interface: lo, address: 127.0.0.1 }]\ndatabase: ${database}\n`,
  );
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function chainboot(words: readonly string[], input = '') {
  const began = Date.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [MAIN, '--config', join(directory, 'config.yaml'), ...words],
    { input, encoding: 'utf8', maxBuffer: 1 << 28, timeout: MOST_MS },
  );
  return { status, stdout, stderr, took: Date.now() - began };
}

/** Of `00` to `ff`. */
const hex = (byte: number) => byte.toString(16).padStart(2, '0');

function manyHosts(): string {
  const hosts = Array.from({ length: HOSTS }, (_, i) => {
    const [high, low] = [i >> 8, i & 0xff];
    const fields = [`mac: "52:54:00:01:${hex(high)}:${hex(low)}"`, `ip: 10.1.${high}.${low}`];
    return `- { name: h${i}.lab, ${fields.join(', ')}, parameters: { rack: ${i % 40} } }\n`;
  });
  return `subnets: [{ name: lab, network: 10.0.0.0/8 }]\nhosts:\n${hosts.join('')}`;
}

it('takes ten thousand hosts from a pipe, again for nothing, and gives them back', {
  timeout: 120_000,
}, () => {
  const text = manyHosts();
  const first = chainboot(['apply', '-f', '-'], text);
  expect(first).toMatchObject({ status: 0, stderr: '' });
  expect(first.stdout).toContain(`${HOSTS + 1} created, 0 changed, 0 unchanged\n`);
  const again = chainboot(['apply', '-f', '-', '--prune'], text);
  expect(again).toMatchObject({ status: 0, stdout: `0 created, 0 changed, ${HOSTS + 1} unchanged\n` });
  const exported = chainboot(['export']);
  const back = chainboot(['apply', '-f', '-', '--prune'], exported.stdout);
  expect(back).toMatchObject({ status: 0, stdout: again.stdout });
  const took = { first: first.took, again: again.took, exported: exported.took };
  for (const ms of Object.values(took)) expect(ms, JSON.stringify(took)).toBeLessThan(MOST_MS);
});

it('refuses as a whole with status 2', () => {
  const refused = chainboot(['apply', '-f', '-'], 'hosts: [{ name: a.lab }, { nam: b }]\n');
  expect(refused).toMatchObject({ status: 2, stdout: '' });
  expect(refused.stderr).toContain('SITE_INVALID');
  expect(refused.stderr).toContain('did you mean "name"?');
});

it('asks before it deletes, on a terminal only', (ctx) => {
  if (spawnSync('script', ['--version']).error !== undefined) ctx.skip('needs script (Debian: bsdutils)');
  const site = join(directory, 'site.yaml');
  const apply = [
    process.execPath,
    MAIN,
    '--config',
    join(directory, 'config.yaml'),
    'apply',
    '--prune',
    '-f',
    site,
  ];
  const answered = (input: string) => {
    const words = ['-qec', `NO_COLOR=1 ${apply.join(' ')}`, '/dev/null'];
    const { status, stdout } = spawnSync('script', words, { input, encoding: 'utf8', timeout: MOST_MS });
    return { status, stdout };
  };
  writeFileSync(site, 'domains: [{ name: a.example }, { name: b.example }]\n');
  expect(chainboot(['apply', '--prune', '-f', site]).status).toBe(0);
  writeFileSync(site, 'domains: [{ name: a.example }]\n');
  const no = answered('n\n');
  expect(no).toMatchObject({ status: 2, stdout: expect.stringContaining('Delete 1 record(s)?') });
  expect(no.stdout).toContain('- domains b.example');
  expect(no.stdout).toContain('nothing was changed');
  expect(answered('y\n')).toMatchObject({ status: 0, stdout: expect.stringContaining('1 deleted') });
  const rest = JSON.parse(chainboot(['export', '--json']).stdout);
  expect(rest).toEqual({ domains: [{ name: 'a.example' }] });
});
