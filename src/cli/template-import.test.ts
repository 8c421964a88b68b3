/** `template import` and `template export` as a user runs them: files, a database, exit statuses. */

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ran, runCli } from '../../test/cli-run.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-import-'));
  write(
    'config.yaml',
    `links: [{ interface: lo, address: 127.0.0.1 }]\ndatabase: ${join(directory, 'x.db')}\n`,
  );
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(file: string, content: string | Uint8Array): void {
  const path = join(directory, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const chainboot = (...words: readonly string[]): Promise<Ran> => runCli(directory, words);

function at(path: string): string {
  return join(directory, path);
}

const KS = '<%#\nkind: provision\nname: Own kickstart\noses:\n- Rocky\n-%>\ninstall <%= @host.name %>\n';
const SNIPPET = '<%#\nkind: snippet\nname: own_snippet\n-%>\nsnip\n';
const DISK = '<%#\nmodel: Ptable\nname: Own disk\noses:\n- Rocky\n-%>\nclearpart --all\n';

function writeTree(): void {
  write('tree/provisioning_templates/provision/own_kickstart.erb', KS);
  write('tree/provisioning_templates/snippet/own_snippet.erb', SNIPPET);
  write('tree/partition_tables_templates/own_disk.erb', DISK);
}

describe('template import', () => {
  it('takes a tree, and has nothing to do the second time', async () => {
    writeTree();
    expect(await chainboot('template', 'import', at('tree'))).toMatchObject({
      status: 0,
      out: [
        'created   tree/partition_tables_templates/own_disk.erb: ptable "Own disk"',
        'created   tree/provisioning_templates/provision/own_kickstart.erb: provision "Own kickstart"',
        'created   tree/provisioning_templates/snippet/own_snippet.erb: snippet "own_snippet"',
        '3 created, 0 updated',
        '',
      ].join('\n'),
    });
    const list = (await chainboot('template', 'list')).out;
    expect(list).toMatch(/^Own disk +ptable +site$/m);
    expect(list).toMatch(/^Own kickstart +provision +site$/m);
    expect((await chainboot('template', 'show', 'Own disk')).out).toBe(DISK);
    const again = await chainboot('template', 'import', at('tree'));
    expect(again).toMatchObject({ status: 0 });
    expect(again.out).toMatch(/\n0 created, 0 updated, 3 unchanged\n$/);
    const told = JSON.parse((await chainboot('audit', '--json')).out);
    expect(told.map(({ via }: { via: string }) => via)).toEqual(['import', 'import', 'import']);
  });

  it('stores nothing in a dry run', async () => {
    writeTree();
    const dry = await chainboot('template', 'import', at('tree'), '--dry-run');
    expect(dry).toMatchObject({ status: 0, out: expect.stringContaining('nothing was stored') });
    expect((await chainboot('template', 'list')).out).not.toContain('Own kickstart');
  });

  it('goes on past files that cannot be, and says of each why', async () => {
    writeTree();
    write('tree/broken.erb', '<%#\nname: Broken\nkind: script\n-%>\n<%= foo( %>\n');
    write('tree/unsafe.erb', '<%#\nname: Unsafe\nkind: script\n-%>\n\n  <%= `id` %>\n');
    write('tree/latin.erb', Buffer.from('<%#\nname: L\nkind: script\n-%>\nb\xe4r\n', 'latin1'));
    write('tree/wide.erb', Buffer.from('\ufeff<%# name: x %>', 'utf16le'));
    write('tree/nul.erb', '<%#\nname: N\nkind: script\n-%>\na\0\n');
    write('tree/huge.erb', 'x'.repeat(5 << 20));
    write('tree/yaml.erb', '<%#\nname: [x\nkind: y\n-%>\n');
    write('tree/plain.erb', 'text\n');
    write('tree/job.erb', '<%#\nname: Job\nmodel: JobTemplate\n-%>\n');
    write('tree/.git/hidden.erb', 'text\n');
    symlinkSync('loop.erb', at('tree/loop.erb'));
    symlinkSync('..', at('tree/up'));
    symlinkSync('/dev/null', at('tree/device.erb'));
    const { status, out } = await chainboot('template', 'import', at('tree'));
    expect(status).toBe(1);
    for (const line of [
      'tree/broken.erb:5:10: syntax error',
      'tree/unsafe.erb:6:7: running a command is not allowed in templates',
      'tree/latin.erb:5:2: not UTF-8',
      'refused   tree/wide.erb',
      'tree/nul.erb:5:2: a NUL byte',
      'refused   tree/huge.erb: larger than 4 MiB',
      'tree/yaml.erb:3:1: its metadata header is no YAML',
      'refused   tree/loop.erb: cannot be read: ELOOP',
      'skipped   tree/plain.erb: it has no metadata header',
      'skipped   tree/job.erb: "Job" a job template',
      'skipped   tree/device.erb: not a regular file',
      'skipped   tree/up: a symbolic link to a directory',
      '3 created, 0 updated, 4 skipped, 8 refused',
    ])
      expect(out).toContain(line);
    expect(out).not.toContain('hidden');
  });

  it('leaves out byte-order marks and carriage returns, and says so', async () => {
    write('a.erb', `\ufeff${KS.replaceAll('\n', '\r\n')}`);
    const { out } = await chainboot('template', 'import', at('a.erb'));
    expect(out).toContain('byte-order mark');
    expect(out).toContain('carriage returns');
    expect((await chainboot('template', 'show', 'Own kickstart')).out).toBe(KS);
  });

  it('says the same in JSON', async () => {
    writeTree();
    write('tree/x.erb', 'text');
    const { out } = await chainboot('template', 'import', at('tree'), '--json', '--prefix', 'ACME ');
    expect(JSON.parse(out)).toMatchObject({
      dry_run: false,
      summary: { created: 3, skipped: 1, refused: 0 },
      files: [
        { outcome: 'created', name: 'ACME Own disk', kind: 'ptable' },
        { outcome: 'created', name: 'ACME Own kickstart', kind: 'provision' },
        { outcome: 'created', name: 'ACME own_snippet', kind: 'snippet' },
        { outcome: 'skipped', reason: 'it has no metadata header' },
      ],
    });
  });

  it('takes only what the filter lets through', async () => {
    writeTree();
    const only = await chainboot('template', 'import', at('tree'), '--filter', 'KICK');
    expect(only.out).toMatch(/1 created, 0 updated, 2 filtered\n$/);
    const others = await chainboot('template', 'import', at('tree'), '--filter', 'KICK', '--negate');
    expect(others.out).toMatch(/2 created, 0 updated, 1 filtered\n$/);
  });

  it.each([
    [['nowhere'], /USAGE.*nowhere.*ENOENT/],
    [['tree', '--filter', '('], /--filter/],
    [['tree', '--negate'], /USAGE/],
    [['tree', '--associate', 'sometimes'], /Allowed choices/],
    [[], /missing required argument/],
  ] as const)('refuses %j as a whole', async (words, message) => {
    writeTree();
    const [path, ...rest] = words;
    const ran = await chainboot('template', 'import', ...(path === undefined ? [] : [at(path)]), ...rest);
    expect(ran).toMatchObject({ status: 2, out: '', err: expect.stringMatching(message) });
  });
});

describe('template export', () => {
  it('writes the tree again, byte for byte', async () => {
    writeTree();
    await chainboot('template', 'import', at('tree'));
    expect((await chainboot('template', 'export', '--dir', at('out'))).out).toMatch(/3 exported\n$/);
    const files = (root: string) =>
      (readdirSync(at(root), { recursive: true, encoding: 'utf8' }) as string[])
        .filter((file) => file.endsWith('.erb'))
        .sort()
        .map((file) => [file, readFileSync(join(at(root), file), 'utf8')]);
    expect(files('out')).toEqual(files('tree'));
    const again = await chainboot('template', 'export', '--dir', at('out'));
    expect(again.out).toMatch(/^unchanged .*\nunchanged .*\nunchanged .*\n3 exported\n$/);
  });

  it('prints one, with the header wanted', async () => {
    writeTree();
    await chainboot('template', 'import', at('tree'), '--prefix', 'My ');
    expect((await chainboot('template', 'export', 'My Own disk', '--metadata-export-mode', 'keep')).out).toBe(
      DISK,
    );
    expect(
      (await chainboot('template', 'export', 'My Own disk', '--metadata-export-mode', 'remove')).out,
    ).toBe('clearpart --all\n');
    expect((await chainboot('template', 'export', 'My Own disk')).out).toContain('name: My Own disk\n');
  });

  it('refuses what it cannot find, and what needs a directory', async () => {
    writeTree();
    await chainboot('template', 'import', at('tree'));
    expect(await chainboot('template', 'export', 'Nothing')).toMatchObject({
      status: 2,
      err: expect.stringContaining('NOT_FOUND'),
    });
    expect(await chainboot('template', 'export')).toMatchObject({
      status: 2,
      err: expect.stringContaining('--dir'),
    });
    expect(await chainboot('template', 'export', '--dir', at('config.yaml'))).toMatchObject({
      status: 1,
      err: expect.stringContaining('FILE_UNWRITABLE'),
    });
  });
});

describe('template delete', () => {
  it('takes back what was imported, and lets the shipped one through again', async () => {
    writeTree();
    write('tree/built.erb', SNIPPET.replace('own_snippet', 'built'));
    await chainboot('template', 'import', at('tree'));
    expect((await chainboot('template', 'show', 'built')).out).toContain('snip');
    expect((await chainboot('template', 'list')).out).toMatch(/^built +snippet +site, for a shipped one$/m);
    const names = ['built', 'Own disk', 'Own kickstart'];
    expect((await chainboot('template', 'delete', ...names, '--dry-run')).out).toContain('would be deleted');
    expect((await chainboot('template', 'delete', ...names)).out).toBe(
      'deleted snippet "built"; the shipped one is there again\ndeleted ptable "Own disk"\ndeleted provision "Own kickstart"\n',
    );
    const list = (await chainboot('template', 'list')).out;
    expect(list).toMatch(/^built +snippet +shipped$/m);
    expect(list).not.toContain('Own disk');
    expect(await chainboot('template', 'delete', 'built')).toMatchObject({
      status: 2,
      err: expect.stringContaining('TEMPLATES_KEPT'),
    });
  });
});
