/** Regexp and MatchData. */

import { RubyError } from '../../errors.ts';
import { wantName } from '../arguments.ts';
import { pointOffset, quoted } from '../text.ts';
import { RHash, RMatch, RRange, RRegexp, RString, RSymbol, str, type Value } from '../values.ts';
import { capture, captured, matchOf } from './search.ts';
import { ANY, aliases, methods } from './table.ts';

/** The first match at or behind a position; nil matches nothing. */
function search(self: RRegexp, [subject, start]: readonly Value[]): RMatch | null {
  if (subject === null) return null;
  return matchOf(self.pattern, wantName(subject), start);
}

/** `(?i-mx:a)` */
function optionsText({ options, source }: RRegexp): string {
  const [on, off] = [true, false].map((given) =>
    [...'mix'].filter((o) => options.includes(o) === given).join(''),
  );
  return `(?${on}${off === '' ? '' : `-${off}`}:${source})`;
}

const OPTION_BITS: Readonly<Record<string, number>> = { i: 1, x: 2, m: 4 };

export const REGEXP = aliases(
  methods<RRegexp>({
    match: [
      1,
      2,
      (self, args, _, block) => {
        const match = search(self, args);
        return match === null || block === undefined ? match : block(match);
      },
    ],
    'match?': [1, 2, (self, args) => search(self, args) !== null],
    '===': [
      1,
      (self, [text]) => (text instanceof RString || text instanceof RSymbol) && search(self, [text]) !== null,
    ],
    source: [0, (self) => str(self.source)],
    options: [0, (self) => [...self.options].reduce((bits, option) => bits + (OPTION_BITS[option] ?? 0), 0)],
    names: [
      0,
      (self) => Array.from(self.source.matchAll(/\(\?<([A-Za-z_]\w*)>/g), (match) => str(match[1]!)),
    ],
    to_s: [0, (self) => str(optionsText(self))],
    inspect: [
      0,
      (self) => str(`/${self.source}/${[...'mix'].filter((o) => self.options.includes(o)).join('')}`),
    ],
    '==': [
      1,
      (self, [other]) =>
        other instanceof RRegexp && other.source === self.source && other.options === self.options,
    ],
  }),
  { 'eql?': '==' },
);

function names(self: RMatch): string[] {
  return Object.keys(self.match.groups ?? {});
}

/** `#<MatchData "ab" 1:"a">`, names instead of numbers where groups have them. */
function inspect(self: RMatch): string {
  const labels = names(self);
  const groups = self.match.slice(1).map((group, i) => {
    const label = labels[i] ?? i + 1;
    return ` ${label}:${group === undefined ? 'nil' : quoted(group)}`;
  });
  return `#<MatchData ${quoted(self.match[0])}${groups.join('')}>`;
}

/** Where a group begins and ends, in characters; nil for one that did not match. */
function offsets({ match, pattern }: RMatch, group: Value): readonly [Value, Value] {
  const precise = new RegExp(pattern.source, `${pattern.flags}d`);
  precise.lastIndex = match.index;
  const { indices } = precise.exec(match.input)!;
  capture(match, group);
  const span = typeof group === 'number' ? indices![group] : indices!.groups?.[wantName(group)];
  if (typeof group === 'number' && (group < 0 || group >= match.length))
    throw new RubyError(`index ${group} out of matches`);
  return span === undefined
    ? [null, null]
    : [pointOffset(match.input, span[0]), pointOffset(match.input, span[1])];
}

export const MATCH = aliases(
  methods<RMatch>({
    '[]': [
      1,
      2,
      (self, args, rt) => {
        const list = args.length > 1 || args[0] instanceof RRange;
        return list ? rt.send(self.match.map(captured), '[]', args) : capture(self.match, args[0]!);
      },
    ],
    string: [0, (self) => str(self.match.input)],
    '==': [
      1,
      (self, [other]) =>
        other instanceof RMatch &&
        other.match.input === self.match.input &&
        other.match.index === self.match.index &&
        other.pattern.source === self.pattern.source,
    ],
    to_a: [0, (self) => self.match.map(captured)],
    to_s: [0, (self) => str(self.match[0])],
    inspect: [0, (self) => str(inspect(self))],
    captures: [0, (self) => self.match.slice(1).map(captured)],
    names: [0, (self) => names(self).map(str)],
    named_captures: [
      0,
      (self) => RHash.from(names(self).map((name) => [str(name), capture(self.match, str(name))])),
    ],
    values_at: [0, ANY, (self, which) => which.map((one) => capture(self.match, one))],
    pre_match: [0, (self) => str(self.match.input.slice(0, self.match.index))],
    post_match: [0, (self) => str(self.match.input.slice(self.match.index + self.match[0].length))],
    begin: [1, (self, [group]) => offsets(self, group!)[0]],
    end: [1, (self, [group]) => offsets(self, group!)[1]],
    offset: [1, (self, [group]) => [...offsets(self, group!)]],
    length: [0, (self) => self.match.length],
  }),
  { size: 'length' },
);
