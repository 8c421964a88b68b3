/** Macros that Foreman has and Chainboot has not, each with the reason its callers are told. */

import { refusedMacros } from './table.ts';

const REPORT = 'belongs to report templates, which Chainboot does not render';
const INPUT = 'asks for an input of a report or job template, and Chainboot renders neither';
const REGISTRATION = 'belongs to the registration of running hosts, which Chainboot does not do';
const STATUS = 'asks for statuses of installed hosts, which Chainboot does not keep';

function all(names: string, reason: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, reason]));
}

export const REFUSED_MACROS = refusedMacros({
  ...all('report_row report_render report_headers report_format', REPORT),
  ...all(
    'load_hosts load_organizations load_locations load_operating_systems load_subnets load_users',
    REPORT,
  ),
  ...all('load_smart_proxies load_user_groups load_host_groups load_domains load_realms', REPORT),
  ...all('user_auth_source_name', REPORT),
  ...all('input input_resource', INPUT),
  ...all('all_host_statuses all_host_statuses_hash host_status', STATUS),
  ...all('host_puppet_classes', 'asks for classes of Puppet, which Chainboot does not manage'),
  ...all('repository_url subscription_manager_configuration_url', REGISTRATION),
  ...all('match', 'is a method of strings; call it on one'),
  sequence_hostgroup_param_next: 'counts up at every rendering, and rendering changes nothing in Chainboot',
});
