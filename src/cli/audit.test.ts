import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../../test/cli-run.ts';
import { Inventory } from '../service/inventory.ts';
import { openSqlite } from '../store/sqlite/open.ts';

const directory = mkdtempSync(join(tmpdir(), 'chainboot-audit-'));
const audit = (...words: string[]) => runCli(directory, ['audit', ...words]);

beforeAll(async () => {
  const database = join(directory, 'chainboot.db');
  writeFileSync(
    join(directory, 'config.yaml'),
    `links: [{ interface: lo, address: 127.0.0.1 }]\ndatabase: ${database}\n`,
  );
  const store = openSqlite(database);
  const inventory = await Inventory.open(store.inventory, {}, () => Date.UTC(2026, 0, 2, 3, 4, 5));
  const nics = { managed: true, enabled: true, interfaces: [], parameters: {} };
  await inventory.change(
    () => ({
      changes: [
        { op: 'put', collection: 'hosts', record: { name: 'web1.example.com', build: true, ...nics } },
        { op: 'put', collection: 'hosts', record: { name: 'web2.example.com', build: false, ...nics } },
      ],
      result: undefined,
    }),
    { via: 'api', user: 'ann' },
  );
  await inventory.change(
    (site) => {
      const { build_errors: _, ...host } = site.get('hosts', 'web1.example.com')!;
      const build_end = { how: 'failed', at: 5, by: '192.0.2.7' } as const;
      const record = { ...host, build: false, build_errors: 'no disk\nfound', build_end };
      return { changes: [{ op: 'put', collection: 'hosts', record }], result: undefined };
    },
    { via: 'boot', remote: '192.0.2.7', comment: 'the disk\nis broken' },
  );
  await store.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

it('tells newest first who changed what, one line a record', async () => {
  const { out, status } = await audit();
  const lines = out.trimEnd().split('\n');
  expect(status).toBe(0);
  expect(lines).toHaveLength(4);
  expect(lines[1]).toContain('2026-01-02 03:04:05  192.0.2.7 (boot)  update  hosts/web1.example.com');
  expect(lines[1]).toContain('build: true → false');
  expect(lines[1]).toContain('build_errors: nothing → no disk\\nfound');
  expect(lines[1]).toMatch(/ {2}the disk\\nis broken$/);
  expect(lines[2]).toMatch(/ann \(api\) +create +hosts\/web2\.example\.com$/);
});

it('finds those of a host or a user, so many as are asked for', async () => {
  const json = async (...words: string[]) => JSON.parse((await audit('--json', ...words)).out);
  expect(await json('--host', 'WEB1.example.com')).toMatchObject([
    { action: 'update' },
    { action: 'create' },
  ]);
  expect(await json('--user', 'ann', '--limit', '1')).toMatchObject([
    { name: 'web2.example.com', user: 'ann' },
  ]);
  expect(await json('--user', 'bob')).toEqual([]);
  expect(await audit('--limit', 'x')).toMatchObject({ status: 2, err: expect.stringContaining('USAGE') });
});
