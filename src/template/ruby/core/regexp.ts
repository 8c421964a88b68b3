/** Regexp and MatchData. */

import { wantCount, wantText } from '../arguments.ts';
import { pointOffset, quoted } from '../text.ts';
import { RHash, RMatch, RRegexp, RString, str, type Value } from '../values.ts';
import { capture, captured, firstMatch } from './search.ts';
import { ANY, aliases, methods } from './table.ts';

function match(self: RRegexp, [text]: readonly Value[]): Value {
  if (text === null) return null;
  const found = firstMatch(self.pattern, wantText(text));
  return found === null ? null : new RMatch(found);
}

export const REGEXP = methods<RRegexp>({
  match: [1, match],
  'match?': [1, (self, args) => match(self, args) !== null],
  '===': [1, (self, [text]) => text instanceof RString && match(self, [text]) !== null],
  source: [0, (self) => str(self.source)],
  to_s: [
    0,
    (self) =>
      str(
        `(?${self.options}-${[...'mix'].filter((o) => !self.options.includes(o)).join('')}:${self.source})`,
      ),
  ],
  inspect: [0, (self) => str(`/${self.source}/${self.options}`)],
  '==': [
    1,
    (self, [other]) =>
      other instanceof RRegexp && other.source === self.source && other.options === self.options,
  ],
});

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

export const MATCH = aliases(
  methods<RMatch>({
    '[]': [1, (self, [which]) => capture(self.match, which!)],
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
    begin: [
      1,
      (self, [group]) => (wantCount(group) === 0 ? pointOffset(self.match.input, self.match.index) : null),
    ],
    end: [
      1,
      (self, [group]) =>
        wantCount(group) === 0
          ? pointOffset(self.match.input, self.match.index + self.match[0].length)
          : null,
    ],
    length: [0, (self) => self.match.length],
  }),
  { size: 'length' },
);
