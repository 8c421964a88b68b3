import { expect, it } from 'vitest';
import { z } from 'zod';
import { ChainbootError } from '../errors.ts';
import { parsed, unwrapped } from './params.ts';

it('takes bodies with and without their root, and none', () => {
  expect(unwrapped({ host: { name: 'a' } }, 'host')).toEqual({ name: 'a' });
  expect(unwrapped({ name: 'a' }, 'host')).toEqual({ name: 'a' });
  expect(unwrapped({ host: { name: 'a' }, name: 'b', mac: 'c' }, 'host')).toEqual({ name: 'a', mac: 'c' });
  expect(unwrapped(undefined, 'host')).toEqual({});
  expect(unwrapped(null, 'host')).toEqual({});
});

it.each([[[1]], ['text'], [7], [true]])('refuses %j, which says nothing of a record', (body) => {
  let thrown: unknown;
  try {
    unwrapped(body, 'host');
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ChainbootError);
  expect((thrown as ChainbootError).code).toBe('BODY_MALFORMED');
});

it('says in plain words, and all at once, what is wrong with a request', () => {
  const schema = z.object({
    medium: z.string(),
    page: z.number(),
    per_page: z.union([z.literal('all'), z.number().min(1)]),
  });
  let thrown: unknown;
  try {
    parsed({ page: 'x', per_page: 'x' }, schema);
  } catch (error) {
    thrown = error;
  }
  expect((thrown as ChainbootError).code).toBe('PARAMETER_INVALID');
  expect((thrown as ChainbootError).problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
    'medium is required',
    'page cannot be read as number',
    'per_page is nothing that can stand here',
  ]);
});
