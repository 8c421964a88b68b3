/** Range, and the spans that ranges cut out of strings and arrays. */

import { RubyError } from '../../errors.ts';
import { numeric, wantCount } from '../arguments.ts';
import type { Runtime } from '../runtime.ts';
import { RRange, RString, str, type Value } from '../values.ts';
import { ENUMERABLE } from './enumerable.ts';
import { bounds } from './span.ts';
import { aliases, inherit, methods } from './table.ts';

function covers(range: RRange, value: Value, rt: Runtime): boolean {
  const { first, last, excludesLast } = range;
  if ((numeric(first ?? last) === undefined) !== (numeric(value) === undefined)) return false;
  if (numeric(value) === undefined && !(value instanceof RString)) return false;
  if (first !== null && rt.compare(first, value) > 0) return false;
  if (last === null) return true;
  const order = rt.compare(value, last);
  return excludesLast ? order < 0 : order <= 0;
}

/** Of strings only what the walk through them meets: `("a".."e").include?("bb")` is false. */
function includes(range: RRange, value: Value, rt: Runtime): boolean {
  const walks = range.first instanceof RString && range.last instanceof RString;
  return walks ? bounds(range, rt).some((item) => rt.equal(item, value)) : covers(range, value, rt);
}

export const RANGE = aliases(
  inherit(
    ENUMERABLE,
    methods<RRange>({
      begin: [0, (self) => self.first],
      end: [0, (self) => self.last],
      'exclude_end?': [0, (self) => self.excludesLast],
      last: [
        0,
        1,
        (self, [count], rt) => {
          if (count === undefined) return self.last;
          const wanted = wantCount(count);
          return wanted === 0 ? [] : bounds(self, rt).slice(-wanted);
        },
      ],
      'cover?': [1, (self, [value], rt) => covers(self, value!, rt)],
      'include?': [1, (self, [value], rt) => includes(self, value!, rt)],
      size: [0, (self, _, rt) => bounds(self, rt).length],
      to_s: [
        0,
        (self, _, rt) =>
          str(`${rt.text(self.first)}${self.excludesLast ? '...' : '..'}${rt.text(self.last)}`),
      ],
      inspect: [
        0,
        (self, _, rt) => {
          const [first, last] = [self.first, self.last].map((end) => (end === null ? '' : rt.inspect(end)));
          return str(`${first}${self.excludesLast ? '...' : '..'}${last}`);
        },
      ],
      step: [
        1,
        (self, [by], rt, block) => {
          const step = wantCount(by);
          if (step <= 0) throw new RubyError("step can't be negative or 0");
          const items = bounds(self, rt).filter((_, i) => i % step === 0);
          if (block === undefined) return items;
          for (const item of items) block(item);
          return self;
        },
      ],
      first: [
        0,
        1,
        (self, [count], rt) => {
          if (count === undefined) return self.first;
          if (wantCount(count) < 0) throw new RubyError('negative array size');
          const end =
            self.last === null && typeof self.first === 'number' ? self.first + wantCount(count) : self.last;
          return bounds(new RRange(self.first, end, self.excludesLast), rt).slice(0, wantCount(count));
        },
      ],
      '==': [
        1,
        (self, [other], rt) =>
          other instanceof RRange &&
          rt.equal(self.first, other.first) &&
          rt.equal(self.last, other.last) &&
          self.excludesLast === other.excludesLast,
      ],
    }),
  ),
  { 'member?': 'include?', '===': 'cover?' },
);
