/** Methods that could make much of little are charged before they make it, and end in an error of the template. */

import { expect, it } from 'vitest';
import { Budget } from '../../../src/template/budget.ts';
import { RubyError } from '../../../src/template/errors.ts';
import { programOf } from '../../../src/template/program.ts';
import { Runtime } from '../../../src/template/ruby/runtime.ts';
import { samples } from './samples.ts';

it.each([
  '"a".center(2**40)',
  '[1].fill(0, 10**8, 10**8)',
  '[1].values_at(0..10**9)',
  'a = [1]; a.[]=(10**9, 1)',
  '"x".indent(10**9)',
  '[1].in_groups_of(10**9)',
  'b = [1]; 60.times { b = [b, b] }; b.inspect',
  'b = [1]; 60.times { b = [b, b] }; b.hash',
  'b = [1]; 60.times { b = [b, b] }; b.flatten',
  'b = [1]; 60.times { b = [b, b] }; b.deep_dup',
  'h = {}; h.store(:a, h); h.deep_stringify_keys',
  '("a".."zzzzzzzzz").to_a',
  '2 ** -(10**9)',
  '1.round(-(10**9))',
  '@time.strftime("%1000000000N")',
  '@date >> 10**18',
  '@time + 10**30',
  '"ab".match("a" * 100_000)',
  '"%*d" % [10**9, 1]',
])('%s', (expression) => {
  const program = programOf(`<%= (${expression}).inspect %>`);
  expect(program.problems).toEqual([]);
  const runtime = new Runtime(new Budget(), Object.create(null), undefined, samples());
  expect(() => program.run(runtime)).toThrow(RubyError);
});
