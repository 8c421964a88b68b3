/**
 * What our playbooks use of the collection, and what they leave out. Whatever is in neither list makes a test fail, so
 * that a new module or option is a decision.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Module → options, with the states they are set to as `state=absent`. */
export type Uses = ReadonlyMap<string, ReadonlySet<string>>;

const PREFIX = 'theforeman.foreman.';

/** As `ansible-doc --json` tells it. */
export type Documentation = Readonly<
  Record<string, { readonly doc: { readonly options?: Readonly<Record<string, Option>> } }>
>;
type Option = { readonly choices?: readonly string[]; readonly aliases?: readonly string[] };

export function documented(documentation: Documentation): Uses {
  return new Map(
    Object.entries(documentation).map(([module, { doc }]) => {
      const options = Object.entries(doc.options ?? {}).flatMap(([name, { choices }]) =>
        name === 'state' && choices !== undefined ? choices.map((choice) => `state=${choice}`) : [name],
      );
      return [module.slice(PREFIX.length), new Set(options)];
    }),
  );
}

type Task = Readonly<Record<string, unknown>>;
type Play = {
  readonly tasks: readonly Task[];
  readonly module_defaults: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

export function used(directory: string): Uses {
  const uses = new Map<string, Set<string>>();
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.yaml')))
    for (const play of parse(readFileSync(join(directory, file), 'utf8')) as readonly Play[])
      for (const task of play.tasks) note(uses, play, task);
  return uses;
}

function note(uses: Map<string, Set<string>>, play: Play, task: Task): void {
  const [key] = Object.keys(task).filter((name) => name.startsWith(PREFIX));
  if (key === undefined) return;
  const module = key.slice(PREFIX.length);
  const given = { ...play.module_defaults['group/theforeman.foreman.foreman'], ...(task[key] as object) };
  const options = uses.get(module) ?? uses.set(module, new Set()).get(module)!;
  for (const [name, value] of Object.entries(given)) options.add(name === 'state' ? `state=${value}` : name);
  if (!('state' in given)) options.add('state=present');
}

const KATELLO = 'content management is Katello’s';
const PUPPET = 'there is no Puppet';
const COMPUTE = 'there are no compute resources: machines boot from the network';
const SCAP = 'a plugin of its own: OpenSCAP';
const JOBS = 'a plugin of its own: remote execution';
const SCC = 'a plugin of its own: SUSE Customer Center';
const SNAPSHOTS = 'a plugin of its own: snapshots of virtual machines';
const ANSIBLE = 'a plugin of its own: Ansible roles';
const DISCOVERY = 'a plugin of its own: discovery';
const LOGINS = 'logins are kept here, and nowhere else';

const MODULES_BY_REASON: Readonly<Record<string, string>> = {
  [KATELLO]: `activation_key content_credential content_export_info content_export_library content_export_repository
    content_export_version content_upload content_view content_view_filter content_view_filter_info
    content_view_filter_rule content_view_filter_rule_info content_view_info content_view_version
    content_view_version_info host_collection host_errata_info lifecycle_environment product redhat_manifest repository
    repository_info repository_set repository_set_info repository_sync subscription_info subscription_manifest
    sync_plan`,
  [PUPPET]: 'config_group puppet_environment puppetclasses_import smart_class_parameter',
  [COMPUTE]: 'compute_attribute compute_profile compute_resource image',
  [SCAP]: 'scap_content scap_tailoring_file',
  [JOBS]: 'job_invocation job_template',
  [SCC]: 'scc_account scc_product',
  [SNAPSHOTS]: 'snapshot snapshot_info',
  [DISCOVERY]: 'discovery_rule',
  [LOGINS]: 'auth_source_ldap external_usergroup',
  'there is no web interface that would show them': 'bookmark',
  'the server itself fetches nothing through a proxy': 'http_proxy',
  'roles are viewer, operator and admin, which nobody changes': 'role',
  'a plugin of its own; `chainboot template import` reads directories': 'templates_import',
};

/** Module → why there is no playbook for it. */
export const MODULES_LEFT_OUT: ReadonlyMap<string, string> = new Map(
  Object.entries(MODULES_BY_REASON).flatMap(([reason, names]) =>
    names.split(/\s+/).map((name) => [name, reason] as const),
  ),
);

/** What hosts and hostgroups have in common. */
const OF_HOSTS: Readonly<Record<string, string>> = {
  compute_resource: COMPUTE,
  compute_profile: COMPUTE,
  environment: PUPPET,
  puppetclasses: PUPPET,
  config_groups: PUPPET,
  puppet_proxy: PUPPET,
  puppet_ca_proxy: PUPPET,
  openscap_proxy: SCAP,
  content_source: KATELLO,
  lifecycle_environment: KATELLO,
  kickstart_repository: KATELLO,
  content_view: KATELLO,
  activation_keys: KATELLO,
};
const OTHER_POWER = 'refused like `on`: the power of hosts is not switched from here';

/** Module → option → why no playbook sets it. */
export const OPTIONS_LEFT_OUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  host: { ...OF_HOSTS, image: COMPUTE, compute_attributes: COMPUTE },
  hostgroup: { ...OF_HOSTS, ansible_roles: ANSIBLE },
  host_power: Object.fromEntries(
    ['start', 'off', 'stop', 'soft', 'reboot', 'cycle', 'reset', 'status'].map((state) => [
      `state=${state}`,
      OTHER_POWER,
    ]),
  ),
  organization: { label: KATELLO },
  smart_proxy: { lifecycle_environments: KATELLO, download_policy: KATELLO },
  subnet: {
    discovery_proxy: DISCOVERY,
    remote_execution_proxies: JOBS,
    externalipam_proxy: 'addresses are given by this server',
    externalipam_group: 'addresses are given by this server',
  },
};
