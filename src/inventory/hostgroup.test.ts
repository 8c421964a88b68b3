import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { host, nic, template } from '../../test/fixtures.ts';
import { findPtable, findTemplate, osOf } from './association.ts';
import { ancestry, effectiveHost, effectiveHostgroup } from './hostgroup.ts';
import { SiteIndex } from './site.ts';
import { type Hostgroup, type Inheritable, nestedTitle, type OperatingSystem } from './types.ts';

const group = (id: number, fields: Partial<Hostgroup> & { name: string }): Hostgroup => ({
  id,
  provisioning_templates: [],
  parameters: {},
  ...fields,
});

function siteWith(...groups: readonly Hostgroup[]): SiteIndex {
  const site = new SiteIndex();
  for (const entry of groups) site.put('hostgroups', entry);
  return site;
}

const FIELDS = ['operatingsystem', 'architecture', 'medium', 'ptable', 'realm', 'root_pass'] as const;
const inheritable: fc.Arbitrary<Inheritable> = fc
  .subarray([...FIELDS])
  .chain((fields) =>
    fc
      .tuple(...fields.map(() => fc.constantFrom('a', 'b', 'c')))
      .map((values) => Object.fromEntries(fields.map((field, i) => [field, values[i]])) as Inheritable),
  );

describe('inheritance', () => {
  it('takes each attribute from the nearest that has it', () => {
    fc.assert(
      fc.property(fc.array(inheritable, { maxLength: 5 }), inheritable, (levels, own) => {
        const names = levels.map((_, i) => `g${i}`);
        const groups = levels.map((level, i) => {
          const parent = names.slice(0, i).join('/');
          return group(i + 1, { name: names[i]!, ...level, ...(parent && { parent }) });
        });
        const declared = {
          ...host({ ...Object.fromEntries(FIELDS.map((field) => [field, undefined])), ...own }),
          ...(names.length > 0 && { hostgroup: names.join('/') }),
        };
        const effective = effectiveHost(siteWith(...groups), declared);
        for (const field of FIELDS) {
          const nearest = [own, ...levels.toReversed()].find((level) => level[field] !== undefined)?.[field];
          expect(effective[field]).toBe(nearest ?? (field === 'architecture' ? 'x86_64' : undefined));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('leaves a host without group as it is', () => {
    const lone = host();
    expect(effectiveHost(new SiteIndex(), lone)).toBe(lone);
  });

  it('gives network attributes to the primary interface alone', () => {
    const site = siteWith(
      group(1, { name: 'base', domain: 'example.com', subnet: 'lab', subnet6: 'lab6' }),
      group(2, { name: 'web', parent: 'base', subnet: 'dmz' }),
    );
    const declared = host({
      hostgroup: 'base/web',
      interfaces: [nic({ identifier: 'eth0' }), nic({ identifier: 'eth1', primary: true, domain: 'own' })],
    });
    expect(effectiveHost(site, declared).interfaces).toEqual([
      declared.interfaces[0],
      { ...declared.interfaces[1], domain: 'own', subnet: 'dmz', subnet6: 'lab6' },
    ]);
  });

  it('is that of a group too', () => {
    const site = siteWith(
      group(1, { name: 'base', medium: 'mirror', ptable: 'plain' }),
      group(2, { name: 'web', parent: 'base', ptable: 'lvm' }),
    );
    const web = site.get('hostgroups', 'base/web')!;
    expect(effectiveHostgroup(site, web)).toEqual({ ...web, medium: 'mirror' });
    expect(ancestry(site, 'base/web').map(nestedTitle)).toEqual(['base/web', 'base']);
  });

  it('ends where a parent is not declared', () => {
    const site = siteWith(group(2, { name: 'web', parent: 'base', medium: 'mirror' }));
    const declared = host({ hostgroup: 'base/web', medium: undefined });
    expect(effectiveHost(site, declared).medium).toBe('mirror');
    expect(effectiveHost(site, host({ hostgroup: 'nowhere' })).name).toBe('web01.example.org');
  });
});

const system = (id: number, name: string, provisioning_templates: readonly string[]): OperatingSystem => ({
  id,
  name,
  major: '12',
  minor: '',
  family: 'Debian',
  media: [],
  architectures: [],
  ptables: [],
  provisioning_templates,
  parameters: {},
});

describe('templates of a hostgroup', () => {
  const debian = system(1, 'Debian', ['default']);
  const rocky = system(2, 'Rocky', ['kickstart']);
  const site = siteWith(
    group(1, { name: 'base', provisioning_templates: ['anything', 'other kind'] }),
    group(2, { name: 'web', parent: 'base', provisioning_templates: ['other kind', 'kickstart', 'special'] }),
  );
  site.put('operatingsystems', debian);
  site.put('operatingsystems', rocky);
  const names = ['default', 'kickstart', 'anything', 'special'] as const;
  for (const [i, name] of names.entries())
    site.put('provisioning_templates', template(name, 'provision', i + 1, name === 'special' ? ['Deb'] : []));
  site.put('provisioning_templates', template('other kind', 'finish', 9));

  it.each([
    ['the group’s, past those of other kinds and systems', debian, 'base/web', 'special'],
    ['the group’s for another system', rocky, 'base/web', 'kickstart'],
    ['one that is for no system in particular', debian, 'base', 'anything'],
    ['the system’s without group', debian, undefined, 'default'],
    ['the system’s with a group nobody knows', debian, 'nowhere', 'default'],
  ])('%s', (_what, os, title, expected) => {
    expect(findTemplate(site, os, 'provision', title === undefined ? {} : { hostgroup: title })?.name).toBe(
      expected,
    );
  });

  it('do not pass to its children', () => {
    site.put('hostgroups', group(3, { name: 'leaf', parent: 'base' }));
    expect(findTemplate(site, debian, 'provision', { hostgroup: 'base/leaf' })?.name).toBe('default');
  });

  it('finds the system and the partition table through the group', () => {
    site.put('hostgroups', group(4, { name: 'db', operatingsystem: 'Rocky 12', ptable: 'lvm' }));
    site.put('ptables', { id: 1, name: 'lvm', layout: 'lvm' });
    const declared = host({ hostgroup: 'db', operatingsystem: undefined });
    expect(osOf(site, declared)).toBe(rocky);
    expect(findPtable(site, declared)?.name).toBe('lvm');
  });
});
