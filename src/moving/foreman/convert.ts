/** From what a Foreman showed to a site declaration. Pure. */

import { ipamOf } from '../../inventory/free-address.ts';
import { nearest } from '../../inventory/nearest.ts';
import { SETTING_NAMES } from '../../inventory/settings.ts';
import {
  IPAM_MODES,
  type Json,
  OS_FAMILIES,
  osTitle,
  PASSWORD_HASHES,
  PXE_LOADERS,
  TEMPLATE_KINDS,
} from '../../inventory/types.ts';
import type { Moved, SiteInput } from '../moved.ts';
import { hostName } from '../names.ts';
import type { Place } from '../place.ts';
import { Report } from '../report.ts';
import type { Collected, Document, ResourceName } from './collect.ts';
import { copied, flag, list, names, number, parameters, parameterValue, present, text } from './fields.ts';
import { interfacesOf } from './interfaces.ts';

export type ConvertOptions = {
  /** Names of what comes with Chainboot. */
  readonly shipped: {
    readonly templates: ReadonlySet<string>;
    readonly ptables: ReadonlySet<string>;
    /** Organizations, locations, architectures: nothing is to be made where their name is all there is to say. */
    readonly others: ReadonlySet<string>;
  };
  /** Takes Foreman's versions of those too. */
  readonly allTemplates?: boolean;
};

/** Systems are called by name and version here, and may be called by their description there. */
type Systems = ReadonlyMap<number, string>;

function systemsOf(systems: readonly Document[]): Systems {
  return new Map(
    systems.map((one) => {
      const [name = '', major = '', minor = ''] = ['name', 'major', 'minor'].map((key) => text(one, key));
      return [number(one, 'id') ?? 0, osTitle({ name, major, minor })];
    }),
  );
}

function systemOf(document: Document, systems: Systems): string | undefined {
  return systems.get(number(document, 'operatingsystem_id') ?? 0) ?? text(document, 'operatingsystem_name');
}

/** By title. */
type Groups = ReadonlyMap<string, Document>;

type Entry = Record<string, unknown>;
type Outcome = Entry | undefined;

export function convertForeman({ documents, refused }: Collected, options: ConvertOptions): Moved {
  const report = new Report();
  const systems = systemsOf(documents.operatingsystems);
  const site: Record<string, unknown> = {};
  const places: Record<string, Place[]> = {};
  const templatesOfGroups = combinations(documents);
  const groups: Groups = new Map(documents.hostgroups.map((group) => [text(group, 'title') ?? '', group]));
  for (const { resource, reason } of refused) report.human(placeOf(resource), resource, reason);
  const section = (
    name: string,
    resource: ResourceName,
    convert: (document: Document, at: Noted) => Outcome,
  ): void => {
    const entries = documents[resource].flatMap((document) => {
      const at = notedAt(report, resource, document);
      const entry = convert(document, at);
      if (entry === undefined || isHere(entry, options)) return [];
      at.taken(`as one of the ${name}`);
      return [{ entry: present(entry), place: at.place }];
    });
    if (entries.length === 0) return;
    site[name] = entries.map(({ entry }) => entry);
    places[name] = entries.map(({ place }) => place);
  };
  section('organizations', 'organizations', taxonomy);
  section('locations', 'locations', taxonomy);
  section('architectures', 'architectures', (document) => ({ name: text(document, 'name') }));
  section('smart_proxies', 'smart_proxies', smartProxy);
  section('realms', 'realms', (document) => copied(document, ['name', 'realm_type']));
  section('domains', 'domains', domain);
  section('subnets', 'subnets', subnet);
  section('media', 'media', medium);
  section('ptables', 'ptables', (document, at) => ptable(document, at, options));
  section('templates', 'provisioning_templates', (document, at) => template(document, at, options));
  section('operatingsystems', 'operatingsystems', (document, at) => system(document, at));
  section('models', 'models', (document) =>
    copied(document, ['name', 'info', 'vendor_class', 'hardware_model']),
  );
  section('users', 'users', user);
  section('usergroups', 'usergroups', usergroup);
  section('hostgroups', 'hostgroups', (document, at) => hostgroup(document, at, systems, templatesOfGroups));
  section('hosts', 'hosts', (document, at) => host(document, at, systems, groups));
  if (!options.allTemplates) sayShipped(documents, options, report);
  Object.assign(site, globals(documents, report), settings(documents, report));
  return { site: site as SiteInput, places, notes: report.notes };
}

