/** Fields of everything but hosts. */

import { familyOf } from '../../../inventory/faults/subnet.ts';
import { nameOf } from '../../../inventory/site.ts';
import {
  type Collection,
  type Located,
  nestedTitle,
  osTitle,
  type Parametrized,
  type Records,
} from '../../../inventory/types.ts';
import { boolean, type Field, type Fields, number, type Searchable, text, time } from '../field.ts';
import { ownParameter, plain } from './parameters.ts';

function id<C extends Collection>(collection: C): Fields<Records[C]> {
  return { id: number((record, { idOf }) => idOf(collection, record)) };
}

function named<C extends Collection>(collection: C): Fields<Records[C]> {
  return { ...id(collection), name: text((record) => (record as { readonly name?: string }).name, true) };
}

/** Those whose names are nested. */
function nested<C extends 'hostgroups' | 'organizations' | 'locations'>(collection: C): Fields<Records[C]> {
  const title: Field<Records[C]>['of'] = (record) => nestedTitle(record);
  return {
    ...named(collection),
    title: text(title, true),
    label: text(title),
    fullname: text(title),
    description: text(({ description }) => description),
    parent: text(({ parent }) => parent),
    parent_title: text(({ parent }) => parent),
    parent_name: text(({ parent }) => parent?.slice(parent.lastIndexOf('/') + 1)),
    parent_id: number(({ parent }, context) => context.idNamed(collection, parent)),
    params: text(({ parameters }) => Object.keys(parameters)),
  };
}

function located(): Fields<Located> {
  return {
    organization: text(({ organizations }) => organizations),
    organization_id: number(({ organizations }, context) =>
      organizations?.flatMap((name) => context.idNamed('organizations', name) ?? []),
    ),
    location: text(({ locations }) => locations),
    location_id: number(({ locations }, context) =>
      locations?.flatMap((name) => context.idNamed('locations', name) ?? []),
    ),
  };
}

const params = {
  params: (name: string): Field<Parametrized> => text((record) => ownParameter(record, name)),
};

/** Titles of the operating systems that list it. */
function systems<R extends { readonly name: string }>(
  field: 'media' | 'architectures' | 'ptables' | 'provisioning_templates',
): Field<R> {
  return text(({ name }, { site }) =>
    site
      .list('operatingsystems')
      .filter((os) => os[field].includes(name))
      .map(osTitle),
  );
}

type Reference = readonly [field: string, collection: Collection];

function references<R>(...all: readonly Reference[]): Fields<R> {
  return Object.fromEntries(
    all.flatMap(([field, collection]) => {
      const of: Field<R>['of'] = (record) => (record as Readonly<Record<string, string | undefined>>)[field];
      return [
        [field, text(of)],
        [
          `${field}_id`,
          number<R>((record, context) => context.idNamed(collection, of(record, context) as string)),
        ],
      ];
    }),
  );
}

/** `192.0.2.0/24` → `192.0.2.0`, `255.255.255.0`. */
function part(network: string, index: 0 | 1): string {
  return network.split('/')[index]!;
}

