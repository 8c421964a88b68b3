/** `chainboot apply` as a user runs it: several files, what it shows, what it deletes, and how it ends. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ran, runCli } from '../../test/cli-run.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import { withInventory } from './open.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-apply-'));
  write(
    'config.yaml',
    `links: [{ interface: lo, address: 127.0.0.1 }]\ndatabase: ${join(directory, 'x.db')}\n`,
  );
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(path: string, text: string): string {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const chainboot = (...words: readonly string[]): Promise<Ran> => runCli(directory, words);
const apply = (...words: readonly string[]): Promise<Ran> => chainboot('apply', ...words);

const NET = 'subnets: [{ name: lab, network: 10.0.0.0/24 }]\n';
const host = (name: string, last: number) =>
  `  - { name: ${name}, mac: "52:54:00:00:00:0${last}", ip: 10.0.0.${last} }\n`;

describe('several files', () => {
  it('are one site: those of a directory in the order of their names, templates beside the file', async () => {
    const site = join(directory, 'site');
    write('site/net.yml', NET);
    write('site/b/hosts.yaml', `hosts:\n${host('b.lab', 2)}templates:\n- { file: t.erb, kind: finish }\n`);
    write('site/b/t.erb', 'text\n');
    write('site/a/hosts.yaml', `parameters: { x: 1 }\nhosts:\n${host('a.lab', 3)}`);
    write('site/.git/config.yaml', 'nonsense: [');
    write('site/README.md', '# not a site');
    const more = write('more.yaml', 'parameters: { y: 2 }\n');
    const { out } = await apply('-f', site, '-f', more, '--json');
    const names = JSON.parse(out).records.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['a.lab', 'b.lab', 'lab', 't', 'x', 'y']);
    expect((await apply('-f', site, '-f', more)).out).toBe('0 created, 0 changed, 6 unchanged\n');
  });

  it('tell each fault at its own place, and a record in two of them at both', async () => {
    write('site/1.yaml', `parameters: { x: 1 }\nhosts:\n${host('a.lab', 2)}`);
    write('site/2.yaml', `parameters: { x: 2 }\nhosts:\n${host('b.lab', 2)}${host('a.lab', 4)}`);
    const { status, err } = await apply('-f', join(directory, 'site'));
    expect(status).toBe(2);
    expect(err).toContain('site/2.yaml:1:15: parameters.x: "x" is declared twice, first at site/1.yaml:1:15');
    expect(err).toContain(
      'site/2.yaml:4:7: hosts[1].name: "a.lab" is declared twice, first at site/1.yaml:3:7',
    );
    expect(err).toContain('site/2.yaml:3:20: hosts[0].mac: 52:54:00:00:00:02 already belongs to a.lab');
  });

  it('are taken once, though links lead in circles', async () => {
    write('site/net.yaml', NET);
    symlinkSync('.', join(directory, 'site/again'));
    symlinkSync('nowhere', join(directory, 'site/gone'));
    const site = join(directory, 'site');
    expect((await apply('-f', site, '-f', join(site, 'net.yaml'))).out).toContain('1 created');
  });

  it('must be there', async () => {
    mkdirSync(join(directory, 'empty'));
    expect(await apply('-f', join(directory, 'empty'), '--prune')).toMatchObject({
      status: 2,
      err: expect.stringContaining('SITE_FILES_MISSING'),
    });
    expect(await apply('-f', join(directory, 'none.yaml'))).toMatchObject({
      err: expect.stringContaining('CONFIG_UNREADABLE'),
    });
  });
});

describe('what it shows', () => {
  it('is every field that changes, texts as a diff, and no secret', async () => {
    const site = (color: string, pass: string, line: string) =>
      `${NET}hostgroups:\n- { name: g, root_pass: ${pass}, parameters: { color: ${color}, pin: ${pass} }, hidden_parameters: [pin] }\n` +
      `templates:\n- name: T\n  kind: finish\n  template: |\n    one\n    ${line}\n`;
    await apply('-f', write('s.yaml', site('red', '$6$old', 'two')));
    const changed = write('s.yaml', site('blue', '$6$new', 'three'));
    const { out } = await apply('-f', changed, '--dry-run');
    expect(out).toContain('~ hostgroups g\n');
    expect(out).toContain('    parameters.color: red → blue\n');
    expect(out).toContain('    root_pass: [redacted] → [redacted]\n');
    expect(out).toContain('    parameters.pin: [redacted] → [redacted]\n');
    expect(out).toContain('      @@ -1,2 +1,2 @@\n       one\n      -two\n      +three\n');
    expect(out).toContain('0 would be created, 2 would be changed, 1 unchanged');
    expect(out).not.toContain('$6$');
    const { records } = JSON.parse((await apply('-f', changed, '--json')).out);
    expect(records.find(({ name }: { name: string }) => name === 'g').changes).toContainEqual({
      field: 'parameters.color',
      before: 'red',
      after: 'blue',
    });
  });
});

describe('--prune', () => {
  const both = () => write('s.yaml', `${NET}hosts:\n${host('a.lab', 2)}${host('b.lab', 3)}`);

  it('deletes what was declared, and nothing that was made otherwise', async () => {
    await apply('-f', both());
    await chainboot('host', 'create', 'c.lab', '--mac', '52:54:00:00:00:04');
    const one = write('s.yaml', `${NET}hosts:\n${host('a.lab', 2)}`);
    expect((await apply('-f', one)).out).toBe('0 created, 0 changed, 2 unchanged\n');
    expect((await apply('-f', one, '--prune', '--dry-run')).out).toContain('- hosts b.lab\n');
    expect((await apply('-f', one, '--prune')).out).toBe(
      '- hosts b.lab\n0 created, 0 changed, 1 deleted, 2 unchanged\n',
    );
    const { out } = await chainboot('export', '--only', 'hosts', '--json');
    expect(JSON.parse(out).hosts.map(({ name }: { name: string }) => name)).toEqual(['a.lab', 'c.lab']);
  });

  it('takes over what is declared later', async () => {
    await chainboot('host', 'create', 'a.lab', '--mac', '52:54:00:00:00:02');
    const site = write('s.yaml', 'hosts: [{ name: a.lab, mac: "52:54:00:00:00:02" }]\n');
    expect((await apply('-f', site)).out).toBe('0 created, 0 changed, 1 unchanged\n');
    expect((await apply('-f', write('s.yaml', 'hosts: []\n'), '--prune')).out).toContain('- hosts a.lab\n');
  });

  it('refuses to delete what something that stays needs', async () => {
    await apply('-f', write('s.yaml', `${NET}domains: [{ name: lab }]\n`));
    await withInventory(join(directory, 'config.yaml'), ({ inventory }) =>
      inventory.change(() => ({
        changes: [
          {
            op: 'put',
            collection: 'hostgroups',
            record: { name: 'g', subnet: 'lab', provisioning_templates: [], parameters: {} },
          },
        ],
        result: undefined,
      })),
    );
    const { status, err } = await apply('-f', write('s.yaml', 'domains: [{ name: lab }]\n'), '--prune');
    expect(status).toBe(2);
    expect(err).toContain('subnets/lab: lab is used by');
  });
});

it('tells the audit who applied', async () => {
  await apply('-f', write('s.yaml', NET));
  const store = openSqlite(join(directory, 'x.db'));
  try {
    const { audits } = await store.inventory.audits({ limit: 10 });
    expect(audits).toMatchObject([{ via: 'apply', action: 'create', name: 'lab' }]);
  } finally {
    await store.close();
  }
});
