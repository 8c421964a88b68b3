/** What a template may try to reach: names of the languages below it, and what another render left behind. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SiteIndex } from '../inventory/site.ts';
import { render } from './render.ts';
import { type ScopeData, scopeOf } from './scope.ts';

const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__'],
  ...[
    'send',
    'public_send',
    '__send__',
    'instance_eval',
    'instance_exec',
    'method',
    'methods',
    'binding',
    'eval',
  ],
  ...['system', 'exec', 'spawn', 'fork', 'exit', 'abort', 'require', 'load', 'open', 'instance_variable_get'],
  ...[
    'instance_variable_set',
    'define_singleton_method',
    'object_id',

    'tableOf',
    'process',
    'global',
  ],
];

/** Templates in which a name stands in every position that one can have. */
const POSITIONS: Readonly<Record<string, (name: string) => string>> = {
  'call of a text': (name) => `<%= 'a'.${name} %>`,
  'call of a list': (name) => `<%= [1].${name} %>`,
  'call of a hash': (name) => `<%= { a: 1 }.${name} %>`,
  'call of nil': (name) => `<%= nil.${name} %>`,
  'call of a number with argument': (name) => `<%= 1.${name}('x') %>`,
  'call of a class': (name) => `<%= String.${name} %>`,
  'attribute of the host': (name) => `<%= @host.${name} %>`,
  'attribute of a part of the host': (name) => `<%= @host.primary_interface.${name} %>`,
  'call by itself': (name) => `<%= ${name} %>`,
  'call by itself with argument': (name) => `<%= ${name}('ls') %>`,
  'call of self': (name) => `<%= self.${name} %>`,
  'name of a snippet': (name) => `<%= snippet('${name}') %>`,
  'name of a setting': (name) => `<%= global_setting('${name}') %>`,
  'fact that must be there': (name) => `<%= host_param!('${name}') %>`,
};

/** Positions where such a name means nothing: it is simply not there. */
const ABSENT: Readonly<Record<string, (name: string) => string>> = {
  'key of a hash': (name) => `<%= {}['${name}'].inspect %>`,
  'symbol as key': (name) => `<%= { a: 1 }[:'${name}'].inspect %>`,
  'key of the parameters': (name) => `<%= @host.params['${name}'].inspect %>`,
  'name of a parameter': (name) => `<%= host_param('${name}').inspect %>`,
  'name of a variable': (name) => `<%= @${name}.inspect %>`,
  'name of a snippet that may be missing': (name) => `<%= snippet_if_exists('${name}').inspect %>`,
};

function scopeFor(n: number): ScopeData {
  const site = new SiteIndex();
  const parameters = { secret: `secret${n}`, list: [`item${n}`], map: { key: `value${n}` } };
  const nic = { type: 'interface', primary: true, provision: true, managed: true, virtual: false } as const;
  const host = {
    id: n,
    name: `host${n}.example.com`,
    enabled: true,
    architecture: 'x86_64',
    build: true,
    token: { value: `token${n}` },
    parameters,
    interfaces: [{ ...nic, mac: `52:54:00:00:00:0${n}`, ip: `192.0.2.${n}` }],
  };
  site.put('hosts', host as never);
  return scopeOf({ site, host: host as never, kind: 'provision', base: 'http://192.0.2.254', now: 0 });
}

const scope = scopeFor(1);
const answer = (text: string, of = scope) =>
  render({ template: 'main', text, scope: of }, new Map([['main', text]]));

describe('a name of the languages below, in every position', () => {
  it.each(Object.entries(POSITIONS))('%s: an error in its line', (_, position) => {
    for (const name of NAMES) {
      const result = answer(`\n${position(name)}`);
      expect(result, name).toMatchObject({ ok: false, error: { template: 'main', line: 2 } });
      expect(!result.ok && result.error.message, name).not.toMatch(/internal|function|\[object/);
    }
  });

  it.each(Object.entries(ABSENT))('%s: nothing', (_, position) => {
    for (const name of NAMES) expect(answer(position(name)), name).toMatchObject({ ok: true, text: 'nil' });
  });

  it('as the name of a variable that is handed on: only a variable', () => {
    for (const name of NAMES) {
      const library = new Map([
        ['main', `<%= snippet('part', variables: { '${name}' => 'given' }) %><%= @${name}.inspect %>`],
        ['part', `<%= @${name} %>, <%= @other.inspect %>, `],
      ]);
      const result = render({ template: 'main', scope }, library);
      expect(result, name).toMatchObject({ ok: true, text: 'given, nil, nil' });
    }
  });
});

/** Each changes what it can get hold of, and then shows what is there. */
const MEDDLING: readonly string[] = [
  "<% s = 'text' %><% s << @host.name %><%= s %>",
  '<% a = %w[x y] %><% a << host_param("secret") %><%= a.inspect %>',
  '<% h = { a: [] } %><% h[:a] <<= @host.token %><% h[:b] ||= host_param("secret") %><%= h.inspect %>',
  '<% h = {} %><%= h[:secret].inspect %><% h.store(:secret, host_param("secret")) %><%= h.size %>',
  '<% p = @host.params %><% p.store("added", @host.name) %><%= p.keys.inspect %>',
  '<% host_param("list") << @host.name %><%= host_param("list").inspect %>',
  '<% @host.name << "!" %><%= @host.name %>',
  '<%= ["a1b2", @host.name].map { |t| t.scan(/\\d/).inspect + t.match?(/b/).to_s + t.sub(/\\d/, "") }.join %>',
  '<%= "%s" % host_param("map").inspect %><%= (1..3).select { |i| true if (i == 2)..(i == 9) }.inspect %>',
  '<%= defined_before = defined_before.inspect %><% kept = @host.name %>',
  "<%= 'frozen'.freeze.frozen? %><%= 'frozen'.frozen? %><%= [1].frozen? %>",
];

describe('one render after another', () => {
  it('sees nothing of it, whatever came before', () => {
    const alone = new Map<string, string>();
    const scopes = [scopeFor(1), scopeFor(2), scopeFor(3)];
    const text = (template: number, host: number) => {
      const result = answer(MEDDLING[template]!, scopes[host]!);
      return result.ok ? result.text : result.error.message;
    };
    const step = fc.tuple(fc.nat(MEDDLING.length - 1), fc.nat(scopes.length - 1));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        for (const [template, host] of steps) {
          const shown = text(template, host);
          const key = `${template} ${host}`;
          // The first time and every other time the same.
          expect(shown).toBe(alone.get(key) ?? shown);
          alone.set(key, shown);
          for (const other of [1, 2, 3].filter((n) => n !== host + 1))
            expect(shown).not.toMatch(new RegExp(`(?:secret|token|value|item|host)${other}`));
        }
      }),
      { numRuns: 200 },
    );
    expect(alone.size).toBe(MEDDLING.length * scopes.length);
  });
});
