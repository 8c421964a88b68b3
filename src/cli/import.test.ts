/** `chainboot import` as a user runs it: files, a database, exit statuses. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Ran, runCli } from '../../test/cli-run.ts';
import { EXAMPLES } from '../../test/moving-examples.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-moving-'));
  write(
    'config.yaml',
    `links: [{ interface: lo, address: 127.0.0.1 }]\ndatabase: ${join(directory, 'x.db')}\n`,
  );
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(file: string, content: string): string {
  writeFileSync(join(directory, file), content);
  return join(directory, file);
}

const chainboot = (...words: readonly string[]): Promise<Ran> => runCli(directory, words);

const NET = 'subnet 10.1.0.0 netmask 255.255.255.0 {\n  option routers 10.1.0.1;\n}\n';
const host = (name: string, last: number) =>
  `host ${name} { hardware ethernet 52:54:00:00:00:0${last}; fixed-address 10.1.0.${last}; }\n`;

it('takes what is there, once', async () => {
  const conf = write('dhcpd.conf', NET + host('a', 2) + host('b', 3));
  const dry = await chainboot('import', 'dhcpd', conf, '--dry-run');
  expect(dry).toMatchObject({ status: 0, out: expect.stringContaining('3 would be created') });
  const first = await chainboot('import', 'dhcpd', conf);
  expect(first.out).toContain('+ hosts a\n');
  expect(first.out).toContain('3 created, 0 changed, 0 unchanged');
  expect((await chainboot('import', 'dhcpd', conf)).out).toContain('0 created, 0 changed, 3 unchanged');
});

it('takes nothing when something is wrong, or what is right with --partial', async () => {
  const conf = write('dhcpd.conf', NET + host('a', 2) + host('b_c', 3) + host('d', 2));
  const refused = await chainboot('import', 'dhcpd', conf, '--report', join(directory, 'report'));
  expect(refused.status).toBe(2);
  expect(refused.err).toContain('IMPORT_REFUSED');
  expect(refused.err).toContain('dhcpd.conf:5:1: host b_c');
  expect(refused.err).toContain('dhcpd.conf:6:10: host d');
  expect(readFileSync(join(directory, 'report'), 'utf8')).toContain('Refused:\n');
  const partial = await chainboot('import', 'dhcpd', conf, '--partial', '--json');
  expect(JSON.parse(partial.out)).toMatchObject({
    records: expect.arrayContaining([expect.objectContaining({ action: 'create', name: 'a' })]),
    counts: { refused: 2 },
  });
});

it('tells what is wrong beside the rest of the site at the line of the file', async () => {
  await chainboot('import', 'dhcpd', write('one.conf', NET + host('a', 2)));
  const two = write('two.conf', host('x', 9) + host('y', 2));
  const refused = await chainboot('import', 'dhcpd', two);
  expect(refused).toMatchObject({ status: 2, err: expect.stringContaining('two.conf:2:1: y.') });
  const partial = await chainboot('import', 'dhcpd', two, '--partial');
  expect(partial.out).toContain('+ hosts x\n1 created');
});

it('changes what is there only with --update, and keeps what the file does not say', async () => {
  await chainboot('import', 'dhcpd', write('one.conf', NET + host('a', 2)));
  const site = write(
    'site.yaml',
    'hosts:\n- {name: a, mac: "52:54:00:00:00:02", ip: 10.1.0.2, comment: mine}\n',
  );
  expect((await chainboot('apply', '-f', site)).status).toBe(0);
  expect((await chainboot('import', 'dhcpd', join(directory, 'one.conf'))).out).toContain('2 unchanged');
  const moved = write('two.conf', NET + host('a', 2).replace('10.1.0.2', '10.1.0.7'));
  const refused = await chainboot('import', 'dhcpd', moved);
  expect(refused).toMatchObject({ status: 2, err: expect.stringContaining('IMPORT_EXISTS') });
  expect(refused.err).toContain('two.conf:4:1: a: ');
  expect((await chainboot('import', 'dhcpd', moved, '--update')).out).toContain('~ hosts a\n');
  const shown = JSON.parse((await chainboot('host', 'show', 'a', '--json')).out);
  expect(JSON.stringify(shown)).toContain('"ip":"10.1.0.7"');
  expect(JSON.stringify(shown)).toContain('mine');
});

it('writes a site file that says the same, and changes nothing', async () => {
  const file = join(directory, 'site.yaml');
  const conf = join(EXAMPLES, 'dnsmasq/dnsmasq.conf');
  expect(await chainboot('import', 'dnsmasq', conf, '-o', file)).toMatchObject({ status: 0, out: '' });
  expect(existsSync(join(directory, 'x.db'))).toBe(false);
  expect((await chainboot('apply', '-f', file)).out).toContain('15 created');
  expect((await chainboot('import', 'dnsmasq', conf)).out).toContain('0 created, 0 changed, 15 unchanged');
});

it('leaves loaders out that nobody installed', async () => {
  const conf = join(EXAMPLES, 'kea/kea-dhcp4.conf');
  const empty = write(
    'config.yaml',
    `${readFileSync(join(directory, 'config.yaml'), 'utf8')}loaders: { directories: [] }\n`,
  );
  expect(existsSync(empty)).toBe(true);
  const ran = await chainboot('import', 'kea', conf, '--json');
  expect(ran).toMatchObject({ status: 0 });
  const { notes } = JSON.parse(ran.out);
  const left = notes.filter(({ subject }: { subject: string }) => subject.includes('pxe_loader'));
  expect(left.map(({ line }: { line: number }) => line)).toEqual(expect.arrayContaining([8, 39]));
});

it('finds the files of another machine below a directory', async () => {
  const root = join(directory, 'copy');
  mkdirSync(join(root, 'etc/dhcp'), { recursive: true });
  writeFileSync(join(root, 'etc/dhcp/hosts.conf'), host('a', 2));
  const conf = write('dhcpd.conf', 'include "/etc/dhcp/hosts.conf";\n');
  expect(await chainboot('import', 'dhcpd', conf)).toMatchObject({ status: 2 });
  expect((await chainboot('import', 'dhcpd', conf, '--root', root)).out).toContain('+ hosts a\n');
});

it('brings Cobbler’s collections in', async () => {
  const ran = await chainboot('import', 'cobbler', join(EXAMPLES, 'cobbler'));
  expect(ran).toMatchObject({ status: 0, out: expect.stringContaining('+ hostgroups rocky9/rocky9-db\n') });
  // Pools are in what Cobbler writes for dhcpd.
  const conf = write(
    'dhcpd.conf',
    `subnet 10.71.0.0 netmask 255.255.255.0 { range 10.71.0.100 10.71.0.199; }
     host db1-eth0 { hardware ethernet 52:54:00:71:00:11; fixed-address 10.71.0.11; }`,
  );
  const more = await chainboot('import', 'dhcpd', conf, '--update', '--partial');
  expect(more.out).toContain('~ subnets 10.71.0.0-24\n0 created, 1 changed');
});

it('says where a file is no configuration, and which one is not there', async () => {
  const conf = write('dhcpd.conf', '\n\n  host a {');
  expect(await chainboot('import', 'dhcpd', conf)).toMatchObject({
    status: 2,
    err: expect.stringContaining('IMPORT_UNREADABLE: dhcpd.conf:3:3 '),
  });
  const gone = await chainboot('import', 'kea', join(directory, 'gone'));
  expect(gone.err).toContain('CONFIG_UNREADABLE');
  const self = await chainboot('import', 'dnsmasq', conf, '--self', 'here');
  expect(self).toMatchObject({ status: 2, err: expect.stringContaining('USAGE') });
});
