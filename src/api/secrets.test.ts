/** Every GET there is, over a site whose secrets can be told from everything else, by whoever may not see them. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../test/api-rig.ts';
import { effectiveHost } from '../inventory/hostgroup.ts';
import { mergedParameters, parameterLayers } from '../inventory/parameters.ts';
import type { Role } from '../inventory/types.ts';
import { OPERATIONS } from './resources/all.ts';

/** Nobody sees them, whatever the role: hashes of passwords and tokens of users. */
const NOBODY = 'planted-for-nobody';
/** Administrators do: hidden parameters, users. */
const ADMINS = 'planted-for-admins';
/** Operators do, too: what is secret of a machine. */
const OPERATORS = 'planted-for-operators';
const SECRETS: Readonly<Record<Role, readonly string[]>> = {
  viewer: [NOBODY, ADMINS, OPERATORS],
  operator: [NOBODY, ADMINS],
  admin: [NOBODY],
};

const KEY = 'host.example.org';
/** Whatever a path asks for: one of each kind of record has this name, or this number. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  kind: ['provision', 'iPXE'],
  type: ['build', 'global'],
  user_id: ['viewer', 'operator', 'secretive'],
  id: [KEY, '1', 'vault', 'Debian 12', 'root_pass', 'web', 'provision', 'planted', 'script'],
};

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig({
    // What a template could have of a host.
    preview: async ({ template }, host) => {
      const { root_pass, otp, token } = effectiveHost(rig.inventory.site, host);
      const parameters = mergedParameters(parameterLayers(rig.inventory.site, host));
      return JSON.stringify({ template, root_pass, otp, token, parameters });
    },
  });
  await plant();
});
afterAll(() => rig.close());

const LISTS = { media: [], architectures: [], ptables: [], provisioning_templates: [] };

async function plant(): Promise<void> {
  const hidden = (name: string) => ({
    parameters: { colour: 'red', [`vault-${name}`]: `${ADMINS}-${name}`, vault: `${ADMINS}-${name}` },
    hidden_parameters: ['vault', `vault-${name}`],
  });
  const nic = { type: 'interface', primary: true, provision: true, managed: true, virtual: false };
  const bmc = { ...nic, primary: false, provision: false, type: 'bmc', provider: 'IPMI' };
  await rig.put(
    ['organizations', { name: KEY, ...hidden('organization') }],
    ['locations', { name: KEY, ...hidden('location') }],
    ['domains', { name: KEY, ...hidden('domain') }],
    [
      'subnets',
      { name: KEY, network: '192.0.2.0/24', boot_mode: 'DHCP', lease_time: 60, ...hidden('subnet') },
    ],
    ['provisioning_templates', { name: 'provision', kind: 'provision', template: 'text' }],
    [
      'operatingsystems',
      {
        ...LISTS,
        name: 'Debian',
        major: '12',
        minor: '',
        family: 'Debian',
        ...hidden('os'),
        provisioning_templates: ['provision'],
      },
    ],
    ['common_parameters', { name: 'vault', value: `${ADMINS}-common`, hidden_value: true }],
    ['settings', { name: 'root_pass', value: `$6$salt$${ADMINS}-setting` }],
    [
      'users',
      {
        login: 'secretive',
        mail: `${ADMINS}@example.org`,
        password_hash: `scrypt:16384:8:5:${NOBODY}:${NOBODY}`,
        ssh_keys: [],
      },
    ],
    [
      'personal_access_tokens',
      { name: 'planted', user: 'secretive', hash: `${NOBODY}-token`, created_at: 1 },
    ],
    [
      'hostgroups',
      {
        name: 'web',
        provisioning_templates: [],
        operatingsystem: 'Debian 12',
        root_pass: `$6$salt$${OPERATORS}-group`,
        ...hidden('hostgroup'),
      },
    ],
    [
      'hosts',
      {
        name: KEY,
        enabled: true,
        build: true,
        hostgroup: 'web',
        organization: KEY,
        location: KEY,
        root_pass: `$6$salt$${OPERATORS}-host`,
        otp: `${OPERATORS}-otp`,
        token: { value: `${OPERATORS}-token` },
        ...hidden('host'),
        interfaces: [
          { ...nic, id: 1, identifier: 'eth0', mac: '52:54:00:00:00:01', subnet: KEY, domain: KEY },
          {
            ...bmc,
            id: 2,
            identifier: 'ipmi',
            mac: '52:54:00:00:00:02',
            username: `${OPERATORS}-user`,
            password: `${OPERATORS}-password`,
          },
        ],
      },
    ],
  );
  // Over the API as well, for what the audit makes of a change.
  const changed = [
    await rig.call('PUT', `/hosts/${KEY}`, {
      root_pass: `${OPERATORS}-plain`,
      host_parameters_attributes: [{ name: 'vault', value: `${ADMINS}-other`, hidden_value: true }],
      interfaces_attributes: [{ id: 2, username: `${OPERATORS}-other`, password: `${OPERATORS}-other` }],
    }),
    await rig.call('PUT', '/users/secretive', {
      mail: `${ADMINS}-other@example.org`,
      password: `${NOBODY}-x`,
    }),
    await rig.call('PUT', '/settings/root_pass', { value: `$6$salt$${ADMINS}-other` }),
  ];
  expect(changed.map(({ status }) => status)).toEqual([200, 200, 200]);
}

/** Of every path, each that its keys make of it. */
const TARGETS = OPERATIONS.filter(({ method }) => method === 'GET').flatMap(({ paths, resource }) =>
  paths.flatMap((path) => filled(path).map((target) => [target, resource] as const)),
);

