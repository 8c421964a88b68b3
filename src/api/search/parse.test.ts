import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainbootError } from '../../errors.ts';
import { COMPARISONS } from './lexer.ts';
import { parse, type Tree } from './parse.ts';

/** Trees as short text: what the tables below compare. */
function shown(tree: Tree): string {
  switch (tree.kind) {
    case 'all':
      return 'all';
    case 'and':
    case 'or':
      return `(${tree.kind} ${tree.of.map(shown).join(' ')})`;
    case 'not':
      return `(not ${shown(tree.of)})`;
    case 'has':
    case 'null':
      return `(${tree.kind} ${tree.field})`;
    case 'compare':
      return `[${tree.field} ${tree.op} ${tree.values.join('|')}]`;
    case 'anywhere':
      return tree.op === '~' ? tree.values[0]! : `[${tree.op} ${tree.values.join('|')}]`;
  }
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function values(op: string, all: readonly string[]): string {
  return op.endsWith('in') ? `(${all.map(quoted).join(', ')})` : quoted(all[0]!);
}

/** As it could have been typed. */
function printed(tree: Tree): string {
  switch (tree.kind) {
    case 'all':
      return '';
    case 'and':
    case 'or':
      return `(${tree.of.map(printed).join(` ${tree.kind} `)})`;
    case 'not':
      return `not ${printed(tree.of)}`;
    case 'has':
      return `set? ${tree.field}`;
    case 'null':
      return `null? ${tree.field}`;
    case 'compare':
      return `${quoted(tree.field)} ${tree.op} ${values(tree.op, tree.values)}`;
    case 'anywhere':
      return tree.op === '~' ? quoted(tree.values[0]!) : `(${tree.op} ${values(tree.op, tree.values)})`;
  }
}

const FIELD = fc.constantFrom('name', 'os_title', 'params.role');
const COMPARE = fc
  .record({
    field: FIELD,
    op: fc.constantFrom(...COMPARISONS),
    values: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
  })
  .map(
    ({ field, op, values: some }): Tree => ({
      kind: 'compare',
      field,
      op,
      values: op.endsWith('in') ? some : some.slice(0, 1),
      at: 0,
    }),
  );
const WORD = fc.string().map((word): Tree => ({ kind: 'anywhere', op: '~', values: [word] }));
const HAS = fc.tuple(fc.constantFrom('has' as const, 'null' as const), FIELD);
const LEAF: fc.Arbitrary<Tree> = fc.oneof(
  COMPARE,
  WORD,
  HAS.map(([kind, field]): Tree => ({ kind, field, at: 0 })),
);
const TREE: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree; joined: Tree }>((tie) => ({
  joined: fc
    .record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
    })
    .map((tree): Tree => tree),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    LEAF,
    tie('tree').map((of): Tree => ({ kind: 'not', of })),
    tie('joined'),
  ),
})).tree;