function isHere(entry: Entry, { shipped }: ConvertOptions): boolean {
  const { name, ...more } = present(entry);
  return Object.keys(more).length === 0 && shipped.others.has(String(name));
}

/** Of templates that are left to Chainboot's own, one line for all: there are many, and nothing is to be done. */
function sayShipped(documents: Collected['documents'], { shipped }: ConvertOptions, report: Report): void {
  for (const [resource, names] of [
    ['provisioning_templates', shipped.templates],
    ['ptables', shipped.ptables],
  ] as const) {
    const count = documents[resource].filter((document) => names.has(text(document, 'name') ?? '')).length;
    if (count === 0) continue;
    const message = `${count} that Chainboot has of the same name: --all-templates takes Foreman’s`;
    report.left(placeOf(resource), resource.replaceAll('_', ' '), message);
  }
}

/** Where a note belongs: there are no lines, so the number of the record stands for one. */
function placeOf(resource: ResourceName, id = 1): Place {
  return { file: resource, line: id, column: 1 };
}

type Noted = {
  readonly place: Place;
  readonly taken: (message: string) => void;
  readonly human: (message: string) => void;
  readonly left: (message: string) => void;
  readonly refused: (message: string) => void;
};

function notedAt(report: Report, resource: ResourceName, document: Document): Noted {
  const place = placeOf(resource, number(document, 'id'));
  const subject = text(document, 'title') ?? text(document, 'login') ?? text(document, 'name') ?? resource;
  const kind = resource
    .replace(/ies$/, 'y')
    .replace(/media$/, 'medium')
    .replace(/s$/, '')
    .replaceAll('_', ' ');
  return {
    place,
    taken: (message) => report.taken(place, `${kind} ${subject}`, message),
    human: (message) => report.human(place, `${kind} ${subject}`, message),
    left: (message) => report.left(place, `${kind} ${subject}`, message),
    refused: (message) => report.refused(place, `${kind} ${subject}`, message),
  };
}

function ownParameters(document: Document, at: Noted) {
  return parameters(document, (name) =>
    at.human(`the value of the hidden parameter ${name} was not shown: set it here`),
  );
}

function located(document: Document): Entry {
  return { organizations: names(document, 'organizations'), locations: names(document, 'locations') };
}

/** `base/web` → `base`. Foreman gives a parent's own name in one place and its title in others. */
function parentOf(document: Document): string | undefined {
  const title = text(document, 'title');
  return title?.includes('/') ? title.slice(0, title.lastIndexOf('/')) : undefined;
}

function taxonomy(document: Document, at: Noted): Entry {
  return {
    ...copied(document, ['name', 'description']),
    parent: parentOf(document),
    ...ownParameters(document, at),
  };
}

function smartProxy(document: Document): Entry {
  return {
    ...copied(document, ['name', 'url']),
    features: names(document, 'features'),
    ...located(document),
  };
}

function domain(document: Document, at: Noted): Entry {
  const dns = text(document, 'dns_name') ?? nameIn(document, 'dns');
  return {
    ...copied(document, ['name', 'fullname']),
    dns_proxy: dns,
    ...located(document),
    ...ownParameters(document, at),
  };
}

function nameIn(document: Document, key: string): string | undefined {
  const inner = document[key];
  return typeof inner === 'object' && inner !== null ? text(inner as Document, 'name') : undefined;
}

/** Foreman says so of every subnet that nobody gave another. */
const USUAL_MTU = 1500;

