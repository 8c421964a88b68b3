import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseJson } from './json.ts';
import type { Tree } from './tree.ts';

function plainOf(tree: Tree): unknown {
  if (tree.kind === 'list') return tree.items.map(plainOf);
  // As JSON.parse has it: of a key that is there twice the last one counts, and `__proto__` is a key.
  if (tree.kind === 'map')
    return Object.fromEntries(tree.entries.map(({ key, value }) => [key, plainOf(value)]));
  return tree.kind === 'scalar' ? tree.value : undefined;
}

function parsed(text: string): unknown {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

it('reads what JSON.parse reads, and nothing else', () => {
  const good = fc.json();
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\',
    '\\u00e9',
    '1',
    '-',
    '.',
    'e',
    '0',
    'true',
    'nul',
    ' ',
    '\n',
    '\t',
    '\u0001',
    'é',
    '\ud800',
  );
  const bad = fc
    .record({ text: good, at: fc.nat(), piece: pieces, gone: fc.nat({ max: 3 }) })
    .map(({ text, at, piece, gone }) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + piece + text.slice(place + gone);
    });
  fc.assert(
    fc.property(
      fc.oneof(
        good,
        bad,
        fc.array(pieces).map((list) => list.join('')),
      ),
      (text) => {
        const result = parseJson(text);
        expect(result.ok ? { value: plainOf(result.tree) } : undefined).toEqual(parsed(text));
      },
    ),
    { numRuns: 2000 },
  );
});

it('gives the place of every value, and takes deep nesting and long texts', () => {
  const result = parseJson('{"a": [1,\n  "b"]}');
  expect(result).toMatchObject({
    tree: {
      entries: [{ key: 'a', offset: 1, value: { items: [{ offset: 7 }, { offset: 12, value: 'b' }] } }],
    },
  });
  expect(parseJson('['.repeat(100_000))).toMatchObject({ ok: false });
  expect(parseJson(`"${'x\\n'.repeat(500_000)}"`)).toMatchObject({ ok: true });
});
