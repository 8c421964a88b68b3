import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { host, nic } from '../../test/fixtures.ts';
import { mergedParameters, parameterLayers, visibleParameters } from './parameters.ts';
import { SiteIndex } from './site.ts';
import type { Parameters } from './types.ts';

/** Weakest first, as in Foreman. */
const LAYERS = [
  'global',
  'parent organization',
  'organization',
  'parent location',
  'location',
  'domain',
  'subnet',
  'subnet6',
  'operatingsystem',
  'parent hostgroup',
  'hostgroup',
  'host',
] as const;
type Layer = (typeof LAYERS)[number];

/** A site where each of the layers gives the parameters it is told to. */
function siteWith(given: (layer: Layer) => Parameters) {
  const site = new SiteIndex();
  Object.entries(given('global')).forEach(([name, value], id) => {
    site.put('common_parameters', { id: id + 1, name, value });
  });
  for (const [collection, word] of [
    ['organizations', 'organization'],
    ['locations', 'location'],
  ] as const) {
    site.put(collection, { id: 1, name: 'top', parameters: given(`parent ${word}`) });
    site.put(collection, { id: 2, name: 'sub', parent: 'top', parameters: given(word) });
  }
  const group = { provisioning_templates: [] };
  site.put('hostgroups', { ...group, id: 1, name: 'base', parameters: given('parent hostgroup') });
  site.put('hostgroups', { ...group, id: 2, name: 'web', parent: 'base', parameters: given('hostgroup') });
  site.put('domains', { id: 1, name: 'example.org', parameters: given('domain') });
  const subnet = { boot_mode: 'DHCP', lease_time: 600 } as const;
  site.put('subnets', { ...subnet, id: 1, name: 'v4', network: '10.0.0.0/24', parameters: given('subnet') });
  site.put('subnets', { ...subnet, id: 2, name: 'v6', network: 'fd00::/64', parameters: given('subnet6') });
  site.put('operatingsystems', {
    id: 1,
    name: 'Debian',
    major: '12',
    minor: '',
    family: 'Debian',
    media: [],
    architectures: [],
    ptables: [],
    provisioning_templates: [],
    parameters: given('operatingsystem'),
  });
  return site;
}

const member = (parameters: Parameters) =>
  host({
    hostgroup: 'base/web',
    organization: 'top/sub',
    location: 'top/sub',
    interfaces: [nic({ primary: true, ip: '10.0.0.5', ip6: 'fd00::5' })],
    parameters,
  });

describe('parameters of a host', () => {
  it('come from the strongest layer that has them', () => {
    fc.assert(
      fc.property(fc.subarray([...LAYERS], { minLength: 1 }), (layers) => {
        const given = (layer: Layer): Parameters => (layers.includes(layer) ? { color: layer } : {});
        const merged = mergedParameters(parameterLayers(siteWith(given), member(given('host'))));
        expect(merged).toEqual({ color: layers.at(-1) });
      }),
    );
  });

  it('tell where they come from', () => {
    const layers = parameterLayers(
      siteWith((layer) => ({ from: layer })),
      member({ from: 'host' }),
    );
    expect(layers.map(({ parameters }) => parameters.from)).toEqual(LAYERS);
    expect(layers.map(({ source, name }) => `${source} ${name}`)).toEqual([
      'global ',
      'organization top',
      'organization top/sub',
      'location top',
      'location top/sub',
      'domain example.org',
      'subnet v4',
      'subnet v6',
      'operatingsystem Debian 12',
      'hostgroup base',
      'hostgroup base/web',
      'host web01.example.org',
    ]);
  });

  it('are visible unless the layer that counts hides them', () => {
    const layers = [
      { source: 'global', name: '', parameters: { a: 1, b: 1, c: 1 }, hidden: ['a'] },
      { source: 'host', name: 'h', parameters: { a: 2, b: 2 }, hidden: ['b'] },
    ] as const;
    expect(visibleParameters(layers)).toEqual({ a: 2, c: 1 });
  });

  it('tell which are hidden, on whatever layer', () => {
    const site = siteWith(() => ({}));
    const hidden = { parameters: { vault: 1 }, hidden_parameters: ['vault'] };
    site.put('common_parameters', { id: 90, name: 'licence', value: 'x', hidden_value: true });
    site.put('hostgroups', { ...site.get('hostgroups', 'base/web')!, ...hidden });
    const layers = parameterLayers(site, { ...member({ own: 1 }), hidden_parameters: ['own'] });
    expect(layers.flatMap(({ hidden: names = [] }) => names)).toEqual(['licence', 'vault', 'own']);
    expect(visibleParameters(layers)).toEqual({});
  });

  it('may be called anything', () => {
    const merged = mergedParameters([
      {
        source: 'host',
        name: '',
        parameters: JSON.parse('{"__proto__": "a", "constructor": "b"}') as Parameters,
      },
    ]);
    expect(Object.entries(merged)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});