const PROXIES = ['dhcp', 'tftp', 'httpboot', 'template', 'dns', 'bmc'] as const;

function subnet(document: Document, at: Noted): Outcome {
  const network = text(document, 'network');
  const prefix = number(document, 'cidr') ?? prefixOf(text(document, 'mask'));
  if (network === undefined || prefix === undefined) {
    at.refused('its network or mask is missing');
    return undefined;
  }
  const [first, ...more] = names(document, 'domains');
  const ipam = text(document, 'ipam');
  const known = IPAM_MODES.find((mode) => mode === ipam);
  if (ipam !== undefined && known === undefined)
    at.human(`IPAM "${ipam}" is not here: addresses are given as with DHCP`);
  return {
    ...copied(document, ['name', 'description', 'gateway', 'dns_primary', 'dns_secondary', 'from', 'to']),
    network: `${network}/${prefix}`,
    boot_mode: text(document, 'boot_mode') === 'Static' ? 'Static' : undefined,
    ipam: known === ipamOf({ network: `${network}/${prefix}` }) ? undefined : known,
    vlanid: number(document, 'vlanid') || undefined,
    mtu: number(document, 'mtu') === USUAL_MTU ? undefined : number(document, 'mtu'),
    nic_delay: number(document, 'nic_delay'),
    domain: first,
    domains: more.length > 0 ? [first, ...more] : undefined,
    ...Object.fromEntries(
      PROXIES.map((name) => [`${name}_proxy`, text(document, `${name}_name`) ?? nameIn(document, name)]),
    ),
    ...located(document),
    ...ownParameters(document, at),
  };
}

/** `255.255.255.0` → 24; undefined for what is no mask. */
function prefixOf(mask: string | undefined): number | undefined {
  const bits = mask
    ?.split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return bits !== undefined && /^1*0*$/.test(bits) && bits.length === 32
    ? bits.lastIndexOf('1') + 1
    : undefined;
}

function medium(document: Document, at: Noted): Outcome {
  const path = text(document, 'path') ?? '';
  if (!/^https?:\/\//.test(path)) {
    at.human(`its path ${path || '(none)'} is not http(s): give it one, or a directory of this server`);
    return undefined;
  }
  return {
    ...copied(document, ['name', 'path']),
    os_family: familyOf(document, 'os_family', at),
    ...located(document),
  };
}

function familyOf(document: Document, key: string, at: Noted): string | undefined {
  const family = text(document, key);
  const known = OS_FAMILIES.find((one) => one === family);
  if (family !== undefined && known === undefined) at.human(`the family ${family} is not known here`);
  return known;
}

function ptable(document: Document, at: Noted, { shipped, allTemplates }: ConvertOptions): Outcome {
  const name = text(document, 'name') ?? '';
  if (!allTemplates && shipped.ptables.has(name)) {
    return undefined;
  }
  return {
    ...copied(document, ['name', 'layout', 'description']),
    os_family: familyOf(document, 'os_family', at),
    snippet: flag(document, 'snippet') || undefined,
    ...located(document),
  };
}

/** Which systems it is for is said by these, in the same words. */
function template(document: Document, at: Noted, { shipped, allTemplates }: ConvertOptions): Outcome {
  const name = text(document, 'name') ?? '';
  if (!allTemplates && shipped.templates.has(name)) {
    return undefined;
  }
  const kindName = flag(document, 'snippet') ? 'snippet' : text(document, 'template_kind_name');
  const kind = TEMPLATE_KINDS.find((one) => one === kindName);
  if (kind === undefined) {
    at.left(`there are no templates of kind ${kindName ?? '(none)'} here`);
    return undefined;
  }
  return {
    ...copied(document, ['name', 'template', 'description']),
    kind,
    ...located(document),
  };
}

