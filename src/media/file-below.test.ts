import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileBelow } from './file-below.ts';

const base = mkdtempSync(join(tmpdir(), 'chainboot-below-'));
const root = join(base, 'root');

beforeAll(() => {
  mkdirSync(join(root, 'sub'), { recursive: true });
  writeFileSync(join(root, 'sub/linux'), 'kernel');
  writeFileSync(join(base, 'secret'), 'secret');
  symlinkSync(join(base, 'secret'), join(root, 'out'));
  symlinkSync(join(root, 'sub/linux'), join(root, 'in'));
});
afterAll(() => rmSync(base, { recursive: true }));

it('finds regular files, through links as far as they may lead', async () => {
  expect(await fileBelow(root, 'sub/linux', 'inside')).toBe(join(root, 'sub/linux'));
  expect(await fileBelow(root, 'in', 'inside')).toBe(join(root, 'sub/linux'));
  expect(await fileBelow(root, 'out', 'inside')).toBeUndefined();
  expect(await fileBelow(root, 'out', 'anywhere')).toBe(join(base, 'secret'));
});

it.each(['../secret', 'sub/../../secret', '/etc/hostname', 'sub', '', '.', 'linux\0', 'nothing'])(
  'has no file %j',
  async (name) => {
    expect(await fileBelow(root, name, 'inside')).toBeUndefined();
    expect(await fileBelow(root, name, 'anywhere')).toBeUndefined();
  },
);

it('never leaves the directory by name alone', async () => {
  const names = fc.array(fc.constantFrom('..', '.', '/', 'sub', 'linux', 'secret', 'in', '\\', '\0'), {
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(names, async (parts) => {
      const found = await fileBelow(root, parts.join(''), 'inside');
      expect(found ?? join(root, 'sub/linux')).toBe(join(root, 'sub/linux'));
    }),
  );
});
