import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PART, Tree } from './tree.ts';

let directory: string;
let tree: Tree;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-tree-'));
  tree = new Tree(join(directory, 'root'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('keeps a file as a whole, replaces it and takes it away', async () => {
  await tree.put('a/b', 'one');
  await tree.put('a/b', 'two');
  expect([await tree.read('a/b'), await tree.isDirectory('a')]).toEqual(['two', true]);
  await tree.remove('a/b');
  await tree.remove('a/b');
  expect(await tree.read('a/b')).toBeUndefined();
  expect(readdirSync(join(tree.root, 'a'))).toEqual([]);
});

it('keeps what was there when the new one cannot be written, and leaves nothing half', async () => {
  await tree.put('a', 'one');
  await expect(tree.put('a/b', 'two')).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  expect([await tree.read('a'), readdirSync(tree.root)]).toEqual(['one', ['a']]);
});

it('one of many writers wins as a whole', async () => {
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
  await Promise.all(texts.map((text) => tree.put('a', text)));
  expect(texts).toContain(await tree.read('a'));
  expect(readdirSync(tree.root)).toEqual(['a']);
});

it('shows nothing that is half there, or that a link leads out to', async () => {
  await tree.put('a', 'one');
  writeFileSync(join(directory, 'secret'), 'secret');
  symlinkSync('../secret', join(tree.root, 'out'));
  writeFileSync(join(tree.root, `x${PART}`), 'half');
  expect([await tree.read('out'), await tree.read(`x${PART}`), await tree.read('../secret')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('no name leads out', () => {
  const piece = fc.constantFrom('..', '.', '', 'a', '/', '\\', '\0', 'b.cfg', '%2e%2e', '…');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('/')),
      ),
      (name) => {
        try {
          expect(tree.path(name).startsWith(tree.root + sep)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'FILE_FORBIDDEN' });
        }
      },
    ),
  );
});
