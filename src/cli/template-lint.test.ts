/** `template lint`, `template render --diff` and what is said on save, as a user runs them. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Ran, runCli } from '../../test/cli-run.ts';
import type { LintFinding } from '../service/lint/collect.ts';
import { openSqlite } from '../store/sqlite/open.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-lint-'));
  write('config.yaml', `links: [{ interface: lo, address: 127.0.0.1 }]\ndatabase: ${at('x.db')}\n`);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const at = (file: string) => join(directory, file);
const write = (file: string, content: string) => writeFileSync(at(file), content);

const chainboot = (...words: readonly string[]): Promise<Ran> => runCli(directory, words);

const HEAD = 'url --url=http://192.0.2.9/\nlang en_US.UTF-8\ntimezone --utc Etc/UTC\nrootpw --lock\n';

/** Templates by their files, `ptable` for a layout; two hosts get them. */
async function site(texts: Readonly<Record<string, string>>): Promise<Ran> {
  const { ptable, ...templates } = texts;
  for (const [name, text] of Object.entries(texts)) write(`${name}.erb`, text);
  const host = (number: number) => ({
    name: `web${number}.lab`,
    mac: `52:54:00:00:00:0${number}`,
    ip: `127.0.0.1${number}`,
    operatingsystem: 'Rocky 9.4',
    parameters: { number, packages: number === 1 ? 'vim nano' : 'vim' },
  });
  write(
    'site.yaml',
    stringify({
      media: [{ name: 'mirror', path: 'http://192.0.2.9' }],
      operatingsystems: [
        {
          name: 'Rocky',
          major: '9',
          minor: '4',
          family: 'Redhat',
          media: ['mirror'],
          ...(ptable && { ptables: ['ptable'] }),
        },
      ],
      ptables: ptable === undefined ? [] : [{ name: 'ptable', file: 'ptable.erb', os_family: 'Redhat' }],
      templates: Object.keys(templates).map((name) => {
        const kind = name.startsWith('snip') ? 'snippet' : 'provision';
        return { name, kind, file: `${name}.erb`, ...(kind === 'provision' && { oses: ['Rocky'] }) };
      }),
      hosts: [host(1), host(2)],
    }),
  );
  return chainboot('apply', '-f', at('site.yaml'));
}

const lintJson = async (...words: readonly string[]) =>
  JSON.parse((await chainboot('template', 'lint', ...words, '--json')).out) as {
    readonly findings: readonly LintFinding[];
    readonly notes: readonly { readonly template: string; readonly message: string }[];
  };

const FAULTY = {
  ks: `${HEAD}<%= @host.diskLayout %>\n%packages\n<%= host_param('packages') %>\n%end\n<%= snippet 'snip' -%>\n`,
  snip: '# <%= host_param("number") %>\nnetwrok --bootproto=dhcp\n%post\nif true; then\n%end\n',
  ptable: 'clearpart --all\nautopart --type lvm --nohom\n',
};

describe('template lint', () => {
  it('leads faults of template, snippet, layout and parameter back to their lines', async () => {
    await site(FAULTY);
    const { out, err, status } = await chainboot('template', 'lint', 'ks');
    expect(out).toBe(
      [
        'ks:7:5: error: a line of %packages names one package',
        '    for web1.lab',
        '    | vim nano',
        'ptable:2:21: error: autopart has no option --nohom (did you mean "--nohome"?)',
        '    in ks for 2 hosts, first web1.lab',
        '    | autopart --type lvm --nohom',
        'snip:2:1: error: there is no command "netwrok" (did you mean "network"?)',
        '    in ks for 2 hosts, first web1.lab',
        '    | netwrok --bootproto=dhcp',
        'snip:5:1: error: bash cannot read this: unexpected end of file',
        '    in ks for 2 hosts, first web1.lab',
        '    | %end',
        '',
      ].join('\n'),
    );
    expect(err).toBe('1 checked by 2 renderings: 4 errors, 0 warnings\n');
    expect(status).toBe(1);
  });

  it('checks a snippet by its callers, and a layout alone', async () => {
    await site(FAULTY);
    const places = async (...words: readonly string[]) =>
      (await lintJson(...words)).findings.map(({ template, line }) => `${template}:${line}`);
    expect(await places('snip')).toEqual(['snip:2', 'snip:5']);
    expect(await places('ptable')).toEqual(['ptable:2']);
    expect(await places('ks', '--host', 'web2.lab')).toEqual(['ptable:2', 'snip:2', 'snip:5']);
  });

  it('finds nothing in what is fine, and says what nobody uses', async () => {
    await site({ ks: `${HEAD}autopart\n`, snip_alone: 'text\n' });
    expect(await chainboot('template', 'lint', 'ks')).toMatchObject({ out: '', status: 0 });
    const { err, status } = await chainboot('template', 'lint', 'snip_alone');
    expect(err).toContain('note: snip_alone: not rendered: nothing that a host uses calls it');
    expect(status).toBe(0);
  });

  it('tells what fails when it is rendered, with the hosts it fails for', async () => {
    await site({
      ks: `${HEAD}autopart\n<% if host_param('number') == 2 -%>\n<%= @host.name.nope %>\n<% end -%>\n`,
    });
    expect((await lintJson('ks')).findings).toMatchObject([
      { template: 'ks', line: 7, severity: 'error', hosts: { count: 1, first: 'web2.lab' } },
    ]);
  });

  it('checks a file that is not stored yet in the place of the template it names', async () => {
    await site({ ks: `${HEAD}autopart\n` });
    write('new.erb', `<%#\nname: ks\nkind: provision\n-%>\n${HEAD}autoprat\n`);
    const { out, status } = await chainboot('template', 'lint', at('new.erb'));
    expect(out).toContain('new.erb:9:1: error: there is no command "autoprat" (did you mean "autopart"?)');
    expect(status).toBe(1);
    expect((await chainboot('template', 'lint', 'ks')).status).toBe(0);
    write('bare.erb', `${HEAD}autoprat\n`);
    expect((await chainboot('template', 'lint', at('bare.erb'))).status).toBe(0);
    const { out: bare } = await chainboot('template', 'lint', at('bare.erb'), '--as', 'ks');
    expect(bare).toContain('bare.erb:5:1: error: there is no command "autoprat"');
    expect((await chainboot('template', 'lint', 'ks', '--as', 'ks')).err).toContain('USAGE');
    write('broken.erb', '<%= `id` %>\n');
    expect((await chainboot('template', 'lint', at('broken.erb'))).out).toMatch(/^broken.erb:1:\d+: error/);
  });

  it('renders for a host that is named also what it would not get', async () => {
    await site({ ks: `${HEAD}autopart\n` });
    write('other.erb', `<%#\nname: other\nkind: provision\n-%>\n${HEAD}autoprat\n`);
    expect((await chainboot('template', 'lint', at('other.erb'))).err).toContain('no host uses it');
    const { out } = await chainboot('template', 'lint', at('other.erb'), '--host', 'web1.lab');
    expect(out).toContain('other.erb:9:1: error: there is no command "autoprat"');
  });

  it('knows neither templates nor hosts that there are not', async () => {
    await site({ ks: `${HEAD}autopart\n` });
    for (const words of [['nope'], ['ks', '--host', 'nope']]) {
      const { err, status } = await chainboot('template', 'lint', ...words);
      expect(err).toContain('NOT_FOUND');
      expect(status).toBe(2);
    }
  });
});

