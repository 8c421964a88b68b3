/** Foreman's names of what audits are about. */

import type { Collection } from '../../inventory/types.ts';

export const TYPES: Readonly<Record<Collection, string>> = {
  hosts: 'Host',
  hostgroups: 'Hostgroup',
  operatingsystems: 'Operatingsystem',
  architectures: 'Architecture',
  media: 'Medium',
  subnets: 'Subnet',
  domains: 'Domain',
  realms: 'Realm',
  organizations: 'Organization',
  locations: 'Location',
  users: 'User',
  usergroups: 'Usergroup',
  personal_access_tokens: 'PersonalAccessToken',
  models: 'Model',
  smart_proxies: 'SmartProxy',
  ptables: 'Ptable',
  provisioning_templates: 'ProvisioningTemplate',
  common_parameters: 'Parameter',
  settings: 'Setting',
  holds: 'HeldMachine',
};
