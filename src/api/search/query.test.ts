import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { host, NOW, nic } from '../../../test/fixtures.ts';
import { ChainbootError } from '../../errors.ts';
import { SiteIndex } from '../../inventory/site.ts';
import { COLLECTIONS, type Collection, type Host, type Hostgroup } from '../../inventory/types.ts';
import { SEARCHABLE } from './fields/all.ts';
import { type Asked, runQuery } from './query.ts';

const DAY = 86_400_000;

function group(id: number, name: string, fields: Partial<Hostgroup> = {}): Hostgroup {
  return { id, name, parameters: {}, provisioning_templates: [], ...fields };
}

function server(id: number, name: string, fields: Partial<Host>): Host {
  const { operatingsystem: _os, architecture: _arch, medium: _medium, token: _token, ...bare } = host();
  const last = id.toString(16).padStart(2, '0');
  const port = nic({ mac: `52:54:00:00:00:${last}`, ip: `10.77.0.${id}`, primary: true, provision: true });
  return { ...bare, id, name, build: false, interfaces: [port], ...fields };
}

function siteOf(hosts: readonly Host[]): SiteIndex {
  const site = new SiteIndex();
  site.put('operatingsystems', {
    id: 3,
    name: 'Debian',
    major: '12',
    minor: '',
    family: 'Debian',
    description: 'Bookworm',
    media: ['mirror'],
    architectures: ['x86_64'],
    ptables: [],
    provisioning_templates: ['kick_start'],
    parameters: {},
  });
  site.put('subnets', {
    id: 5,
    name: 'lab',
    network: '10.77.0.0/24',
    boot_mode: 'DHCP',
    lease_time: 600,
    vlanid: 12,
    parameters: {},
  });
  site.put('hostgroups', group(7, 'base', { operatingsystem: 'Debian 12', parameters: { role: 'none' } }));
  site.put('hostgroups', group(8, 'web', { parent: 'base', parameters: { role: 'front' } }));
  for (const record of hosts) site.put('hosts', record);
  return site;
}

const SITE = siteOf([
  server(1, 'web1', { hostgroup: 'base/web', comment: 'Rack A', installed_at: NOW - 3 * DAY }),
  server(2, 'web10', { hostgroup: 'base/web', build: true, parameters: { role: 'back' } }),
  server(10, 'web2', { hostgroup: 'base', enabled: false, installed_at: NOW - 60_000 }),
  server(11, 'db', {
    parameters: { secret: 's3' },
    hidden_parameters: ['secret'],
    architecture: 'aarch64',
    facts: { cores: 8 },
    owner: 'ann',
    build_errors: 'disk',
  }),
]);

function hosts(asked: Asked): readonly string[] {
  return found('hosts', asked).records.map(({ name }) => name);
}

function found<C extends Collection>(collection: C, asked: Asked) {
  const idOf = (_: Collection, { id }: { readonly id: number }) => (id < 0 ? 1000 - id : id);
  return runQuery({ site: SITE, collection, records: SITE.list(collection), idOf, now: NOW, ...asked });
}

describe('hosts', () => {
  it.each([
    ['', 'web1 web10 web2 db'],
    ['name = web1', 'web1'],
    ['name = WEB1', ''],
    ['name = web*', ''],
    ['name ~ WEB', 'web1 web10 web2'],
    ['name ~ web*', 'web1 web10 web2'],
    ['name ~ eb*0', ''],
    ['name ~ %eb*0', 'web10'],
    ['name !~ web', 'db'],
    ['name != web1 and name != db', 'web10 web2'],
    ['name ^ (db, web1, none)', 'web1 db'],
    ['name !^ (db, web1)', 'web10 web2'],
    ['id = 10', 'web2'],
    ['id > 2', 'web2 db'],
    ['id in (1, 11)', 'web1 db'],
    ['mac = 52-54-00-00-00-0A', 'web2'],
    ['mac ~ 00:0', 'web1 web10 web2 db'],
    ['ip = 10.77.0.11', 'db'],
    ['ip = 10.77.0.99', ''],
    ['name = web1 or ip = 10.77.0.11', 'web1 db'],
    ['name = web1 and build = true', ''],
    ['hostgroup = web', 'web1 web10'],
    ['hostgroup_title = base/web', 'web1 web10'],
    ['parent_hostgroup = base', 'web1 web10 web2'],
    ['hostgroup_id = 7', 'web2'],
    // What the hostgroup gives counts.
    ['os = Debian', 'web1 web10 web2'],
    ['os_major = 12', 'web1 web10 web2'],
    ['os_id = 3', 'web1 web10 web2'],
    ['architecture = aarch64', 'db'],
    ['subnet.name = lab', 'web1 web10 web2 db'],
    ['subnet = 10.77.0.0', 'web1 web10 web2 db'],
    ['params.role = front', 'web1'],
    ['params.role = back', 'web10'],
    ['params.secret = s3', ''],
    ['has params.secret', ''],
    ['has params.constructor', ''],
    ['has facts.toString', ''],
    ['facts.cores > 7', 'db'],
    ['build = true', 'web10'],
    ['build', 'web10'],
    ['not enabled', 'web2'],
    ['build_status = pending', 'web10'],
    ['build_status = build_failed', 'db'],
    ['build_status = installed', 'web1 web2'],
    ['owner = ann', 'db'],
    ['has comment', 'web1'],
    ['null? hostgroup', 'db'],
    ['set? installed_at', 'web1 web2'],
    ['rack', 'web1'],
    ['10.77.0.11', 'db'],
    ['bookworm', 'web1 web10 web2'],
    ['installed_at = "3 days ago"', 'web1'],
    ['installed_at = Today', 'web2'],
    ['installed_at < Yesterday', 'web1'],
    ['installed_at > "1 hour ago"', 'web2'],
    ['installed_at = 2026-01-12', 'web1'],
    ['installed_at >= "2026-01-15 11:59"', 'web2'],
  ])('%s', (search, names) => {
    expect(hosts({ search }).join(' ')).toBe(names);
  });

  it.each([
    ['nmae = web1', 1, 'name'],
    ['name = a and hostgruop = b', 14, 'hostgroup'],
    ['id = many', 1, 'number'],
    ['build = perhaps', 1, 'boolean'],
    ['installed_at = 2026-02-31', 1, 'time'],
  ])('%s is refused', (search, at, reason) => {
    const query = () => hosts({ search });
    expect(query).toThrow(
      expect.objectContaining({
        code: 'SEARCH_INVALID',
        values: { search, at, reason: expect.stringContaining(reason) },
      }),
    );
  });
});

