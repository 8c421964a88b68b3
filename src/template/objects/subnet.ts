/** Subnets of both families, as templates see them. */

import type { Subnet } from '../../inventory/types.ts';
import { maskOf } from '../../net/cidr.ts';
import { formatIpv4 } from '../../net/ip.ts';
import { formatIpv6, maskOf6 } from '../../net/ipv6.ts';
import { textOrNil } from '../convert.ts';
import { inherit } from '../ruby/core/table.ts';
import { RObject, str, type Value } from '../ruby/values.ts';
import { classTable, methods, nil, no, RECORD } from './table.ts';

/** What Foreman gives a subnet that says nothing. */
const DEFAULT_MTU = 1500;

function networkOf({ network }: Subnet): string {
  return network.slice(0, network.indexOf('/'));
}

function prefixOf({ network }: Subnet): number {
  return Number(network.slice(network.indexOf('/') + 1));
}

function isIpv6({ network }: Subnet): boolean {
  return network.includes(':');
}

function maskText(subnet: Subnet): string {
  const prefix = prefixOf(subnet);
  return isIpv6(subnet) ? formatIpv6(maskOf6(prefix)) : formatIpv4(maskOf(prefix));
}

export function mtuOf(subnet: Subnet): number {
  return subnet.mtu ?? DEFAULT_MTU;
}

const SUBNET = classTable(
  inherit(
    RECORD,
    methods<Subnet>({
      description: [0, ({ description }) => textOrNil(description)],
      network: [0, (subnet) => str(networkOf(subnet))],
      network_address: [0, ({ network }) => str(network)],
      network_type: [0, (subnet) => str(isIpv6(subnet) ? 'IPv6' : 'IPv4')],
      type: [0, (subnet) => str(isIpv6(subnet) ? 'Subnet::Ipv6' : 'Subnet::Ipv4')],
      to_label: [0, ({ name, network }) => str(`${name} (${network})`)],
      cidr: [0, prefixOf],
      mask: [0, (subnet) => str(maskText(subnet))],
      gateway: [0, ({ gateway }) => textOrNil(gateway)],
      dns_primary: [0, ({ dns_primary }) => textOrNil(dns_primary)],
      dns_secondary: [0, ({ dns_secondary }) => textOrNil(dns_secondary)],
      dns_servers: [
        0,
        ({ dns_primary, dns_secondary }) =>
          [dns_primary, dns_secondary].flatMap((server) => (server === undefined ? [] : str(server))),
      ],
      from: [0, ({ from }) => textOrNil(from)],
      to: [0, ({ to }) => textOrNil(to)],
      ipam: [0, ({ from }) => str(from === undefined ? 'None' : 'DHCP')],
      'ipam?': [0, ({ from }) => from !== undefined],
      boot_mode: [0, ({ boot_mode }) => str(boot_mode)],
      'dhcp_boot_mode?': [0, ({ boot_mode }) => boot_mode === 'DHCP'],
      'dhcp?': [0, ({ boot_mode }) => boot_mode === 'DHCP'],
      vlanid: [0, ({ vlanid }) => vlanid ?? null],
      'has_vlanid?': [0, ({ vlanid }) => vlanid !== undefined],
      mtu: [0, mtuOf],
      nic_delay: [0, ({ nic_delay }) => nic_delay ?? null],
      // Smart proxies: Chainboot does their work itself.
      dhcp: [0, nil],
      dns: [0, nil],
      'dns?': [0, no],
      tftp: [0, nil],
      'tftp?': [0, no],
      httpboot: [0, nil],
      'httpboot?': [0, no],
      template: [0, nil],
      'template?': [0, no],
      bmc: [0, nil],
      'bmc?': [0, no],
    }),
  ),
  { title: 'to_label' },
);

export function subnetObject(subnet: Subnet | undefined): Value {
  return subnet === undefined ? null : new RObject('Subnet', SUBNET, subnet);
}
