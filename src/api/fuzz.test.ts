/** Whatever clients send, every operation answers it or refuses it in Foreman's shape: none fails. */

import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, type ApiRig, apiRig } from '../../test/api-rig.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './resources/all.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
  const made = [
    await rig.call('POST', '/domains', { name: 'example.org' }),
    await rig.call('POST', '/subnets', { name: 'lab', network: '192.0.2.0', mask: '255.255.255.0' }),
    await rig.call('POST', '/hostgroups', { name: 'web', parameters: [{ name: 'colour', value: 'red' }] }),
    await rig.call('POST', '/hosts', { name: 'a.example.org', mac: '02:00:00:00:00:01', managed: false }),
  ];
  expect(made.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
});
afterAll(() => rig.close());

const NAMES = ['__proto__', 'constructor', 'toString', 'a.example.org', 'web', 'lab', 'example.org', 'admin'];

const word = fc.oneof(
  fc.constantFrom(...NAMES, '', '0', '1', '-1', '1000001', '99999999999999999999', 'all', '%', '\0'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

const leaf = fc.oneof(
  word,
  fc.integer({ min: -2, max: 40 }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('192.0.2.7', '192.0.2.0/24', '255.255.255.0', '02:00:00:00:00:01', '2026-01-02'),
);

const SEARCH = [
  'name',
  'params.x',
  'id',
  '=',
  '~',
  '!=',
  '^',
  '(',
  ')',
  'and',
  'not',
  'has',
  ',',
  '"',
  '*',
  '<',
];
const search = fc
  .array(fc.oneof(fc.constantFrom(...SEARCH), word), { maxLength: 8 })
  .map((tokens) => tokens.join(' '));

/** Objects of the operation's own fields, so that more than the check of their names is met. */
function bodyOf({ body }: Operation): fc.Arbitrary<unknown> {
  if (body === undefined) return fc.constant(undefined);
  const own = Object.keys(body.params.shape);
  const nested = fc.dictionary(fc.constantFrom(...own, 'id', 'name', 'value', '_destroy', ...NAMES), leaf, {
    maxKeys: 4,
    noNullPrototype: true,
  });
  const value = fc.oneof(
    { weight: 4, arbitrary: leaf },
    fc.array(leaf, { maxLength: 3 }),
    nested,
    fc.array(nested, { maxLength: 2 }),
  );
  const fields = fc.dictionary(fc.constantFrom(...own, ...NAMES.slice(0, 3)), value, {
    maxKeys: 6,
    noNullPrototype: true,
  });
  const named = fields.map((given) => ({ name: 'web', ...given }));
  return fc.oneof(
    { weight: 3, arbitrary: fields.map((given) => ({ [body.root]: given })) },
    { weight: 3, arbitrary: named.map((given) => ({ [body.root]: given })) },
    fields,
    value,
    fc.json({ maxDepth: 2 }),
  );
}

function queryOf({ query }: Operation): fc.Arbitrary<string> {
  const own = Object.keys(query?.shape ?? {});
  const pair = fc.oneof(
    fc.tuple(fc.constantFrom(...own, '__proto__', 'search[]', 'order'), word),
    fc.tuple(fc.constant('search'), search),
  );
  return fc
    .array(pair, { maxLength: 3 })
    .map((pairs) => pairs.map(([key, value]) => `${key}=${encoded(value)}`).join('&'));
}

const encoded = (text: string) => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, ''));

function pathOf({ paths }: Operation): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...paths), fc.array(word, { minLength: 4, maxLength: 4 }))
    .map(([path, keys]) => {
      let at = 0;
      return path.replaceAll(/:\w+/g, () => encoded(keys[at++] ?? '') || '1');
    });
}

function wellFormed({ status, body }: Answer): void {
  expect(status, JSON.stringify(body)).not.toBe(500);
  if (status < 400) return;
  expect(body.error.code).toEqual(expect.any(String));
  if (status === 422) expect(body.error.full_messages.length).toBeGreaterThan(0);
  else expect(body.error.message).toEqual(expect.any(String));
}

it('takes no object for a boolean, whatever its methods are', async () => {
  const refused = await rig.call('POST', '/hosts', { host: { name: 'b', build: { toString: null } } });
  expect(refused.status).toBeLessThan(500);
});

it('knows no field by the name of what every object has', async () => {
  for (const query of [
    'order=__proto__',
    'order=constructor.x',
    'search=__proto__=1',
    'search=constructor.x=1',
  ])
    for (const path of ['/hosts', '/template_kinds'])
      expect((await rig.get(`${path}?${query}`)).body.error?.code, `${path}?${query}`).toBe(
        query.startsWith('order') ? 'ORDER_INVALID' : 'SEARCH_INVALID',
      );
});

it('has parameters of names that every object has', async () => {
  for (const name of ['constructor', 'toString']) {
    const made = await rig.call('POST', '/domains/example.org/parameters', { name });
    expect([made.status, made.body.value, made.body.parameter_type]).toEqual([201, '', 'string']);
    expect((await rig.call('DELETE', `/domains/example.org/parameters/${name}`)).status).toBe(200);
  }
});

it.each(OPERATIONS.map((operation) => [`${operation.method} ${operation.paths[0]}`, operation] as const))(
  '%s never fails',
  async (_name, operation) => {
    await fc.assert(
      fc.asyncProperty(
        pathOf(operation),
        queryOf(operation),
        bodyOf(operation),
        async (path, query, body) => {
          wellFormed(await rig.call(operation.method, `${path}?${query}`, body));
        },
      ),
      { numRuns: 12, interruptAfterTimeLimit: 1_000 },
    );
  },
);