it('tells subnets apart that are narrower than a byte', () => {
  const site = siteOf([server(20, 'low', {}), server(200, 'high', {})]);
  const lab = site.get('subnets', 'lab')!;
  site.put('subnets', { ...lab, network: '10.77.0.0/25' });
  site.put('subnets', { ...lab, id: 6, name: 'upper', network: '10.77.0.128/25' });
  const { records } = runQuery({
    site,
    collection: 'hosts',
    records: site.list('hosts'),
    idOf: (_, { id }) => id,
    now: NOW,
    search: 'subnet.name = upper',
  });
  expect(records.map(({ name }) => name)).toEqual(['high']);
});

describe('orders and pages', () => {
  it.each([
    ['name', 'db web1 web2 web10'],
    ['name DESC', 'web10 web2 web1 db'],
    ['build desc, name', 'web10 db web1 web2'],
    ['installed_at ASC', 'web1 web2 web10 db'],
    ['ip', 'web1 web10 web2 db'],
  ])('%s', (order, names) => {
    expect(hosts({ order }).join(' ')).toBe(names);
  });

  it('counts what was searched and what was found', () => {
    expect(found('hosts', { search: 'name ~ web', order: 'name', page: 2, per_page: 2 })).toMatchObject({
      total: 4,
      subtotal: 3,
      page: 2,
      per_page: 2,
      search: 'name ~ web',
      sort: { by: 'name', order: 'ASC' },
      records: [{ name: 'web10' }],
    });
    expect(found('hosts', { per_page: 'all' }).records).toHaveLength(4);
    expect(found('hosts', { page: 9 })).toMatchObject({ subtotal: 4, records: [] });
  });

  it.each(['nmae', 'name UP', 'name, name sideways'])('%s is refused', (order) => {
    expect(() => hosts({ order })).toThrow(expect.objectContaining({ code: 'ORDER_INVALID' }));
  });
});

describe('other records', () => {
  it.each<[Collection, string, number]>([
    ['hostgroups', 'title = base/web', 1],
    ['hostgroups', 'name = web and parent_title = base', 1],
    ['hostgroups', 'parent_id = 7', 1],
    ['operatingsystems', 'title = "Debian 12"', 1],
    ['operatingsystems', 'name = Debian and major = 12 and minor = ""', 1],
    ['operatingsystems', 'medium = mirror', 1],
    ['subnets', 'network = 10.77.0.0 and mask = 255.255.255.0', 1],
    ['subnets', 'vlanid > 12', 0],
    ['subnets', 'type = IPv4', 1],
  ])('%s: %s', (collection, search, count) => {
    expect(found(collection, { search }).subtotal).toBe(count);
  });
});

describe('any search of any collection', () => {
  const fields = [...new Set(COLLECTIONS.flatMap((name) => Object.keys(SEARCHABLE[name].fields)))];
  const part = fc.constantFrom(
    ...fields,
    '=',
    '~',
    '<',
    ' and ',
    ' or ',
    ' not ',
    ' in ',
    '(',
    ')',
    '5',
    'true',
    'web',
  );
  const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(' '));

  it('has results or is SEARCH_INVALID, and twice negated finds the same', () => {
    fc.assert(
      fc.property(fc.constantFrom(...COLLECTIONS), text, (collection, search) => {
        const once = outcome(collection, search);
        const twice = outcome(collection, `not not (${search})`);
        if (search.trim() === '') expect(twice).toBe('refused');
        // Of what was refused, `a ) ( b` is none the worse for brackets.
        else if (once !== 'refused') expect(twice).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });

  it('finds by index what it finds by looking at all', () => {
    const value = fc.constantFrom('web1', 'db', '2', '11', '10.77.0.11', '52:54:00:00:00:0a');
    const field = fc.constantFrom('name', 'id', 'ip', 'mac');
    const all = SITE.list('hosts').length;
    fc.assert(
      fc.property(field, value, (name, wanted) => {
        if (name === 'id' && !/^\d+$/.test(wanted)) return;
        const pinned = found('hosts', { search: `${name} = ${wanted}` }).subtotal;
        expect(pinned).toBe(all - found('hosts', { search: `${name} != ${wanted}` }).subtotal);
      }),
    );
  });
});

function outcome(collection: Collection, search: string): unknown {
  try {
    return found(collection, { search, per_page: 'all' }).records.map(({ id }) => id);
  } catch (error) {
    expect(error).toBeInstanceOf(ChainbootError);
    return 'refused';
  }
}
