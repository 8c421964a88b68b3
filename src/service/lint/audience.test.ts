import { describe, expect, it } from 'vitest';
import { SiteIndex } from '../../inventory/site.ts';
import type { Host, OperatingSystem, ProvisioningTemplate, TemplateKind } from '../../inventory/types.ts';
import { allTargets, renderingsOf } from './audience.ts';

const os = (id: number, name: string, fields: Partial<OperatingSystem> = {}): OperatingSystem => ({
  id,
  name,
  major: '9',
  minor: '',
  family: 'Redhat',
  media: [],
  architectures: [],
  ptables: [],
  provisioning_templates: [],
  parameters: {},
  ...fields,
});

const host = (id: number, name: string, operatingsystem?: string): Host => ({
  id,
  name,
  enabled: true,
  build: false,
  parameters: {},
  interfaces: [],
  ...(operatingsystem !== undefined && { operatingsystem }),
});

const template = (
  id: number,
  name: string,
  kind: TemplateKind,
  fields: Partial<ProvisioningTemplate> = {},
): ProvisioningTemplate => ({ id, name, kind, template: '', locked: false, ...fields });

const site = new SiteIndex();
site.put('operatingsystems', os(1, 'Rocky', { provisioning_templates: ['listed'] }));
site.put('operatingsystems', os(2, 'Debian', { family: 'Debian', ptables: ['lvm'] }));
for (const [i, [name, system]] of [
  ['rocky', 'Rocky 9'],
  ['debian', 'Debian 9'],
  ['bare', undefined],
].entries())
  site.put('hosts', host(i + 1, name!, system));
const records = [
  template(1, 'listed', 'provision', { template: "<%= snippet 'outer' %>" }),
  template(2, 'suits', 'provision', { oses: ['Rocky'], template: '<%= snippet "inner" %>' }),
  template(3, 'nobody', 'provision', { oses: ['AIX'], template: "<%= snippet('alone') %>" }),
  template(4, 'outer', 'snippet', { template: "<%= snippet 'inner' %>" }),
  template(5, 'inner', 'snippet', { template: "<%= snippet 'outer' if false %>" }),
  template(6, 'alone', 'snippet'),
  template(7, 'iPXE global default', 'iPXE'),
  template(8, 'iPXE default local boot', 'iPXE'),
  template(9, 'PXELinux chain iPXE', 'PXELinux', { oses: ['Rocky'] }),
  template(10, 'PXELinux chain iPXE UNDI', 'PXELinux'),
];
for (const record of records) site.put('provisioning_templates', record);
site.put('ptables', { id: 1, name: 'lvm', layout: '' });
site.put('ptables', { id: 2, name: 'other', layout: '', oses: ['Debian'] });

const rendered = (name: string) => {
  const target = allTargets(site).find((each) => each.name === name)!;
  return renderingsOf(target, site).map(
    (each) => `${each.target.name} for ${each.host?.name ?? 'a stranger'}`,
  );
};

describe('what a template is checked by', () => {
  it.each([
    ['listed', ['listed for rocky']],
    ['suits', ['suits for rocky']],
    ['nobody', []],
    ['lvm', ['lvm for debian']],
    ['other', []],
    ['PXELinux chain iPXE', ['PXELinux chain iPXE for rocky']],
    ['PXELinux chain iPXE UNDI', ['PXELinux chain iPXE UNDI for rocky']],
    ['iPXE global default', ['iPXE global default for a stranger']],
    [
      'iPXE default local boot',
      ['rocky', 'debian', 'bare'].map((name) => `iPXE default local boot for ${name}`),
    ],
  ])('%s: its renderings', (name, expected) => {
    expect(rendered(name)).toEqual(expected);
  });

  it('a snippet: the renderings of all that call it, also when snippets call each other in a circle', () => {
    expect(rendered('inner').sort()).toEqual(['listed for rocky', 'suits for rocky']);
    expect(rendered('outer').sort()).toEqual(['listed for rocky', 'suits for rocky']);
    expect(rendered('alone')).toEqual([]);
  });
});