describe('on save', () => {
  it('apply stores the template and tells what is wrong with it', async () => {
    const { out, err, status } = await site({ ks: `${HEAD}autoprat\n` });
    expect(out).toContain('+ provisioning_templates ks');
    expect(err).toContain('ks:5:1: error: there is no command "autoprat"');
    expect(status).toBe(0);
    expect((await chainboot('apply', '-f', at('site.yaml'))).err).toBe('');
  });

  it('import does too, and a dry run knows it before', async () => {
    await site({ ks: `${HEAD}autopart\n` });
    write('tree.erb', `<%#\nname: ks\nkind: provision\noses: [Rocky]\n-%>\n${HEAD}autoprat\n`);
    for (const words of [['--dry-run'], []]) {
      const { err, status } = await chainboot('template', 'import', at('tree.erb'), ...words);
      expect(err).toContain('ks:10:1: error: there is no command "autoprat"');
      expect(status).toBe(0);
    }
  });
});

describe('template render --diff', () => {
  const diff = (...words: readonly string[]) =>
    chainboot('template', 'render', 'ks', '--host', 'web1.lab', '--diff', ...words);

  async function received(text: string, template = 'ks'): Promise<void> {
    const store = openSqlite(at('x.db'));
    const at2 = Date.UTC(2026, 0, 2, 3, 4, 5);
    const { changes } = await store.inventory.since(0);
    const id = changes.flatMap((change) =>
      change.op === 'put' && change.collection === 'hosts' && change.record.name === 'web1.lab'
        ? [change.record.id]
        : [],
    )[0]!;
    await store.renderings.put([{ host: id, kind: 'provision', template, text, at: at2, boot: 'b-1' }]);
    await store.close();
  }

  it('shows what is new for the host', async () => {
    await site({ ks: 'one\ntwo <%= @host.name %>\n' });
    await received('one\nzwei web1.lab\n');
    const { out, err, status } = await diff();
    expect(out).toBe(
      '--- ks\t2026-01-02 03:04:05\n+++ ks\tnow\n@@ -1,2 +1,2 @@\n one\n-zwei web1.lab\n+two web1.lab\n',
    );
    expect(err).toContain('last received 2026-01-02 03:04:05 in boot b-1');
    expect(status).toBe(1);
    expect(JSON.parse((await diff('--json')).out)).toMatchObject({
      last: { boot: 'b-1', template: 'ks' },
      diff: out,
    });
  });

  it('shows nothing when nothing is', async () => {
    await site({ ks: 'one\n' });
    await received('one\n');
    expect(await diff()).toMatchObject({ out: '', status: 0 });
  });

  it('says when nothing was received, or another template', async () => {
    await site({ ks: 'one\n' });
    expect(await diff()).toMatchObject({
      out: '--- /dev/null\n+++ ks\tnow\n@@ -0,0 +1 @@\n+one\n',
      err: 'web1.lab has received nothing of this kind yet\n',
      status: 1,
    });
    await received('one\n', 'other');
    expect((await diff()).err).toContain('has not received "ks" yet but "other"');
  });
});
