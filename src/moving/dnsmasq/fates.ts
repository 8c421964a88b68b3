/** Settings of dnsmasq that a site has no field for, and why nothing is lost by that, or who has to look. */

import type { Report } from '../report.ts';
import type { Setting } from './lines.ts';

type Fate = { readonly outcome: 'left' | 'human'; readonly why: string };

const left = (why: string): Fate => ({ outcome: 'left', why });
const human = (why: string): Fate => ({ outcome: 'human', why });

const BOOT = left('tells firmware and loaders apart; Chainboot does that by itself');
const TFTP = left('Chainboot serves the loaders itself');
const LEASES = left('Chainboot has a lease table of its own');

const FATES: ReadonlyMap<string, Fate> = new Map(
  Object.entries({
    'pxe-service': BOOT,
    'pxe-prompt': BOOT,
    'enable-tftp': TFTP,
    'tftp-root': human(
      'loaders and files that machines fetch: copy them below loaders.directories if they are yours',
    ),
    'tftp-lowercase': TFTP,
    'tftp-no-fail': TFTP,
    'tftp-secure': TFTP,
    'tftp-no-blocksize': TFTP,
    'tftp-max': TFTP,
    'tftp-mtu': TFTP,
    'tftp-port-range': TFTP,
    'tftp-single-port': TFTP,
    'tftp-unique-root': human('Chainboot has one tree of loaders for all'),
    'dhcp-leasefile': LEASES,
    'dhcp-lease-max': LEASES,
    'leasefile-ro': LEASES,
    'dhcp-no-override': left('Chainboot never puts options into other fields'),
    'dhcp-sequential-ip': left('addresses that were never given out come first'),
    'dhcp-rapid-commit': left('Chainboot does not offer it; clients do without'),
    'no-ping': left('Chainboot looks whether somebody has an address before it gives it (links, probe)'),
    'dhcp-broadcast': left('is tried with firmware that hears nothing else'),
    'log-dhcp': left('is not needed: chainboot boots shows what happened'),
    'quiet-dhcp': left('is not needed: chainboot boots shows what happened'),
    'dhcp-script': human('commands at events have no counterpart'),
    'dhcp-luascript': human('commands at events have no counterpart'),
    'dhcp-scriptuser': left('commands at events have no counterpart'),
    'script-arp': human('commands at events have no counterpart'),
    'dhcp-ignore': human('here whoever asks on a subnet with a pool gets an address of it'),
    'dhcp-ignore-names': left('names that clients send themselves are not used'),
    'dhcp-ignore-clid': left('clients are told apart by their MAC address'),
    'dhcp-generate-names': left('names that clients send themselves are not used'),
    'dhcp-name-match': left('names that clients send themselves are not used'),
    'dhcp-fqdn': left('hosts may have names with their domain or without'),
    'dhcp-relay': human('Chainboot is no relay agent'),
    'dhcp-proxy': human('Chainboot always answers relay agents, and clients renew with it directly'),
    'dhcp-alternate-port': human('ports are in the configuration: dhcp.port'),
    'dhcp-duid': left('Chainboot gives no IPv6 addresses by DHCP'),
    'enable-ra': left('Chainboot gives no IPv6 addresses by DHCP'),
    'ra-param': left('Chainboot gives no IPv6 addresses by DHCP'),
    'bootp-dynamic': left('BOOTP clients get no addresses from pools'),
    'no-dhcp-interface': human('links of the configuration say where DHCP is answered'),
    'no-dhcpv4-interface': human('links of the configuration say where DHCP is answered'),
    interface: human('links of the configuration say where DHCP is answered'),
    'except-interface': human('links of the configuration say where DHCP is answered'),
    'listen-address': human('links of the configuration say where DHCP is answered'),
    'bridge-interface': human('links of the configuration say where DHCP is answered'),
    'shared-network': human('put the same shared_network into subnets on one wire'),
    'bind-interfaces': left('links of the configuration say where DHCP is answered'),
    'bind-dynamic': left('links of the configuration say where DHCP is answered'),
    'dhcp-mac': human('groups of machines have hostgroups here'),
    'dhcp-circuitid': human('a subnet may be for one port of a relay agent: see relay in docs/site-file.md'),
    'dhcp-remoteid': human('a subnet may be for one port of a relay agent: see relay in docs/site-file.md'),
    'dhcp-subscrid': human('a subnet may be for one port of a relay agent: see relay in docs/site-file.md'),
    'tag-if': human('tags that depend on others have no counterpart'),
  }),
);

/** Settings of the name server, which Chainboot is not. */
const DNS = left('is for the name server; Chainboot answers no DNS');

function fateOf(name: string): Fate {
  return FATES.get(name) ?? (/^(dhcp|pxe|tftp)-/.test(name) ? human('has no counterpart here') : DNS);
}

/** Settings that are read elsewhere. */
const TAKEN = new Set([
  'dhcp-range',
  'dhcp-host',
  'dhcp-option',
  'dhcp-option-force',
  'dhcp-boot',
  'dhcp-match',
  'dhcp-vendorclass',
  'dhcp-userclass',
  'dhcp-hostsfile',
  'dhcp-hostsdir',
  'dhcp-optsfile',
  'dhcp-optsdir',
  'dhcp-authoritative',
  'read-ethers',
  'domain',
]);

export function reportFates(settings: readonly Setting[], report: Report): void {
  for (const { name, text, place } of settings) {
    if (TAKEN.has(name)) continue;
    const { outcome, why } = fateOf(name);
    report[outcome](place, text === '' ? name : `${name} ${text}`, why);
  }
}
