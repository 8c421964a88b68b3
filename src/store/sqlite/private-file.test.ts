import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openServingSqlite } from './open.ts';

const root = mkdtempSync(join(tmpdir(), 'chainboot-private-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('makes an existing database its owner’s alone, with the files beside it, and says so once', async () => {
  const file = join(root, 'chainboot.db');
  const told: string[] = [];
  const open = () => openServingSqlite(file, (level, message) => void told.push(`${level} ${message}`));
  const first = open();
  expect(told).toEqual([]);
  for (const name of readdirSync(root)) chmodSync(join(root, name), 0o644);
  // As after the end of a process that closed nothing: its other files are still there.
  const second = open();
  const modes = readdirSync(root).map((name) => statSync(join(root, name)).mode & 0o777);
  expect(modes.length).toBeGreaterThan(1);
  expect(new Set(modes)).toEqual(new Set([0o600]));
  expect(told).toEqual(['warn the database could be read by others than its owner, and cannot any more']);
  await second.close();
  await open().close();
  expect(told).toHaveLength(1);
  await first.close();
});
