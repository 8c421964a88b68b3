/** What every value answers to. */

import { RubyError } from '../../errors.ts';
import { wantArray, wantBlock, wantName, wantText } from '../arguments.ts';
import {
  classNameOf,
  hashOf,
  identityOf,
  RClass,
  RDate,
  REnumerator,
  RFloat,
  RHash,
  RMatch,
  RObject,
  RRange,
  RString,
  RSymbol,
  RTime,
  str,
  truthy,
  type Value,
} from '../values.ts';
import { ANY, aliases, methods } from './table.ts';

/** Rails' blank?: nil, false, and whatever is empty or only white space. */
export function isBlank(value: Value): boolean {
  if (value === null || value === false) return true;
  if (value instanceof RString) return /^[\s\u0085]*$/.test(value.text);
  if (value instanceof RSymbol) return value.name === '';
  return Array.isArray(value) ? value.length === 0 : value instanceof RHash && value.size === 0;
}

const ANCESTORS: Readonly<Record<string, readonly string[]>> = {
  Integer: ['Numeric', 'Comparable'],
  Float: ['Numeric', 'Comparable'],
  String: ['Comparable'],
};

function isA(value: Value, type: Value | undefined): boolean {
  if (!(type instanceof RClass)) return false;
  const name = classNameOf(value);
  return name === type.name || type.name === 'Object' || (ANCESTORS[name]?.includes(type.name) ?? false);
}

type Freezable = RString | RHash | RTime | RDate;

function isFreezable(value: Value): value is Freezable {
  return [RString, RHash, RTime, RDate].some((type) => value instanceof type);
}

/** Numbers and symbols are the same object wherever they come from. */
function isSame(a: Value, b: Value): boolean {
  const immediate = a instanceof RSymbol || a instanceof RFloat || (typeof a === 'bigint' && a === b);
  return immediate ? identityOf(a) === identityOf(b) : a === b;
}

/** For methods that exist in Ruby and make no sense in a template. */
export function refuse(name: string, why: string): never {
  throw new RubyError(`${name} is not supported in templates: ${why}`);
}

function frozenText(text: string): RString {
  const result = str(text);
  result.frozen = true;
  return result;
}

export const KERNEL = aliases(
  methods<Value>({
    'nil?': [0, (self) => self === null],
    '!': [0, (self) => !truthy(self)],
    '==': [1, (self, [other]) => identityOf(self) === identityOf(other!)],
    '!=': [1, (self, [other], rt) => !rt.equal(self, other!)],
    'eql?': [1, (self, [other]) => identityOf(self) === identityOf(other!)],
    'equal?': [1, (self, [other]) => isSame(self, other!)],
    hash: [0, (self) => hashOf(self)],
    '===': [1, (self, [other], rt) => rt.equal(self, other!)],
    '<=>': [1, (self, [other], rt) => (rt.equal(self, other!) ? 0 : null)],
    'is_a?': [1, (self, [type]) => isA(self, type)],
    'instance_of?': [1, (self, [type]) => type instanceof RClass && type.name === classNameOf(self)],
    'respond_to?': [1, 2, (self, [name], rt) => rt.respondsTo(self, wantName(name))],
    'blank?': [0, (self) => isBlank(self)],
    'present?': [0, (self) => !isBlank(self)],
    presence: [0, (self) => (isBlank(self) ? null : self)],
    'in?': [1, (self, [list], rt) => rt.send(list!, 'include?', [self])],
    to_s: [0, (self) => str(`#<${classNameOf(self)}>`)],
    inspect: [0, (self, _, rt) => str(rt.text(self))],
    itself: [0, (self) => self],
    yield_self: [
      0,
      (self, _, __, block) => (block === undefined ? new REnumerator(self, 'then', []) : block(self)),
    ],
    to_jail: [0, (self) => self],
    methods: [0, ANY, () => refuse('methods', 'a template can ask respond_to?')],
    tap: [
      0,
      (self, _, __, block) => {
        wantBlock(block)(self);
        return self;
      },
    ],
    freeze: [
      0,
      (self) => {
        if (Array.isArray(self)) Object.freeze(self);
        else if (isFreezable(self)) self.frozen = true;
        return self;
      },
    ],
    'frozen?': [
      0,
      (self) => {
        if (Array.isArray(self)) return Object.isFrozen(self);
        if (isFreezable(self)) return self.frozen;
        return !(self instanceof RObject || self instanceof RMatch || self instanceof REnumerator);
      },
    ],
    dup: [
      0,
      (self) => {
        if (self instanceof RString) return str(self.text);
        if (self instanceof RHash) return RHash.from(self.pairs());
        return Array.isArray(self) ? [...self] : self;
      },
    ],
  }),
  // biome-ignore lint/suspicious/noThenProperty: names of Ruby methods; nobody awaits this table
  { 'kind_of?': 'is_a?', clone: 'dup', then: 'yield_self' },
);

export const CLASS = methods<RClass>({
  to_s: [0, (self) => str(self.name)],
  name: [0, (self) => str(self.name)],
  inspect: [0, (self) => str(self.name)],
  new: [
    0,
    2,
    (self, [text, more]) => {
      if (self.name !== 'String') throw new RubyError(`undefined method 'new' for class ${self.name}`);
      if (more !== undefined && !(more instanceof RHash))
        throw new RubyError('wrong number of arguments (given 2, expected 0..1)');
      return str(text === undefined || text instanceof RHash ? '' : wantText(text));
    },
  ],
  '===': [1, (self, [value]) => isA(value!, self)],
  '==': [1, (self, [other]) => other instanceof RClass && other.name === self.name],
});

export const NIL = methods<null>({
  to_s: [0, () => frozenText('')],
  to_a: [0, () => []],
  to_i: [0, () => 0],
  to_f: [0, () => new RFloat(0)],
  // Foreman's own addition, for templates that run with safe mode off.
  'empty?': [0, () => true],
  to_h: [0, () => new RHash()],
  inspect: [0, () => str('nil')],
  '&': [1, () => false],
  '|': [1, (_, [other]) => truthy(other!)],
  '^': [1, (_, [other]) => truthy(other!)],
});

export const BOOLEAN = methods<boolean>({
  to_s: [0, (self) => frozenText(String(self))],
  '&': [1, (self, [other]) => self && truthy(other!)],
  '|': [1, (self, [other]) => self || truthy(other!)],
  '^': [1, (self, [other]) => self !== truthy(other!)],
});

/** For values with a `<=>` of their own. */
export const COMPARABLE = methods<Value>({
  '<': [1, (self, [other], rt) => rt.compare(self, other!) < 0],
  '<=': [1, (self, [other], rt) => rt.compare(self, other!) <= 0],
  '>': [1, (self, [other], rt) => rt.compare(self, other!) > 0],
  '>=': [1, (self, [other], rt) => rt.compare(self, other!) >= 0],
  'between?': [2, (self, [low, high], rt) => rt.compare(self, low!) >= 0 && rt.compare(self, high!) <= 0],
  clamp: [
    1,
    2,
    (self, args, rt) => {
      const [low = null, high = null] =
        args[0] instanceof RRange ? [args[0].first, args[0].last] : wantArray([...args]);
      if (low !== null && high !== null && rt.compare(low, high) > 0)
        throw new RubyError('min argument must be smaller than max argument');
      if (low !== null && rt.compare(self, low) < 0) return low;
      return high !== null && rt.compare(self, high) > 0 ? high : self;
    },
  ],
});

/** Objects of the inventory: equal when they stand for the same record. */
export const OBJECT = methods<RObject>({
  '==': [1, (self, [other]) => other instanceof RObject && other.record === self.record],
});
