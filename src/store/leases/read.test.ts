import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openLeaseJournal } from './journal.ts';
import { readLeases } from './read.ts';

const directory = mkdtempSync(join(tmpdir(), 'chainboot-leases-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('leases are read while a server writes them, and it goes on undisturbed', async () => {
  const file = join(directory, 'leases');
  expect(await readLeases(file)).toEqual([]);
  const lease = {
    ip: 0xc000020a,
    mac: '52:54:00:12:34:56',
    expires: 1_790_000_000_000,
    state: 'bound',
  } as const;
  const journal = await openLeaseJournal(file, () => undefined);
  await journal.commit([lease]);
  expect(await readLeases(file)).toEqual([lease]);
  const second = { ...lease, ip: 1 };
  await journal.commit([second]);
  await journal.close();
  expect(await readLeases(file)).toEqual([lease, second]);
});

it('a file that is no journal is said to be none', async () => {
  const file = join(directory, 'other');
  writeFileSync(file, 'something else\n');
  await expect(readLeases(file)).rejects.toMatchObject({ code: 'LEASES_UNREADABLE' });
});