function maskOf(network: string): string | undefined {
  if (network.includes(':')) return undefined;
  const bits = (2 ** 32 - 2 ** (32 - Number(part(network, 1)))) >>> 0;
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

type Others = { readonly [C in Exclude<Collection, 'hosts'>]: Searchable<Records[C]> };

export const OTHERS: Others = {
  hostgroups: {
    fields: {
      ...nested('hostgroups'),
      ...references(
        ['operatingsystem', 'operatingsystems'],
        ['architecture', 'architectures'],
        ['medium', 'media'],
        ['ptable', 'ptables'],
        ['realm', 'realms'],
        ['domain', 'domains'],
        ['subnet', 'subnets'],
        ['subnet6', 'subnets'],
      ),
      os: text(({ operatingsystem }) => operatingsystem),
      os_title: text(({ operatingsystem }) => operatingsystem),
      pxe_loader: text(({ pxe_loader }) => pxe_loader),
      template: text(({ provisioning_templates }) => provisioning_templates),
      ...located(),
    },
    families: params,
  },
  operatingsystems: {
    fields: {
      ...named('operatingsystems'),
      title: text((os) => [osTitle(os), ...(os.description === undefined ? [] : [os.description])], true),
      description: text(({ description }) => description, true),
      major: text(({ major }) => major),
      minor: text(({ minor }) => minor),
      family: text(({ family }) => family),
      type: text(({ family }) => family),
      release_name: text(({ release_name }) => release_name),
      architecture: text(({ architectures }) => architectures),
      medium: text(({ media }) => media),
      ptable: text(({ ptables }) => ptables),
      template: text(({ provisioning_templates }) => provisioning_templates),
      params: text(({ parameters }) => Object.keys(parameters)),
    },
    families: params,
  },
  architectures: { fields: { ...named('architectures'), operatingsystem: systems('architectures') } },
  media: {
    fields: {
      ...named('media'),
      path: text(({ path }) => path, true),
      family: text(({ os_family }) => os_family),
      os_family: text(({ os_family }) => os_family),
      operatingsystem: systems('media'),
      ...located(),
    },
  },
  subnets: {
    fields: {
      ...named('subnets'),
      description: text(({ description }) => description),
      network: text(({ network }) => part(network, 0), true),
      cidr: number(({ network }) => Number(part(network, 1))),
      mask: text(({ network }) => maskOf(network), true),
      type: text((subnet) => familyOf(subnet)),
      network_type: text((subnet) => familyOf(subnet)),
      gateway: text(({ gateway }) => gateway, true),
      dns_primary: text(({ dns_primary }) => dns_primary, true),
      dns_secondary: text(({ dns_secondary }) => dns_secondary, true),
      from: text(({ from }) => from),
      to: text(({ to }) => to),
      vlanid: number(({ vlanid }) => vlanid),
      mtu: number(({ mtu }) => mtu),
      nic_delay: number(({ nic_delay }) => nic_delay),
      ipam: text(({ ipam }) => ipam),
      boot_mode: text(({ boot_mode }) => boot_mode),
      domain: text(({ domain, domains }) => domains ?? domain),
      params: text(({ parameters }) => Object.keys(parameters)),
      ...located(),
    },
    families: params,
  },
  domains: {
    fields: {
      ...named('domains'),
      fullname: text(({ fullname }) => fullname, true),
      params: text(({ parameters }) => Object.keys(parameters)),
      ...located(),
    },
    families: params,
  },
  realms: { fields: { ...named('realms'), realm_type: text(({ realm_type }) => realm_type), ...located() } },
  organizations: { fields: nested('organizations'), families: params },
  locations: { fields: nested('locations'), families: params },
  users: {
    fields: {
      ...id('users'),
      login: text(({ login }) => login, true),
      firstname: text(({ firstname }) => firstname, true),
      lastname: text(({ lastname }) => lastname, true),
      mail: text(({ mail }) => mail, true),
      description: text(({ description }) => description),
      admin: boolean(({ roles }) => roles?.includes('admin') ?? false),
      role: text(({ roles }) => roles),
      disabled: boolean(({ disabled }) => disabled ?? false),
      ...located(),
    },
  },
  usergroups: {
    fields: {
      ...named('usergroups'),
      user: text(({ users }) => users),
      usergroup: text(({ usergroups }) => usergroups),
    },
  },
  personal_access_tokens: {
    fields: {
      ...named('personal_access_tokens'),
      user: text(({ user }) => user),
      created_at: time(({ created_at }) => created_at),
      expires_at: time(({ expires_at }) => expires_at),
      revoked: boolean(({ revoked_at }) => revoked_at !== undefined),
    },
  },
  models: {
    fields: {
      ...named('models'),
      info: text(({ info }) => info),
      vendor_class: text(({ vendor_class }) => vendor_class, true),
      hardware_model: text(({ hardware_model }) => hardware_model, true),
    },
  },
  smart_proxies: {
    fields: {
      ...named('smart_proxies'),
      url: text(({ url }) => url, true),
      feature: text(({ features }) => features),
      ...located(),
    },
  },
  ptables: {
    fields: {
      ...named('ptables'),
      layout: text(({ layout }) => layout),
      family: text(({ os_family }) => os_family),
      os_family: text(({ os_family }) => os_family),
      snippet: boolean(({ snippet }) => snippet ?? false),
      locked: boolean(({ locked }) => locked ?? false),
      operatingsystem: systems('ptables'),
      ...located(),
    },
  },
  provisioning_templates: {
    fields: {
      ...named('provisioning_templates'),
      kind: text(({ kind }) => (kind === 'snippet' ? undefined : kind)),
      snippet: boolean(({ kind }) => kind === 'snippet'),
      template: text(({ template }) => template),
      locked: boolean(({ locked }) => locked),
      default: boolean((template) => template.default ?? false),
      operatingsystem: systems('provisioning_templates'),
      hostgroup: text(({ name }, { site }) =>
        site
          .list('hostgroups')
          .filter((group) => group.provisioning_templates.includes(name))
          .map(nestedTitle),
      ),
      ...located(),
    },
  },
  common_parameters: {
    fields: {
      ...named('common_parameters'),
      value: text(({ value, hidden_value }) => (hidden_value ? undefined : plain(value))),
      parameter_type: text(({ parameter_type }) => parameter_type),
    },
  },
  settings: {
    fields: {
      ...named('settings'),
      value: text(({ name, value }) => (name === 'root_pass' ? undefined : plain(value))),
    },
  },
  holds: { fields: { ...id('holds'), machine: text((held) => nameOf('holds', held), true) } },
};