function filled(path: string): readonly string[] {
  const [, key] = /:(\w+)/.exec(path) ?? [];
  if (key === undefined) return [path];
  const values =
    KEYS[key] ?? (key === 'hostgroup_id' ? ['web'] : key === 'operatingsystem_id' ? ['1'] : [KEY]);
  return values.flatMap((value) => filled(path.replace(`:${key}`, encodeURIComponent(value))));
}

/** A record, by whatever name it has, whole. */
function refuseSecrets(text: string, role: Role, target: string): void {
  for (const secret of SECRETS[role])
    expect(
      text.toLowerCase().includes(secret),
      `${secret} for a ${role} in ${target}: ${text.slice(0, 2000)}`,
    ).toBe(false);
}

describe.each(['viewer', 'operator', 'admin'] as const)('to a %s', (role) => {
  it('no GET shows a secret', async () => {
    const answered = new Set<string>();
    for (const [target, resource] of TARGETS)
      for (const query of ['', '?per_page=all', '?search=name%20~%20o&order=name%20DESC&thin=true']) {
        const { status, body } = await rig.get(`${target}${query}`, role);
        expect(status, `${target}${query}`).toBeLessThan(500);
        refuseSecrets(typeof body === 'string' ? body : JSON.stringify(body), role, `${target}${query}`);
        if (status === 200) answered.add(resource);
      }
    // Else it would show that nothing is found.
    const all = OPERATIONS.filter(
      (one) => one.method === 'GET' && (role === 'admin' || one.role !== 'admin'),
    );
    const unanswered = new Set(all.map(({ resource }) => resource).filter((name) => !answered.has(name)));
    expect([...unanswered]).toEqual([]);
  });
});

it('no search of a viewer finds by a secret', async () => {
  const field = fc.constantFrom(
    'params.vault',
    'params.vault-host',
    'value',
    'root_pass',
    'password',
    'username',
    'token',
    'otp',
    'hash',
    'mail',
    'comment',
  );
  const comparison = fc.constantFrom('=', '~', '^', '>', '<', '!=', '!~');
  const path = fc.constantFrom(
    '/hosts',
    '/hostgroups',
    '/domains',
    '/common_parameters',
    '/settings',
    '/audits',
    `/hosts/${KEY}/interfaces`,
    `/hosts/${KEY}/parameters`,
  );
  const secret = fc.constantFrom(...SECRETS.viewer);
  await fc.assert(
    fc.asyncProperty(path, field, comparison, secret, async (at, name, how, wanted) => {
      const of = async (value: string) => {
        const search = encodeURIComponent(`${name} ${how} ${value}`);
        return (await rig.get(`${at}?search=${search}`, 'viewer')).body;
      };
      const ids = (body: { readonly results?: readonly { readonly id: number }[] }) =>
        body.results?.map(({ id }) => id);
      // What nothing can be, of the same length and place in the alphabet.
      expect(ids(await of(wanted))).toEqual(ids(await of(wanted.replace('planted', 'plantee'))));
    }),
    { numRuns: 60 },
  );
});

it('plants what can be seen by those who may', async () => {
  const told = async (path: string, role: Role) => JSON.stringify((await rig.get(path, role)).body);
  expect(await told(`/hosts/${KEY}`, 'operator')).toContain(OPERATORS);
  expect(await told(`/hosts/${KEY}/interfaces`, 'operator')).toContain(`${OPERATORS}-other`);
  expect(await told(`/hosts/${KEY}/template/provision`, 'operator')).toContain(OPERATORS);
  for (const path of [
    `/hosts/${KEY}`,
    `/hosts/${KEY}/enc`,
    '/common_parameters',
    '/users',
    '/audits?per_page=all',
  ])
    expect(await told(path, 'admin'), path).toContain(ADMINS);
});