describe('trees', () => {
  it.each([
    ['', 'all'],
    ['  ', 'all'],
    ['web', 'web'],
    ['name=web', '[name = web]'],
    ['name = "a b"', '[name = a b]'],
    [String.raw`name="a \"b\" c\\d"`, String.raw`[name = a "b" c\d]`],
    ['name == x', '[name = x]'],
    ['name != x', '[name != x]'],
    ['name <> x', '[name != x]'],
    ['name!=x', '[name != x]'],
    ['name ~ web', '[name ~ web]'],
    ['name !~ web', '[name !~ web]'],
    ['name like web', '[name ~ web]'],
    ['vlanid >= 5', '[vlanid >= 5]'],
    ['vlanid<=5', '[vlanid <= 5]'],
    ['installed_at after 2026-01-01', '[installed_at > 2026-01-01]'],
    ['installed_at before "3 days ago"', '[installed_at < 3 days ago]'],
    ['id ^ (1, 2,3)', '[id in 1|2|3]'],
    ['id in (1,2)', '[id in 1|2]'],
    ['id !^ (1,2)', '[id not in 1|2]'],
    ['id not in (1 , 2)', '[id not in 1|2]'],
    ['id = -5', '[id = -5]'],
    ['id in (-5, -6)', '[id in -5|-6]'],
    ['name = and', '[name = and]'],
    ['name in (at, or)', '[name in at|or]'],
    ['has comment', '(has comment)'],
    ['set? a b null? c', '(and (has a) b (null c))'],
    ['a b c', '(and a b c)'],
    ['a,b', '(and a b)'],
    ['1 (2 (3 4))', '(and 1 2 3 4)'],
    ['a && b & c and d', '(and a b c d)'],
    ['a || b | c OR d', '(or a b c d)'],
    // No precedence: each takes all that follows; words side by side bind least.
    ['a and b or c', '(and a (or b c))'],
    ['a or b and c', '(or a (and b c))'],
    ['some simple or words', '(and some (or simple words))'],
    ['some or simple words', '(and (or some simple) words)'],
    ['(a and b) or c', '(or (and a b) c)'],
    ['(a|b)(b|c)', '(and (or a b) (or b c))'],
    ['not a b', '(and (not a) b)'],
    ['not a or b', '(or (not a) b)'],
    ['!a', '(not a)'],
    ['-a', '(not a)'],
    ['not !a', '(not (not a))'],
    ['!(a or -b)', '(not (or a (not b)))'],
    ['web-01', 'web-01'],
    ['a, < b', '(and a [< b])'],
    ['"and"', 'and'],
  ])('%s', (search, tree) => {
    expect(shown(parse(search))).toBe(tree);
  });
});

describe('mistakes', () => {
  it.each([
    ['name =', 7],
    ['name = "web', 8],
    ['(a or b', 1],
    ['a)', 2],
    ['a or', 5],
    ['or a', 1],
    ['name ~ ~', 8],
    ['id in (1, 2', 7],
    ['not', 4],
    ['has =', 5],
    [`${'('.repeat(60)}a${')'.repeat(60)}`, 51],
    [`a${' or b and c'.repeat(60)}`, 283],
  ])('%s is wrong at character %i', (search, at) => {
    expect(mistake(search)).toMatchObject({ code: 'SEARCH_INVALID', values: { at } });
  });
});

function mistake(search: string): unknown {
  try {
    return parse(search);
  } catch (error) {
    return error;
  }
}

describe('any text', () => {
  const signs = fc.array(
    fc.constantFrom(
      'a',
      'name',
      '=',
      '~',
      '!',
      '-',
      '(',
      ')',
      ',',
      '"',
      '\\',
      ' ',
      ' and ',
      ' or ',
      ' in ',
      '^',
    ),
  );
  it('is a tree or SEARCH_INVALID', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          signs.map((parts) => parts.join('')),
        ),
        (text) => {
          const result = mistake(text);
          if (result instanceof Error) {
            expect(result).toBeInstanceOf(ChainbootError);
            expect((result as ChainbootError).code).toBe('SEARCH_INVALID');
          } else expect(result).toHaveProperty('kind');
        },
      ),
    );
  });

  it('that is printed from a tree reads as that tree', () => {
    fc.assert(
      fc.property(TREE, (tree) => {
        const once = parse(printed(tree));
        expect(shown(parse(printed(once)))).toBe(shown(once));
        expect(shown(once)).toBe(shown(flat(tree)));
      }),
    );
  });
});

/** `(a and (b and c))` is read as `(a and b and c)`. */
function flat(tree: Tree): Tree {
  if (tree.kind === 'not') return { kind: 'not', of: flat(tree.of) };
  if (tree.kind !== 'and' && tree.kind !== 'or') return tree;
  const { kind } = tree;
  return {
    kind,
    of: tree.of.map(flat).flatMap((part) => (part.kind === kind ? part.of : [part])),
  };
}
