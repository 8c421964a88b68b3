/** OPNsense, whose DHCP is configured by forms: what goes into which field of Services: Dnsmasq DNS & DHCP. */

import { archNames, type Outline } from './outline.ts';

export function opnsenseConfig({ server, script, rules, hosts }: Outline): string {
  return [
    '# OPNsense 25.1 or later, Services > Dnsmasq DNS & DHCP. A line is a row to add.',
    '',
    '# DHCP tags: Tag',
    'chainboot_ipxe',
    ...rules.flatMap(({ arches }) => arches.map(({ code }) => `chainboot_${code}`)),
    '',
    '# DHCP options, Type "Match": Option, Tag [set], Value. An iPXE sends option 175, whatever else it says.',
    '175 | chainboot_ipxe |',
    ...rules.flatMap(({ arches }) =>
      arches.map(({ code }) => `client-arch [93] | chainboot_${code} | ${code}`),
    ),
    '',
    '# DHCP boot: Tag, Filename, Server address. An iPXE runs a script, which finds the host: this is what breaks the',
    '# chainload loop. Its row must be the last one.',
    ...rules.flatMap((rule) => [
      `# ${archNames(rule)}`,
      ...rule.arches.map(({ code }) => `chainboot_${code} | ${rule.file} | ${server}`),
    ]),
    `chainboot_ipxe | ${script} | ${server}`,
    ...(rules.some(({ http }) => http)
      ? [
          '',
          '# DHCP options, Type "Set", Force: UEFI HTTP boot ignores an answer without it.',
          ...rules
            .filter(({ http }) => http)
            .flatMap(({ arches }) =>
              arches.map(({ code }) => `vendor-class [60] | chainboot_${code} | HTTPClient`),
            ),
        ]
      : []),
    ...(hosts.length > 0
      ? [
          '',
          '# Hosts: Host, IP addresses, Hardware addresses',
          ...hosts.map(({ name, ip, mac }) => `${name} | ${ip} | ${mac}`),
        ]
      : []),
    '',
  ].join('\n');
}
