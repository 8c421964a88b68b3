/** Network interfaces, bonds, bridges, VLANs and BMCs, as templates see them. */

import type { Interface, InterfaceType } from '../../inventory/types.ts';
import { textOrNil } from '../convert.ts';
import { RObject, str, type Value } from '../ruby/values.ts';
import type { HostScope, InterfaceScope } from '../scope.ts';
import { domainObject } from './places.ts';
import { mtuOf, subnetObject } from './subnet.ts';
import { classTable, methods, nil } from './table.ts';

type NicView = { readonly nic: InterfaceScope; readonly host: HostScope };

const CLASSES: Readonly<Record<InterfaceType, string>> = {
  interface: 'Nic::Managed',
  bond: 'Nic::Bond',
  bridge: 'Nic::Bridge',
  bmc: 'Nic::BMC',
};

/** Foreman's default of the column. */
const DEFAULT_MODE = 'balance-rr';

function isVirtual({ type, virtual }: Interface): boolean {
  return type === 'bond' || type === 'bridge' || (virtual && type !== 'bmc');
}

/** The host's own name for the primary interface. */
function nameOf({ nic, host }: NicView): string | undefined {
  return nic.name ?? (nic.primary ? host.record.name : undefined);
}

function shortName(view: NicView): string | undefined {
  const name = nameOf(view);
  const { zone } = view.nic;
  return zone === undefined ? name : withoutDomain(name ?? '', zone.name);
}

export function withoutDomain(name: string, domain: string): string {
  return name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : name;
}

function fqdn(view: NicView): string | undefined {
  const name = nameOf(view);
  const { zone } = view.nic;
  return name === undefined || zone === undefined || name.includes('.') ? name : `${name}.${zone.name}`;
}

/** A VLAN has the address of the interface it lies on. */
function inheritedMac({ nic, host }: NicView): string | undefined {
  return nic.mac ?? host.interfaces.find(({ identifier }) => identifier === nic.attached_to)?.mac;
}

function vlan({ tag, ipv4, ipv6 }: InterfaceScope): Value {
  if (tag !== undefined && tag !== '') return str(tag);
  return ipv4?.vlanid ?? ipv6?.vlanid ?? str('');
}

function mtu({ mtu: own, ipv4, ipv6 }: InterfaceScope): Value {
  const subnet = ipv4 ?? ipv6;
  return own ?? (subnet === undefined ? null : mtuOf(subnet));
}

function children({ nic, host }: NicView): readonly InterfaceScope[] {
  return host.interfaces.filter(
    ({ identifier }) => identifier !== undefined && nic.attached_devices?.includes(identifier),
  );
}

const NIC = classTable(
  methods<NicView>({
    id: [0, ({ nic, host }) => host.interfaces.indexOf(nic) + 1],
    name: [0, (view) => textOrNil(nameOf(view))],
    shortname: [0, (view) => textOrNil(shortName(view))],
    fqdn: [0, (view) => textOrNil(fqdn(view))],
    identifier: [0, ({ nic }) => textOrNil(nic.identifier)],
    type: [0, ({ nic }) => str(CLASSES[nic.type])],
    mac: [0, ({ nic }) => textOrNil(nic.mac)],
    inheriting_mac: [0, (view) => textOrNil(inheritedMac(view))],
    children_mac_addresses: [0, (view) => children(view).map(({ mac }) => textOrNil(mac))],
    ip: [0, ({ nic }) => textOrNil(nic.ip)],
    ip6: [0, ({ nic }) => textOrNil(nic.ip6)],
    primary: [0, ({ nic }) => nic.primary],
    provision: [0, ({ nic }) => nic.provision],
    managed: [0, ({ nic }) => nic.managed],
    virtual: [0, ({ nic }) => isVirtual(nic)],
    'physical?': [0, ({ nic }) => !isVirtual(nic)],
    'alias?': [0, ({ nic }) => isVirtual(nic) && (nic.identifier?.includes(':') ?? false)],
    'bond?': [0, ({ nic }) => nic.type === 'bond'],
    'bridge?': [0, ({ nic }) => nic.type === 'bridge'],
    'bmc?': [0, ({ nic }) => nic.type === 'bmc'],
    link: [0, () => true],
    tag: [0, ({ nic }) => str(nic.tag ?? '')],
    vlanid: [0, ({ nic }) => vlan(nic)],
    mtu: [0, ({ nic }) => mtu(nic)],
    nic_delay: [0, ({ nic }) => nic.ipv4?.nic_delay ?? nic.ipv6?.nic_delay ?? null],
    mode: [0, ({ nic }) => str(nic.mode ?? DEFAULT_MODE)],
    bond_options: [0, ({ nic }) => str(nic.bond_options ?? '')],
    attached_to: [0, ({ nic }) => str(nic.attached_to ?? '')],
    attached_devices: [0, ({ nic }) => str((nic.attached_devices ?? []).join(','))],
    attached_devices_identifiers: [0, ({ nic }) => (nic.attached_devices ?? []).map(str)],
    subnet: [0, ({ nic }) => subnetObject(nic.ipv4)],
    subnet6: [0, ({ nic }) => subnetObject(nic.ipv6)],
    domain: [0, ({ nic }) => domainObject(nic.zone)],
    // How to reach a BMC is not in the inventory.
    provider: [0, nil],
    username: [0, nil],
    password: [0, nil],
    to_s: [0, ({ nic }) => str(nic.identifier ?? nic.mac ?? '')],
  }),
  { 'primary?': 'primary', 'provision?': 'provision', 'managed?': 'managed', 'virtual?': 'virtual' },
);

export function nicObject(nic: InterfaceScope, host: HostScope): RObject {
  return new RObject('Interface', NIC, { nic, host } satisfies NicView, nic);
}
