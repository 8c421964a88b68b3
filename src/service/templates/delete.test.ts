import { describe, expect, it } from 'vitest';
import { SiteIndex } from '../../inventory/site.ts';
import type { OperatingSystem, PartitionTable, ProvisioningTemplate } from '../../inventory/types.ts';
import { type DeleteOptions, planDelete } from './delete.ts';

const SHIPPED: ProvisioningTemplate = {
  id: -1,
  name: 'KS',
  kind: 'provision',
  template: 'shipped',
  locked: true,
};
const OWN: ProvisioningTemplate = { ...SHIPPED, id: 1, template: 'own', locked: false };
const ACME: ProvisioningTemplate = { ...OWN, id: 2, name: 'ACME' };
const DISK: PartitionTable = { id: 1, name: 'ACME', layout: 'x' };
const ROCKY: OperatingSystem = {
  id: 1,
  name: 'Rocky',
  major: '9',
  minor: '',
  family: 'Redhat',
  media: [],
  architectures: [],
  ptables: [],
  provisioning_templates: [],
  parameters: {},
};

function siteOf(templates: readonly ProvisioningTemplate[], ptables: readonly PartitionTable[] = []) {
  const site = new SiteIndex();
  for (const record of templates) site.put('provisioning_templates', record);
  for (const record of ptables) site.put('ptables', record);
  return site;
}

function plan(site: SiteIndex, names: readonly string[], options: Partial<DeleteOptions> = {}) {
  return planDelete(names, site, {
    force: false,
    shipped: { provisioning_templates: [SHIPPED] },
    ...options,
  });
}

function refusal(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('planDelete', () => {
  it('deletes what is the site’s own, and says what comes back', () => {
    expect(plan(siteOf([OWN, ACME]), ['ACME', 'KS', 'ACME'])).toEqual({
      deleted: [
        { name: 'ACME', kind: 'provision', restored: false },
        { name: 'KS', kind: 'provision', restored: true },
      ],
      changes: [
        { op: 'delete', collection: 'provisioning_templates', id: 2 },
        { op: 'delete', collection: 'provisioning_templates', id: 1 },
      ],
    });
  });

  it('tells a template and a partition table of one name apart by the kind', () => {
    const site = siteOf([ACME], [DISK]);
    expect(refusal(() => plan(site, ['ACME']))).toMatchObject({
      code: 'TEMPLATES_KEPT',
      problems: [{ suggestion: 'choose with --kind' }],
    });
    expect(plan(site, ['ACME'], { kind: 'ptable' }).changes).toEqual([
      { op: 'delete', collection: 'ptables', id: 1 },
    ]);
  });

  it('means the site’s own where the other one is shipped', () => {
    expect(plan(siteOf([SHIPPED], [{ ...DISK, name: 'KS' }]), ['KS']).deleted[0]!.kind).toBe('ptable');
  });

  it.each([
    ['a shipped one', siteOf([SHIPPED]), 'KS', 'comes with Chainboot'],
    ['a locked one', siteOf([{ ...ACME, locked: true }]), 'ACME', 'is locked'],
  ])('keeps %s', (_what, site, name, message) => {
    expect(refusal(() => plan(site, [name]))).toMatchObject({
      code: 'TEMPLATES_KEPT',
      problems: [{ message: expect.stringContaining(message) }],
    });
  });

  it('deletes a locked one by force', () => {
    expect(plan(siteOf([{ ...ACME, locked: true }]), ['ACME'], { force: true }).deleted).toHaveLength(1);
  });

  it('keeps what is still listed, unless a shipped one takes its place', () => {
    const site = siteOf([ACME, OWN]);
    site.put('operatingsystems', { ...ROCKY, provisioning_templates: ['ACME', 'KS', 'gone before'] });
    expect(refusal(() => plan(site, ['ACME']))).toMatchObject({
      code: 'TEMPLATES_KEPT',
      problems: [{ file: 'operatingsystems Rocky 9', path: 'provisioning_templates.0' }],
    });
    expect(plan(site, ['KS']).deleted).toHaveLength(1);
  });

  it('knows no other names', () => {
    expect(refusal(() => plan(siteOf([]), ['x']))).toMatchObject({ code: 'NOT_FOUND' });
    expect(refusal(() => plan(siteOf([ACME]), ['ACME'], { kind: 'finish' }))).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
