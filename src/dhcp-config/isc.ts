/** ISC dhcpd: a file to include from dhcpd.conf. */

import type { Arch } from '../net/arch.ts';
import {
  archNames,
  type LoaderRule,
  type Outline,
  type OutlinedHost,
  type OutlinedSubnet,
} from './outline.ts';

export function iscConfig({ server, script, rules, hosts, subnets }: Outline): string {
  return [
    '# ISC dhcpd: machines boot from Chainboot. Include this file at the top level of dhcpd.conf:',
    '#     include "/etc/dhcp/chainboot.conf";',
    '# then: dhcpd -t && systemctl restart isc-dhcp-server',
    '',
    '# Which processor and firmware asks (RFC 4578, 2.1), and what only an iPXE sends.',
    'option chainboot-arch code 93 = unsigned integer 16;',
    'option chainboot-ipxe code 175 = string;',
    '',
    '# Everything that boots from the network. Ordinary DHCP clients are not touched.',
    'class "chainboot" {',
    '  match if substring(option vendor-class-identifier, 0, 9) = "PXEClient"',
    '        or substring(option vendor-class-identifier, 0, 10) = "HTTPClient"',
    '        or exists chainboot-ipxe;',
    '  # Chainboot serves the files.',
    `  next-server ${server};`,
    ...indented(choice(script, rules)),
    '}',
    ...hosts.flatMap(hostBlock),
    ...subnets.flatMap(subnetBlock),
    '',
  ].join('\n');
}

/** An iPXE first: were it given the loader once more, it would load itself for ever. */
function choice(script: string, rules: readonly LoaderRule[]): readonly string[] {
  return [
    'if exists chainboot-ipxe or option user-class = "iPXE" {',
    '  # An iPXE runs a script, which finds the host; this is what breaks the chainload loop.',
    `  filename "${script}";`,
    '  # Nobody else answers (176, no-pxedhcp): it need not wait for a proxy.',
    '  option chainboot-ipxe b0:01:01;',
    ...rules.flatMap((rule) => [`} elsif ${archTest(rule)} {`, ...indented(given(rule))]),
    '}',
  ];
}

function given(rule: LoaderRule): readonly string[] {
  return [
    `# ${archNames(rule)}`,
    `filename "${rule.file}";`,
    // OVMF ignores an answer that does not say so.
    ...(rule.http ? ['option vendor-class-identifier "HTTPClient";'] : []),
  ];
}

/** Old ROMs send no option 93: they are BIOS. */
function archTest({ arches }: LoaderRule): string {
  const tests = arches.map((arch) => `option chainboot-arch = ${hex(arch)}`);
  const old = arches.some(({ code }) => code === 0) ? ['not exists chainboot-arch'] : [];
  return [...tests, ...old].join(' or ');
}

function hex({ code }: Arch): string {
  const digits = code.toString(16).padStart(4, '0');
  return `${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function hostBlock({ name, mac, ip, own }: OutlinedHost): readonly string[] {
  return [
    '',
    `host ${name} {`,
    `  hardware ethernet ${mac};`,
    `  fixed-address ${ip};`,
    ...(own === undefined ? [] : indented(ownLoader(own))),
    '}',
  ];
}

/** Statements of a host come after those of a class, and replace them: an iPXE must be let out again. */
function ownLoader({ loader, rules }: NonNullable<OutlinedHost['own']>): readonly string[] {
  if (loader === 'None') return ['# PXE loader None: it boots nothing from here.', 'filename "";'];
  return rules.flatMap((rule) => [
    `# PXE loader ${loader}`,
    `if not (exists chainboot-ipxe or option user-class = "iPXE") and (${archTest(rule)}) {`,
    ...indented(given(rule)),
    '}',
  ]);
}

function subnetBlock(subnet: OutlinedSubnet): readonly string[] {
  const { name, network, netmask, range, gateway, dns, domain, leaseTime } = subnet;
  return [
    '',
    `# ${name}; leave it out (--no-subnets) where dhcpd.conf declares it already.`,
    `subnet ${network} netmask ${netmask} {`,
    ...(range ? [`  range ${range.from} ${range.to};`] : []),
    ...(gateway ? [`  option routers ${gateway};`] : []),
    ...(dns.length > 0 ? [`  option domain-name-servers ${dns.join(', ')};`] : []),
    ...(domain ? [`  option domain-name "${domain}";`] : []),
    `  default-lease-time ${leaseTime};`,
    `  max-lease-time ${leaseTime};`,
    '}',
  ];
}

export function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
