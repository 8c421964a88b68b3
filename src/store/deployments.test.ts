import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Deployments } from './deployments.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-deployments-'));
  path = join(directory, 'smart-proxies', '1.journal');
});
afterEach(() => rmSync(directory, { recursive: true }));

const one = (key: string, host: number, digest: string | null = 'd') => ({
  key,
  host,
  digest,
  made: true,
  at: 1,
});
const FACTS = { url: 'https://edge.example:8443', features: ['TFTP'], serverName: 'größe.example' };

it('keeps the newest of each key, by host, over any end of the process', async () => {
  const first = await Deployments.open(path);
  await first.put(one('config/iPXE/a', 1, null));
  await first.put(one('config/iPXE/a', 1));
  await first.put(one('reservation/n/a', 1));
  await first.put(one('reservation/n/a', 2));
  await first.put(one('config/iPXE/b', 3));
  await first.remove('config/iPXE/b');
  await first.setFacts(FACTS);
  // It is not closed: the process was killed.
  const second = await Deployments.open(path);
  for (const kept of [first, second]) {
    expect([kept.of(1), kept.of(2), kept.hosts()]).toEqual([
      [one('config/iPXE/a', 1)],
      [one('reservation/n/a', 2)],
      [1, 2],
    ]);
    expect([kept.get('config/iPXE/b'), kept.facts]).toEqual([undefined, FACTS]);
  }
  await first.close();
  await second.close();
});

it('drops what a crash left half written, and goes on behind the last whole line', async () => {
  const first = await Deployments.open(path);
  await first.put(one('a', 1));
  await first.close();
  appendFileSync(path, '{"put":{"key":"b","ho');
  const second = await Deployments.open(path);
  await second.put(one('c', 1));
  await second.close();
  const third = await Deployments.open(path);
  expect(third.of(1).map(({ key }) => key)).toEqual(['a', 'c']);
  await third.close();
});

it('does not grow for ever', async () => {
  const kept = await Deployments.open(path);
  for (let i = 0; i < 200; i++) await kept.put(one('a', 1, String(i)));
  const grown = statSync(path).size;
  await kept.close();
  const again = await Deployments.open(path, 100);
  for (let i = 0; i < 250; i++) await again.put(one('a', 1, String(i)));
  expect(statSync(path).size).toBeLessThan(grown);
  expect(readFileSync(path, 'utf8')).toContain('"249"');
  await again.close();
});

it('is nothing when the smart proxy is no more', async () => {
  const kept = await Deployments.open(path);
  await kept.put(one('a', 1));
  await kept.discard();
  const again = await Deployments.open(path);
  expect(again.hosts()).toEqual([]);
  await again.close();
});

it('says where it cannot write', async () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  await expect(Deployments.open(join(file, '1.journal'))).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
  });
});
