import { describe, expect, it } from 'vitest';
import { findPtable, findTemplate, suits } from './association.ts';
import { SiteIndex } from './site.ts';
import type { Host, OperatingSystem, PartitionTable, ProvisioningTemplate } from './types.ts';

const ROCKY: OperatingSystem = {
  id: 1,
  name: 'Rocky',
  major: '9',
  minor: '4',
  family: 'Redhat',
  media: [],
  architectures: [],
  ptables: [],
  provisioning_templates: [],
  parameters: {},
};
const HOST = { id: 1, name: 'web', operatingsystem: 'Rocky 9.4', interfaces: [] } as unknown as Host;

function template(id: number, name: string, oses: readonly string[]): ProvisioningTemplate {
  return { id, name, kind: 'provision', template: name, locked: id < 0, oses };
}

function ptable(id: number, name: string, oses: readonly string[]): PartitionTable {
  return { id, name, layout: name, oses };
}

function siteOf(
  os: OperatingSystem,
  templates: readonly ProvisioningTemplate[],
  ptables: readonly PartitionTable[] = [],
): SiteIndex {
  const site = new SiteIndex();
  site.put('operatingsystems', os);
  for (const record of templates) site.put('provisioning_templates', record);
  for (const record of ptables) site.put('ptables', record);
  return site;
}

describe('suits', () => {
  it.each([
    ['Rocky', true],
    ['Rocky 9', true],
    ['Rocky 8', false],
    ['ocky', false],
    ['Rocky (8|9)', true],
    ['R.*9', true],
    ['Rocky [78]', false],
    ['CentOS|Rocky', true],
    ['Rocky 9\\.4$', true],
    ['Rocky (', false],
    ['Rocky 9.4 and more', false],
  ])('%j: %s', (entry, expected) => {
    expect(suits({ oses: [entry] }, ROCKY)).toBe(expected);
  });

  it('is not slowed down by any entry', () => {
    const os = { ...ROCKY, name: 'a'.repeat(40) };
    const entries = ['(a+)+$b', '(a*)*(a*)*x', '(a|a)+x', 'a*a*a*a*a*a*a*a*a*x', `${'(a?){40}'}x`];
    const started = performance.now();
    for (const entry of entries) expect(suits({ oses: [entry] }, os)).toBe(false);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('findTemplate', () => {
  it('takes what the operating system lists before what suits it', () => {
    const templates = [template(1, 'Own', ['Rocky']), template(-1, 'Shipped', [])];
    const site = siteOf({ ...ROCKY, provisioning_templates: ['Shipped'] }, templates);
    expect(findTemplate(site, site.list('operatingsystems')[0]!, 'provision')?.name).toBe('Shipped');
  });

  it('prefers the own, then the one that is more general by its name', () => {
    const names = (templates: readonly ProvisioningTemplate[]) =>
      findTemplate(siteOf(ROCKY, templates), ROCKY, 'provision')?.name;
    const shipped = template(-1, 'KS', ['Rocky']);
    const atomic = template(2, 'Atomic', ['Rocky 9']);
    const special = template(5, 'Atomic Kickstart default', ['Rocky']);
    const plain = template(3, 'Kickstart default', ['Rocky']);
    expect(names([shipped])).toBe('KS');
    expect(names([shipped, atomic])).toBe('Atomic');
    expect(names([shipped, atomic, special])).toBe('Atomic Kickstart default');
    expect(names([shipped, atomic, special, plain])).toBe('Kickstart default');
    expect(names([template(4, 'Kickstart', ['Debian'])])).toBeUndefined();
  });

  it('goes on with iPXE where PXELINUX could also load the installer itself', () => {
    const pxelinux = (id: number, name: string) => ({
      ...template(id, name, ['Rocky']),
      kind: 'PXELinux' as const,
    });
    const shipped = [pxelinux(-1, 'Kickstart default PXELinux'), pxelinux(-2, 'PXELinux chain iPXE')];
    const name = (templates: readonly ProvisioningTemplate[]) =>
      findTemplate(siteOf(ROCKY, templates), ROCKY, 'PXELinux')?.name;
    expect(name(shipped)).toBe('PXELinux chain iPXE');
    const speaksHttp = { pxe_loader: 'PXELinux BIOS HTTP' } as const;
    expect(findTemplate(siteOf(ROCKY, shipped), ROCKY, 'PXELinux', speaksHttp)?.name).toMatch(/^Kickstart/);
    expect(name([...shipped, pxelinux(1, 'Mine')])).toBe('Mine');
  });

  it("follows the lock nowhere: a locked one of the site is the site's", () => {
    const locked = { ...template(1, 'Own and locked', ['Rocky']), locked: true };
    const site = siteOf(ROCKY, [template(-1, 'KS', ['Rocky']), locked]);
    expect(findTemplate(site, ROCKY, 'provision')?.name).toBe('Own and locked');
  });
});

describe('findPtable', () => {
  const tables = [ptable(-1, 'shipped', ['Rocky']), ptable(-2, 'other', ['Debian']), ptable(3, 'named', [])];

  it.each([
    ['the one the host names', { ptable: 'named' }, {}, 'named'],
    ['the one its system lists', {}, { ptables: ['named', 'shipped'] }, 'named'],
    ['the one made for its system', {}, {}, 'shipped'],
    ['none', {}, { name: 'Plan9' }, undefined],
  ])('finds %s', (_what, host, os, expected) => {
    const record = { ...ROCKY, ...os };
    const site = siteOf(record, [], tables);
    const title = `${record.name} 9.4`;
    expect(findPtable(site, { ...HOST, ...host, operatingsystem: title })?.name).toBe(expected);
  });
});
