import type { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keptCertificate, presentCertificate } from './home.ts';

const NOW = Date.UTC(2026, 0, 15);
const DAY = 86_400_000;

let base: string;
let directory: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'chainboot-tls-'));
  directory = join(base, 'tls');
});
afterEach(() => rm(base, { recursive: true }));

const keep = (names: readonly string[], now = NOW, renew = false) =>
  keptCertificate({ directory, names, now, renew });
const prints = ({ root, own }: { root: X509Certificate; own: X509Certificate }) =>
  [root, own].map(({ fingerprint256 }) => fingerprint256);

it('makes a root and a certificate once, for nobody else to read', async () => {
  expect(await presentCertificate(directory)).toBeUndefined();
  const first = await keep(['192.0.2.1']);
  expect(first.made).toEqual(['root', 'server']);
  for (const file of ['authority.pem', 'server.pem'])
    expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect(await readdir(directory)).toHaveLength(2);
  const second = await keep(['192.0.2.1']);
  expect(second.made).toEqual([]);
  expect(prints(second)).toEqual(prints(first));
  const present = await presentCertificate(directory);
  expect(present?.own?.fingerprint256).toBe(first.own.fingerprint256);
});

it('renews before the end, for new names and when asked, by the same root', async () => {
  const first = await keep(['192.0.2.1', 'a.example']);
  expect((await keep(['a.example'], NOW + 540 * DAY)).made).toEqual([]);
  for (const [names, now, renew] of [
    [['192.0.2.1'], NOW + 551 * DAY, false],
    [['192.0.2.1'], NOW, true],
    [['192.0.2.1', '192.0.2.9'], NOW, false],
  ] as const) {
    const next = await keep(names, now, renew);
    expect(next.made).toEqual(['server']);
    expect(next.root.fingerprint256).toBe(first.root.fingerprint256);
    expect(names.filter((name) => next.own.checkIP(name) === undefined)).toEqual([]);
  }
});

it('makes a damaged certificate anew, and never replaces a root', async () => {
  const first = await keep(['192.0.2.1']);
  await writeFile(join(directory, 'server.pem'), 'rubbish');
  expect((await keep(['192.0.2.1'])).made).toEqual(['server']);
  const rootFile = join(directory, 'authority.pem');
  const text = await readFile(rootFile, 'utf8');
  for (const damaged of ['', 'rubbish', text.slice(0, 900), text.replace(/[A-Z]{8}/, 'AAAAAAAA')]) {
    await writeFile(rootFile, damaged);
    await expect(keep(['192.0.2.1'])).rejects.toMatchObject({ code: 'CERTIFICATE_UNUSABLE' });
    await expect(presentCertificate(directory)).rejects.toMatchObject({ code: 'CERTIFICATE_UNUSABLE' });
    expect(await readFile(rootFile, 'utf8')).toBe(damaged);
  }
  await writeFile(rootFile, text);
  expect((await keep(['192.0.2.1'])).root.fingerprint256).toBe(first.root.fingerprint256);
});

it('makes one root when two want one at the same time', async () => {
  const both = await Promise.all([keep(['192.0.2.1']), keep(['192.0.2.1'])]);
  expect(new Set(both.map(({ root }) => root.fingerprint256)).size).toBe(1);
  for (const { own, root } of both) expect(own.verify(root.publicKey)).toBe(true);
});

it('says where it cannot write', async () => {
  await writeFile(directory, 'a file in its place');
  await expect(keep(['192.0.2.1'])).rejects.toMatchObject({ code: 'CERTIFICATE_UNUSABLE' });
  directory = '/sys/chainboot';
  await expect(keep(['192.0.2.1'])).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
});
