import { expect, it } from 'vitest';
import { ChainbootError } from '../errors.ts';
import { unwrapped } from './params.ts';

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
