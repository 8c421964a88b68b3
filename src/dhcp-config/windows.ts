/** Windows Server 2012 R2 and later: PowerShell with the module DhcpServer. */

import type { Arch } from '../net/arch.ts';
import {
  archNames,
  holds,
  type LoaderRule,
  type Outline,
  type OutlinedHost,
  type OutlinedSubnet,
} from './outline.ts';

export function windowsConfig({ server, script, rules, hosts, subnets }: Outline): string {
  const count = rules.reduce((sum, { arches }) => sum + arches.length, 1);
  return [
    '# Windows DHCP server: machines boot from Chainboot. Run in an elevated PowerShell.',
    "$ErrorActionPreference = 'Stop'",
    'Import-Module DhcpServer',
    '',
    '# Who asks: an iPXE by its user class, firmware by its vendor class, which ends in the architecture.',
    "Add-DhcpServerv4Class -Name 'Chainboot iPXE' -Type User -Data 'iPXE'",
    ...rules.flatMap((rule) => rule.arches.map((arch) => vendorClass(arch))),
    '',
    '# UEFI HTTP boot ignores an answer that does not say so, and Windows does not know the option.',
    'if (-not (Get-DhcpServerv4OptionDefinition -OptionId 60 -ErrorAction SilentlyContinue)) {',
    "  Add-DhcpServerv4OptionDefinition -OptionId 60 -Name 'Vendor class' -Type String",
    '}',
    '',
    '# Policies, the first that fits counts: an iPXE runs a script, which finds the host. This is what breaks the',
    '# chainload loop.',
    policy('Chainboot iPXE', 1, "-UserClass EQ,'Chainboot iPXE'"),
    value('Chainboot iPXE', 66, server),
    value('Chainboot iPXE', 67, script),
    ...rules.flatMap((rule, i) => rulePolicies(rule, 2 + before(rules, i), server)),
    '',
    `# ${count} policies are there now: Get-DhcpServerv4Policy`,
    ...hosts.flatMap((host) => reservation(host, subnets)),
    '',
  ].join('\n');
}

function before(rules: readonly LoaderRule[], end: number): number {
  return rules.slice(0, end).reduce((sum, { arches }) => sum + arches.length, 0);
}

function className({ name }: Arch): string {
  return `Chainboot ${name}`;
}

function vendorClass(arch: Arch): string {
  const vendor = `${arch.http ? 'HTTPClient' : 'PXEClient'}:Arch:${String(arch.code).padStart(5, '0')}`;
  return `Add-DhcpServerv4Class -Name '${className(arch)}' -Type Vendor -Data '${vendor}'`;
}

function rulePolicies(rule: LoaderRule, order: number, server: string): readonly string[] {
  return [
    `# ${archNames(rule)}`,
    ...rule.arches.flatMap((arch, i) => [
      // The class goes on with the version of the firmware: PXEClient:Arch:00007:UNDI:003016.
      policy(className(arch), order + i, `-VendorClass EQ,'${className(arch)}*'`),
      ...(rule.http ? [value(className(arch), 60, 'HTTPClient')] : [value(className(arch), 66, server)]),
      value(className(arch), 67, rule.file),
    ]),
  ];
}

function policy(name: string, order: number, condition: string): string {
  return `Add-DhcpServerv4Policy -Name '${name}' -Condition OR -ProcessingOrder ${order} ${condition}`;
}

function value(name: string, option: 60 | 66 | 67, text: string): string {
  return `Set-DhcpServerv4OptionValue -PolicyName '${name}' -OptionId ${option} -Value '${text}'`;
}

function reservation(
  { name, mac, ip, own }: OutlinedHost,
  subnets: readonly OutlinedSubnet[],
): readonly string[] {
  const scope = subnets.find((subnet) => holds(subnet, ip))?.network;
  const loader =
    own === undefined ? [] : [`# ${name}: its PXE loader ${own.loader} is not told by a policy.`];
  if (scope === undefined) return [...loader, `# ${name} (${mac}, ${ip}) is in no subnet that is declared.`];
  const id = mac.replaceAll(':', '-');
  return [
    ...loader,
    `Add-DhcpServerv4Reservation -ScopeId ${scope} -IPAddress ${ip} -ClientId '${id}' -Name '${name}'`,
  ];
}