function system(document: Document, at: Noted): Outcome {
  const family = familyOf(document, 'family', at);
  if (family === undefined) {
    at.human('it has no family that is known here, so nothing can be booted with it');
    return undefined;
  }
  const hash = PASSWORD_HASHES.find((one) => one === text(document, 'password_hash'));
  const defaults = list(document, 'os_default_templates').flatMap((one) => {
    const kind = TEMPLATE_KINDS.find((known) => known === text(one, 'template_kind_name'));
    const name = text(one, 'provisioning_template_name');
    return kind === undefined || name === undefined ? [] : [[kind, name]];
  });
  return {
    ...copied(document, ['name', 'major', 'minor', 'release_name', 'description']),
    family,
    // What is done where nobody says.
    password_hash: hash === 'SHA512' ? undefined : hash,
    media: names(document, 'media'),
    architectures: names(document, 'architectures'),
    ptables: names(document, 'ptables'),
    provisioning_templates: names(document, 'provisioning_templates'),
    default_templates: defaults.length === 0 ? undefined : Object.fromEntries(defaults),
    ...ownParameters(document, at),
  };
}

function user(document: Document, at: Noted): Entry {
  if (text(document, 'auth_source_name') !== 'Internal')
    at.human(
      `logs in by ${text(document, 'auth_source_name') ?? 'another server'}, which is not here: give a password`,
    );
  else at.human('passwords cannot be read: give a new one with `chainboot user password`');
  const admin = flag(document, 'admin') === true;
  return {
    ...copied(document, ['login', 'firstname', 'lastname', 'mail', 'description', 'locale', 'timezone']),
    roles: [admin ? 'admin' : rolesOf(names(document, 'roles'))],
    ...located(document),
  };
}

/** Whoever may change or create anything there is an operator here. */
function rolesOf(roles: readonly string[]): string {
  return roles.some((role) => /manager|admin|edit|operator/i.test(role)) ? 'operator' : 'viewer';
}

function usergroup(document: Document): Entry {
  return {
    name: text(document, 'name'),
    users: list(document, 'users').flatMap((one) => text(one, 'login') ?? []),
    usergroups: names(document, 'usergroups'),
  };
}

/** Hostgroup title → names of the templates that are for it. */
function combinations(documents: Collected['documents']): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const template of documents.provisioning_templates)
    for (const combination of list(template, 'template_combinations')) {
      const group = text(combination, 'hostgroup_name');
      const name = text(template, 'name');
      if (group !== undefined && name !== undefined) found.set(group, [...(found.get(group) ?? []), name]);
    }
  return found;
}

function loaderOf(document: Document, at: Noted): string | undefined {
  const loader = text(document, 'pxe_loader');
  const known = PXE_LOADERS.find((one) => one === loader);
  if (loader !== undefined && known === undefined) {
    const like = nearest(loader, PXE_LOADERS);
    at.human(
      `the PXE loader "${loader}" is not known here${like === undefined ? '' : `; did they mean "${like}"`}`,
    );
  }
  return known;
}

/** What hosts and hostgroups have in common. */
function sharedFields(document: Document, at: Noted, systems: Systems): Entry {
  return {
    operatingsystem: systemOf(document, systems),
    architecture: text(document, 'architecture_name'),
    medium: text(document, 'medium_name'),
    ptable: text(document, 'ptable_name'),
    realm: text(document, 'realm_name'),
    pxe_loader: loaderOf(document, at),
  };
}

/** Of the primary interface, for hostgroups. */
function nicFields(document: Document): Entry {
  return {
    domain: text(document, 'domain_name'),
    subnet: text(document, 'subnet_name'),
    subnet6: text(document, 'subnet6_name'),
  };
}

/** Foreman shows what a group inherits as its own, and says so beside. */
function ownOfGroup(document: Document, fields: Entry): Entry {
  const inherited = (field: string) => document[`inherited_${field}_id`] ?? document[`inherited_${field}`];
  return Object.fromEntries(Object.entries(fields).filter(([field]) => (inherited(field) ?? null) === null));
}

