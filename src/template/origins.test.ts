import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Origin, originOf } from './origins.ts';
import { render } from './render.ts';

const scope = { kind: 'provision', base: 'http://192.0.2.1', now: 0, parameters: {}, settings: {} } as const;

function mapped(
  text: string,
  snippets: Record<string, string> = {},
): { readonly text: string; readonly map: readonly Origin[] } {
  const library = new Map(Object.entries({ ...snippets, main: text }));
  const result = render({ template: 'main', scope, map: true }, library);
  if (!result.ok) throw new Error(result.error.message);
  return { text: result.text, map: result.map! };
}

/** `template:line:column` of the first place of the output where `what` stands. */
function origin(text: string, what: string, snippets?: Record<string, string>): string {
  const made = mapped(text, snippets);
  const found = originOf(made.map, made.text.indexOf(what))!;
  return `${found.template}:${found.line}:${found.column}`;
}

describe('where rendered text comes from', () => {
  it.each([
    ['plain text', 'one\ntwo three', 'three', 'main:2:5'],
    ['text behind tags that say nothing', '<% x = 1 -%>\n<%# note -%>\nhere', 'here', 'main:3:1'],
    ['text behind a literal tag', 'a <%% b\nc <%% dd', 'dd', 'main:2:7'],
    ['a literal tag itself', 'a <%% b', '<%', 'main:1:3'],
    ['what a tag put out', 'a\n  <%= "x" + "yz" %>', 'z', 'main:2:7'],
    ['lines that a loop repeats', '<% 2.times do |i| %>\n<%= i %>: line\n<% end %>', 'line', 'main:2:11'],
    ['a text of several lines put out by one tag', 'a\n<%= "b\\nc\\nd" %>', 'd', 'main:2:5'],
  ])('%s', (_, text, what, place) => {
    expect(origin(text, what)).toBe(place);
  });

  const part = 'first\n<%= @x || "nothing" %> second\n';
  it.each([
    ['the inside of a snippet', "a\n<%= snippet 'part' %>", 'second', 'part:2:24'],
    ['what a tag of a snippet put out', "a\n<%= snippet('part') -%>\n", 'nothing', 'part:2:5'],
    ['a snippet kept and put out later', "<% s = snippet 'part' %>\n<%= s %>", 'first', 'part:1:1'],
    ['a snippet of a snippet', "-<%= snippet 'outer' %>", 'second', 'part:2:24'],
    ['text behind a snippet', "<%= snippet 'part' -%>\nrest", 'rest', 'main:2:1'],
    ['an indented snippet: its caller', "\n<%= indent(2) { snippet 'part' } %>", 'second', 'main:2:5'],
    ['a changed snippet: its caller', "\n<%= snippet('part').upcase %>", 'SECOND', 'main:2:5'],
  ])('%s', (_, text, what, place) => {
    expect(origin(text, what, { part, outer: "outer\n<%= snippet('part') %>" })).toBe(place);
  });

  it('is said only when it is asked for', () => {
    const result = render({ template: 'main', text: 'x', scope }, new Map());
    expect(result).not.toHaveProperty('map');
  });

  it('is the same character of the template for every character of plain text', () => {
    const line = fc.stringMatching(/^[a-z ]{0,6}$/);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.array(line, { maxLength: 3 }), (lines, snippet) => {
        const part = snippet.join('\n');
        const main = `${lines.join('\n')}<%= snippet 'part' %>${lines.join('\n')}`;
        const { text, map } = mapped(main, { part });
        const sources: Record<string, readonly string[]> = { main: main.split('\n'), part: part.split('\n') };
        for (let i = 0; i < text.length; i++) {
          const { template, line, column } = originOf(map, i)!;
          expect(`${sources[template]![line - 1]!}\n`[column - 1]).toBe(text[i]);
        }
      }),
    );
  });

  it('knows nothing before the first stretch', () => {
    expect(originOf([], 0)).toBeUndefined();
  });
});
