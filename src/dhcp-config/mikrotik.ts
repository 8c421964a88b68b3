/** MikroTik RouterOS 7: commands for the terminal. Source: MikroTik's manual of /ip/dhcp-server. */

import { archNames, type LoaderRule, type Outline, type OutlinedHost } from './outline.ts';

export function mikrotikConfig({ server, script, rules, hosts }: Outline): string {
  return [
    '# MikroTik RouterOS 7.4 or later: machines boot from Chainboot. Paste into a terminal.',
    '# The server of the network is taken to be called "dhcp1": see /ip dhcp-server print.',
    '',
    '/ip dhcp-server option',
    '# Chainboot serves the files.',
    `add name=chainboot-server code=66 value="s'${server}'"`,
    '# An iPXE runs a script, which finds the host; this is what breaks the chainload loop.',
    `add name=chainboot-script code=67 value="s'${script}'"`,
    '# UEFI HTTP boot ignores an answer that does not say so.',
    `add name=chainboot-http code=60 value="s'HTTPClient'"`,
    ...rules.flatMap((rule, i) => [
      `# ${archNames(rule)}`,
      `add name=chainboot-file-${i + 1} code=67 value="s'${rule.file}'"`,
    ]),
    '',
    '/ip dhcp-server option sets',
    'add name=chainboot-ipxe options=chainboot-server,chainboot-script',
    ...rules.map((rule, i) => `add name=chainboot-${i + 1} options=${optionsOf(rule, i + 1)}`),
    '',
    '/ip dhcp-server matcher',
    '# The user class of an iPXE comes first: it sends its architecture, too.',
    'add name=chainboot-ipxe server=dhcp1 code=77 value="iPXE" matching-type=substring option-set=chainboot-ipxe',
    ...rules.flatMap((rule, i) =>
      rule.arches.map(
        ({ code }) =>
          `add name=chainboot-arch-${code} server=dhcp1 code=93 value=0x${hex(code)} matching-type=exact option-set=chainboot-${i + 1}`,
      ),
    ),
    ...(hosts.length > 0 ? ['', '/ip dhcp-server lease', ...hosts.map(lease)] : []),
    '',
  ].join('\n');
}

function optionsOf({ http }: LoaderRule, nth: number): string {
  const file = `chainboot-file-${nth}`;
  return http ? `${file},chainboot-http` : `chainboot-server,${file}`;
}

function hex(code: number): string {
  return code.toString(16).padStart(4, '0');
}

function lease({ name, mac, ip, own }: OutlinedHost): string {
  const loader = own === undefined ? '' : `; its PXE loader ${own.loader} is not served by this router`;
  return `add server=dhcp1 address=${ip} mac-address=${mac.toUpperCase()} comment="${name}${loader}"`;
}
