/** dnsmasq: a file for /etc/dnsmasq.d. */

import type { Arch } from '../net/arch.ts';
import {
  archNames,
  type LoaderRule,
  type Outline,
  type OutlinedHost,
  type OutlinedSubnet,
} from './outline.ts';

export function dnsmasqConfig(outline: Outline): string {
  const { server, hosts, subnets } = outline;
  return [
    '# dnsmasq: machines boot from Chainboot. Put this file into /etc/dnsmasq.d/ as chainboot.conf,',
    '# then: dnsmasq --test && systemctl restart dnsmasq',
    '',
    ...choiceLines(outline),
    ...hosts.flatMap((host) => hostLines(host, server)),
    ...subnets.flatMap(subnetLines),
    '',
  ].join('\n');
}

/** What chooses the loader, for a file beside which the hosts are kept elsewhere (`dnsmasqHostEntry`). */
export function dnsmasqClasses(outline: Outline): string {
  const { server, hosts } = outline;
  return [
    '# Written by Chainboot, which replaces it: what machines boot. dnsmasq reads it when it starts.',
    ...choiceLines(outline),
    ...hosts.flatMap((host) => ownLines(host, server)),
    '',
  ].join('\n');
}

/** What stands behind `dhcp-host=`, and in a line of a file in `dhcp-hostsdir`. */
export function dnsmasqHostEntry({ name, mac, ip, own }: OutlinedHost): string {
  return own === undefined
    ? `${mac},${ip},${name}`
    : `${mac},set:chainboot-own,set:chainboot-${name},${ip},${name}`;
}

function choiceLines({ server, script, rules, hosts }: Outline): readonly string[] {
  const own = hosts.some((host) => host.own !== undefined);
  return [
    '# An iPXE sends option 175, whatever its user class says. It runs a script, which finds the host: this is what',
    '# breaks the chainload loop.',
    'dhcp-match=set:chainboot-ipxe,175',
    'dhcp-userclass=set:chainboot-ipxe,iPXE',
    `dhcp-boot=tag:chainboot-ipxe,${script},,${server}`,
    '# Nobody else answers (176, no-pxedhcp): it need not wait for a proxy.',
    'dhcp-option=tag:chainboot-ipxe,encap:175,176,1b',
    '',
    '# What firmware asks (option 93; old ROMs send none and are BIOS). Ordinary DHCP clients are not touched.',
    'dhcp-vendorclass=set:chainboot-rom,PXEClient',
    'dhcp-vendorclass=set:chainboot-http,HTTPClient',
    'dhcp-match=set:chainboot-arch,93',
    ...rules.flatMap(({ arches }) => arches).map(archTag),
    'tag-if=set:chainboot-0,tag:chainboot-rom,tag:!chainboot-arch',
    '# UEFI HTTP boot (OVMF) ignores an answer that does not say so.',
    'dhcp-option-force=tag:chainboot-http,60,HTTPClient',
    '',
    ...rules.flatMap((rule) => boots(rule, server, own ? ['tag:!chainboot-own'] : [])),
  ];
}

function archTag({ code, name }: Arch): string {
  return `dhcp-match=set:chainboot-${code},option:client-arch,${code} # ${name}`;
}

/** Each line excludes all others: which of several counts depends on their order, and on that of other files. */
function boots(rule: LoaderRule, server: string, more: readonly string[]): readonly string[] {
  return [
    `# ${archNames(rule)}`,
    ...rule.arches.map(({ code }) => {
      const tags = [`tag:chainboot-${code}`, 'tag:!chainboot-ipxe', ...more];
      return `dhcp-boot=${tags.join(',')},${rule.file},,${server}`;
    }),
  ];
}

function hostLines(host: OutlinedHost, server: string): readonly string[] {
  const { name, own } = host;
  return [
    '',
    ...(own === undefined ? [] : [`# ${name}: PXE loader ${own.loader}`]),
    `dhcp-host=${dnsmasqHostEntry(host)}`,
    ...ownLines(host, server),
  ];
}

/** The loaders of a host that has its own. */
function ownLines({ name, own }: OutlinedHost, server: string): readonly string[] {
  return own === undefined ? [] : own.all.flatMap((rule) => boots(rule, server, [`tag:chainboot-${name}`]));
}

function subnetLines(subnet: OutlinedSubnet): readonly string[] {
  const { name, network, netmask, range, gateway, dns, domain, leaseTime } = subnet;
  const tag = `subnet-${network}`;
  const [from, to] = range ? [range.from, range.to] : [network, 'static'];
  return [
    '',
    `# ${name}; leave it out (--no-subnets) where it is declared already.`,
    `dhcp-range=set:${tag},${from},${to},${netmask},${leaseTime}`,
    // A bare one keeps dnsmasq from giving out itself.
    `dhcp-option=tag:${tag},option:router${gateway ? `,${gateway}` : ''}`,
    ...(dns.length > 0 ? [`dhcp-option=tag:${tag},option:dns-server,${dns.join(',')}`] : []),
    ...(domain ? [`dhcp-option=tag:${tag},option:domain-name,${domain}`] : []),
  ];
}
