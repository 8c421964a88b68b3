/** Hostgroups, as templates see them: with what their ancestors give them. */

import { fromJson, textOrNil } from '../convert.ts';
import { RubyError } from '../errors.ts';
import { RObject, str, type Value } from '../ruby/values.ts';
import type { HostgroupScope } from '../scope.ts';
import { domainObject, realmObject } from './places.ts';
import { subnetObject } from './subnet.ts';
import { architectureObject, bootFile, mediumObject, osObject, ptableObject } from './system.ts';
import { classTable, methods, nil } from './table.ts';

function layoutOf({ ptable }: HostgroupScope): string {
  if (ptable === undefined) throw new RubyError('the hostgroup has no partition table');
  return ptable.layout.replaceAll('\r', '');
}

const HOSTGROUP = classTable(
  methods<HostgroupScope>({
    id: [0, ({ record }) => record.id],
    name: [0, ({ record }) => str(record.name)],
    title: [0, ({ title }) => str(title)],
    description: [0, ({ record }) => textOrNil(record.description)],
    operatingsystem: [0, osObject],
    architecture: [0, architectureObject],
    medium: [0, mediumObject],
    ptable: [0, ptableObject],
    domain: [0, ({ domain }) => domainObject(domain)],
    subnet: [0, ({ subnet }) => subnetObject(subnet)],
    subnet6: [0, ({ subnet6 }) => subnetObject(subnet6)],
    realm: [0, ({ realm }) => realmObject(realm)],
    pxe_loader: [0, ({ record }) => textOrNil(record.pxe_loader)],
    root_pass: [0, ({ record }) => textOrNil(record.root_pass)],
    params: [0, ({ parameters }) => fromJson(parameters)],
    diskLayout: [0, (group) => str(layoutOf(group))],
    url_for_boot: [1, (group, [which]) => textOrNil(bootFile(group, which)?.uri)],
    parent: [0, ({ parent }) => hostgroupObject(parent)],
    puppet_proxy: [0, nil],
    puppet_server: [0, () => str('')],
    puppet_ca_server: [0, () => str('')],
  }),
  { to_s: 'title', to_label: 'title', os: 'operatingsystem', arch: 'architecture' },
);

export function hostgroupObject(group: HostgroupScope | undefined): Value {
  return group === undefined ? null : new RObject('Hostgroup', HOSTGROUP, group, group.record);
}
