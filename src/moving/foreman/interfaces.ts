/** Interfaces of Foreman's hosts. */

import { BMC_PROVIDERS } from '../../inventory/types.ts';
import { parseMac } from '../../net/mac.ts';
import { hostName } from '../names.ts';
import type { Document } from './collect.ts';
import { flag, list, number, present, text } from './fields.ts';

const TYPES = ['interface', 'bond', 'bridge', 'bmc'] as const;

export function interfacesOf(host: Document, name: string, human: (message: string) => void): object[] {
  return list(host, 'interfaces').map((nic) => present(interfaceOf(nic, name, human)));
}

function interfaceOf(nic: Document, host: string, human: (message: string) => void): object {
  const given = text(nic, 'mac');
  const mac = given === undefined ? undefined : parseMac(given);
  if (given !== undefined && mac === undefined)
    human(`the MAC address ${given} is not one of Ethernet: left out`);
  const type = TYPES.find(
    (one) => one === (text(nic, 'type') ?? 'interface').toLowerCase().replace(/^nic::/, ''),
  );
  const own = hostName(text(nic, 'fqdn') ?? text(nic, 'name') ?? '');
  const devices = nic.attached_devices;
  return {
    name: own === host ? undefined : own,
    identifier: text(nic, 'identifier'),
    mac,
    ip: text(nic, 'ip'),
    ip6: text(nic, 'ip6'),
    type: type === 'interface' ? undefined : type,
    primary: flag(nic, 'primary') || undefined,
    provision: flag(nic, 'provision') || undefined,
    managed: flag(nic, 'managed') === false ? false : undefined,
    virtual: flag(nic, 'virtual') || undefined,
    subnet: text(nic, 'subnet_name'),
    subnet6: text(nic, 'subnet6_name'),
    domain: text(nic, 'domain_name'),
    attached_to: text(nic, 'attached_to'),
    attached_devices: Array.isArray(devices)
      ? devices.map(String)
      : text(nic, 'attached_devices')?.split(/[,\s]+/),
    tag: text(nic, 'tag'),
    mtu: number(nic, 'mtu'),
    mode: text(nic, 'mode'),
    bond_options: text(nic, 'bond_options'),
    provider: BMC_PROVIDERS.find((one) => one === text(nic, 'provider')),
    username: text(nic, 'username'),
    password: text(nic, 'password'),
  };
}
