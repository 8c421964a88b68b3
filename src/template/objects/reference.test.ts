/** docs/template-objects.md names every attribute, and none that is not there. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SiteIndex } from '../../inventory/site.ts';
import type { Host } from '../../inventory/types.ts';
import { Budget, LIMITS } from '../budget.ts';
import { Runtime } from '../ruby/runtime.ts';
import { RObject, type Value } from '../ruby/values.ts';
import { scopeOf } from '../scope.ts';
import { hostObject } from './host.ts';
import { ownerObject } from './owner.ts';
import { mediumProvider } from './system.ts';
import { classTable, methods } from './table.ts';

const DOCS = readFileSync(new URL('../../../docs/template-objects.md', import.meta.url), 'utf8');

/** The names in the rows whose first cell begins so, without arguments. */
function documented(object: string): ReadonlySet<string> {
  const rows = DOCS.split('\n').filter((line) => line.startsWith(`| ${object}`));
  return new Set(
    rows.flatMap((row) => [...row.split(' | ')[1]!.matchAll(/`([\w?]+)[^`]*`/g)].map(([, name]) => name!)),
  );
}

/** What every object has. */
const COMMON = new Set(Object.keys(classTable(methods({}))));

const runtime = new Runtime(new Budget(LIMITS), {}, undefined, new Map());

function site(): SiteIndex {
  const index = new SiteIndex();
  const record = { id: 1, name: 'x', parameters: {} };
  index.put('domains', record);
  index.put('realms', { ...record, realm_type: 'FreeIPA' });
  index.put('organizations', record);
  index.put('locations', record);
  index.put('subnets', { ...record, network: '192.0.2.0/24', boot_mode: 'DHCP', lease_time: 60 });
  index.put('media', { ...record, path: 'http://m' });
  index.put('ptables', { ...record, layout: 'x' });
  index.put('hostgroups', { ...record, provisioning_templates: [] });
  index.put('users', { id: 1, login: 'x', ssh_keys: ['ssh-rsa AAAA x'] });
  index.put('operatingsystems', {
    ...record,
    major: '1',
    minor: '',
    family: 'Redhat',
    media: ['x'],
    architectures: [],
    ptables: [],
    provisioning_templates: [],
  });
  return index;
}

const HOST: Host = {
  id: 1,
  name: 'h',
  enabled: true,
  architecture: 'x86_64',
  operatingsystem: 'x 1',
  ptable: 'x',
  realm: 'x',
  hostgroup: 'x',
  organization: 'x',
  location: 'x',
  owner: 'x',
  model: 'x',
  build: true,
  token: { value: 't' },
  parameters: {},
  interfaces: [
    {
      type: 'interface',
      primary: true,
      provision: true,
      managed: true,
      virtual: false,
      subnet: 'x',
      domain: 'x',
    },
  ],
};

const scope = scopeOf({ site: site(), host: HOST, kind: 'provision', base: 'http://h', now: 0 }).host!;
const host = hostObject(scope, {
  base: 'http://h',
  parameters: () => null,
  parameter: () => null,
  renderOwn: (_name, text) => text,
});

function at(...path: readonly string[]): RObject {
  const value = path.reduce<Value>((object, name) => runtime.send(object, name, []), host);
  if (!(value instanceof RObject)) throw new Error(`${path.join('.')} is no object`);
  return value;
}

const group = ownerObject(
  { type: 'Usergroup', group: { id: 1, name: 'g', users: [], usergroups: [] }, users: [] },
  'h',
);

describe('docs/template-objects.md', () => {
  it.each<[string, RObject]>([
    ['`@host`', host],
    ['interface', at('primary_interface')],
    ['subnet', at('subnet')],
    ['operating system', at('operatingsystem')],
    ['`medium_provider`', mediumProvider(scope)],
    ['medium', at('medium')],
    ['partition table', at('ptable')],
    ['architecture', at('architecture')],
    ['model', at('model')],
    ['token', at('token')],
    ['hostgroup', at('hostgroup')],
    ['domain', at('domain')],
    ['realm', at('realm')],
    ['organization', at('organization')],
    ['user |', at('owner')],
    ['user group', group as RObject],
    ['SSH key', at('owner', 'ssh_keys', 'first')],
  ])('%s', (object, value) => {
    const attributes = Object.keys(value.methods).filter((name) => !COMMON.has(name));
    expect(documented(object)).toEqual(new Set(attributes));
  });
});