/** Foreman copies what a group gives into its hosts; what is the same there is left to the group here. */
function ownOfHost(group: Document | undefined, fields: Entry, systems: Systems): Entry {
  if (group === undefined) return fields;
  const silent: Noted = { place: placeOf('hostgroups'), taken() {}, human() {}, left() {}, refused() {} };
  const given = sharedFields(group, silent, systems);
  return Object.fromEntries(Object.entries(fields).filter(([field, value]) => value !== given[field]));
}

function hostgroup(
  document: Document,
  at: Noted,
  systems: Systems,
  templates: ReadonlyMap<string, readonly string[]>,
): Entry {
  const title = text(document, 'title') ?? text(document, 'name') ?? '';
  return {
    ...copied(document, ['name', 'description']),
    parent: parentOf(document),
    ...ownOfGroup(document, { ...sharedFields(document, at, systems), ...nicFields(document) }),
    provisioning_templates: templates.get(title) ?? templates.get(text(document, 'name') ?? ''),
    ...located(document),
    ...ownParameters(document, at),
  };
}

function host(document: Document, at: Noted, systems: Systems, groups: Groups): Outcome {
  const group = groups.get(text(document, 'hostgroup_title') ?? '');
  const name = hostName(text(document, 'name') ?? '');
  if (name === undefined) {
    at.refused(`"${text(document, 'name') ?? ''}" is not a host name`);
    return undefined;
  }
  if (
    flag(document, 'managed') === false &&
    list(document, 'interfaces').every((nic) => text(nic, 'mac') === undefined)
  ) {
    at.left('it is not managed and has no MAC address');
    return undefined;
  }
  if (flag(document, 'build') === true)
    at.human('it is in build mode there; here it is not, until somebody says so');
  const owner = text(document, 'owner_name');
  return {
    name,
    comment: text(document, 'comment'),
    enabled: flag(document, 'enabled') === false ? false : undefined,
    hostgroup: text(document, 'hostgroup_title') ?? text(document, 'hostgroup_name'),
    ...ownOfHost(group, sharedFields(document, at, systems), systems),
    model: text(document, 'model_name'),
    organization: text(document, 'organization_title') ?? text(document, 'organization_name'),
    location: text(document, 'location_title') ?? text(document, 'location_name'),
    owner,
    owner_type: owner === undefined ? undefined : (text(document, 'owner_type') ?? 'User'),
    disk: text(document, 'disk'),
    provision_method: text(document, 'provision_method') === 'bootdisk' ? 'bootdisk' : undefined,
    uuid: text(document, 'uuid'),
    certname: text(document, 'certname') === name ? undefined : text(document, 'certname'),
    interfaces: interfacesOf(document, name, at.human),
    ...ownParameters(document, at),
  };
}

function globals(
  documents: Collected['documents'],
  report: Report,
): { readonly parameters?: Record<string, Json> } {
  const all: Record<string, Json> = {};
  for (const parameter of documents.common_parameters) {
    const name = text(parameter, 'name');
    if (name === undefined) continue;
    if (parameter.value === '*****')
      report.human(
        placeOf('common_parameters', number(parameter, 'id')),
        `parameter ${name}`,
        'its value is hidden: set it here',
      );
    else all[name] = parameterValue(parameter);
  }
  return Object.keys(all).length === 0 ? {} : { parameters: all };
}

/** Those that templates read and that somebody has set. */
function settings(
  documents: Collected['documents'],
  report: Report,
): { readonly settings?: Record<string, Json> } {
  const set = documents.settings.flatMap((setting) => {
    const name = text(setting, 'name') ?? '';
    const value = setting.value as Json;
    if (
      !SETTING_NAMES.includes(name) ||
      value === null ||
      // A text that is not set may be shown as an empty one.
      JSON.stringify(value) === JSON.stringify(setting.default ?? '')
    )
      return [];
    if (value === '*****') {
      report.human(
        placeOf('settings', number(setting, 'id')),
        `setting ${name}`,
        'its value is hidden: set it here',
      );
      return [];
    }
    return [[name, value] as const];
  });
  return set.length === 0 ? {} : { settings: Object.fromEntries(set) };
}
