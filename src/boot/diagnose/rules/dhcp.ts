/** Addresses, offers, and whoever else answers. */

import { beside, either, found, seen, silence } from '../rule.ts';
import { isBootStage, isOffer, last, silentFor, text } from '../steps.ts';
import type { Match, Rule, SeenStep, Sight } from '../types.ts';

/** OVMF takes 3.7 s to its REQUEST, iPXE 3 s. */
const REQUEST_MS = 20_000;

/** Another server's message to this machine, or the machine's own word that it chose another server. */
function foreign({ steps }: Sight): SeenStep | undefined {
  return (
    last(
      steps,
      ({ kind, detail }) => kind === 'dhcp.foreign' && text(detail?.message)?.toLowerCase() === 'ack',
    ) ??
    last(steps, ({ because }) => because.code === 'other-server') ??
    last(steps, ({ kind }) => kind === 'dhcp.foreign')
  );
}

function serverOf({ detail, because }: SeenStep): string | undefined {
  return text(detail?.server) ?? text(because.server);
}

function macOf({ neighbours }: Sight, step: SeenStep): string {
  const address = serverOf(step);
  return (
    text(step.detail?.server_mac) ??
    neighbours.find((one) => one.address === address)?.mac ??
    'unknown MAC address'
  );
}

function isTaken({ steps }: Sight): boolean {
  return (
    steps.some((step) => isBootStage(step) && !step.kind.startsWith('dhcp.') && step.via !== 'syslog') ||
    steps.some(({ kind }) => kind === 'dhcp.ack')
  );
}

function offersOf({ steps }: Sight): readonly SeenStep[] {
  return steps.filter((step) => isOffer(step) && isBootStage(step));
}

function otherWon(sight: Sight): Match | undefined {
  const offer = offersOf(sight).at(-1);
  const other = foreign(sight);
  if (offer === undefined || other === undefined || isTaken(sight)) return undefined;
  if (!isChosen(offer, other) && silentFor(sight) < REQUEST_MS) return undefined;
  // Beside a proxy another server has to give the address; it is in the way when it names a boot file.
  if (offer.via === 'proxy-dhcp' && other.what === undefined) return undefined;
  const values = { server: serverOf(other), server_mac: macOf(sight, other), offered: offer.address };
  return found(other, values, offer);
}

/** By an ACK, or by the machine's own word; an offer alone may still lose. */
function isChosen({ via }: SeenStep, { because, detail }: SeenStep): boolean {
  return (
    via === 'dhcp' && (because.code === 'other-server' || text(detail?.message)?.toLowerCase() === 'ack')
  );
}

function untaken(sight: Sight): Match | undefined {
  const offers = offersOf(sight);
  if (offers.length === 0 || isTaken(sight) || otherWon(sight) !== undefined) return undefined;
  return found(offers.at(-1), { count: offers.length });
}

function conflicting(conflict: 'addresses' | 'boot-files'): Rule['match'] {
  return ({ neighbours, steps }) => {
    const link = steps.find((step) => step.link !== undefined)?.link;
    const other = neighbours.find(
      (one) => one.conflicts === conflict && (link === undefined || one.link === link),
    );
    if (other === undefined) return undefined;
    const { address, mac = 'unknown MAC address', vendor, offers } = other;
    const maker = vendor === undefined ? '' : `, ${vendor}`;
    const values = {
      server: address,
      server_mac: `${mac}${maker}`,
      link: other.link,
      file: offers.bootFile ?? 'none',
    };
    return { values, evidence: steps.filter(({ kind }) => kind === 'dhcp.foreign').slice(-1) };
  };
}

export const DHCP: readonly Rule[] = [
  seen(
    {
      code: 'other-server-won',
      symptom: 'offered, and never requested: the machine took the offer of another server',
      cause: 'the machine took the offer of another DHCP server, {server} ({server_mac}), and not ours',
      fix: 'turn that server off on this network, let it name our boot file (chainboot dhcp-config), or run this link in proxy mode beside it',
      source: 'RFC 2131, 3.1: a client takes one of the offers, mostly the first',
    },
    otherWon,
  ),
  silence(
    {
      code: 'option-60-quirk',
      symptom: 'several forms of offer were tried, and the machine took none',
      cause:
        'the machine took none of {count} offers, in none of the forms that firmwares are known to want: its firmware is particular about option 60 or 43, or never receives them',
      fix: 'record it (chainboot capture {mac}); see whether another server sends option 60 PXEClient without a boot file, and whether switches or firewalls let UDP 67, 68 and 4011 pass',
      source: 'PXE 2.1, 2.2; OVMF does not boot by HTTP without option 60 HTTPClient in the answer',
    },
    REQUEST_MS,
    (sight) => {
      const match = untaken(sight);
      const tried = offersOf(sight).filter(({ detail }) => detail?.form !== undefined);
      return tried.length > 0 ? match : undefined;
    },
  ),
  silence(
    {
      code: 'proxy-offer-ignored',
      symptom: 'a boot file was offered beside another DHCP server, and the machine never fetched it',
      cause:
        'the machine was named {what} beside the server that gives addresses, and never came for it: it got no address, or took the boot file of the other server',
      fix: 'look whether the DHCP server of this network gives the machine an address, and take option 60, 66 and 67 out of it; let UDP 4011 pass',
      source: 'PXE 2.1, 2.2.3; iPXE takes a proxy offer only with an address of the next server and a file',
    },
    REQUEST_MS,
    (sight) => {
      const match = untaken(sight);
      return match?.evidence[0]?.via === 'proxy-dhcp' ? match : undefined;
    },
  ),
  silence(
    {
      code: 'offer-not-taken',
      symptom: 'offered, and never requested, and no other server was heard',
      cause:
        'the machine was offered {address} ({count} offers) and never asked for it: the offers do not reach it, or it takes that of a server we cannot hear',
      fix: 'look for a switch with DHCP snooping that does not trust our port, for a spanning tree that blocks the port for 30 s (portfast), and for another DHCP server (chainboot doctor)',
      source: 'RFC 2131, 4.4.1',
    },
    REQUEST_MS,
    (sight) => {
      const match = untaken(sight);
      return match?.evidence[0]?.via === 'dhcp' ? match : undefined;
    },
  ),
  seen(
    {
      code: 'no-address-free',
      symptom: 'no address is free for the machine',
      cause: 'no address is left in the pool of {subnet}',
      fix: 'make the pool larger (from, to of the subnet), or give the host an address of its own',
      source: 'lease-exhausted',
    },
    leaseOf('lease-exhausted'),
  ),
  seen(
    {
      code: 'no-subnet',
      symptom: 'no subnet is declared for the link, so no address is handed out',
      cause: 'no subnet is declared for the network of {link}, so there is no address to give',
      fix: 'declare the subnet of {link} in the site file, or set the link to mode: proxy beside another DHCP server',
      source: 'docs/site-file.md',
    },
    leaseOf('lease-none-here'),
  ),
  seen(
    {
      code: 'address-declined',
      symptom: 'the machine found its address in use',
      cause: 'the machine gave {address} back because another machine answers there',
      fix: 'find the machine with that fixed address (arping {address}), or take it out of the pool',
      source: 'RFC 2131, 4.4.4 (DHCPDECLINE)',
    },
    either(leaseOf('lease-declined'), leaseOf('lease-in-use')),
  ),
  seen(
    {
      code: 'wrong-network',
      symptom: 'the machine asked for an address of another network or another machine, and was refused',
      cause: 'the machine asked for {address}, which is not its to have here',
      fix: 'it should ask anew; if it goes on, it has a fixed address: take it out of its firmware',
      source: 'RFC 2131, 4.3.2 (DHCPNAK)',
    },
    ({ steps }) => found(last(steps, ({ kind }) => kind === 'dhcp.nak')),
  ),
  beside(
    {
      code: 'two-dhcp-servers',
      symptom: 'another DHCP server gives addresses on the same link',
      cause:
        'another server, {server} ({server_mac}), gives addresses on {link} too: it is luck whose offer a machine takes',
      fix: 'turn one of them off, or set the link to mode: proxy',
      source: 'RFC 2131, 3.1; docs/doctor.md',
    },
    conflicting('addresses'),
  ),
  beside(
    {
      code: 'two-boot-servers',
      symptom: 'another server names boot files on the same link',
      cause:
        'another server, {server} ({server_mac}), names boot files on {link} ({file}): it is luck which a machine takes',
      fix: 'take its boot file (options 66, 67, next-server, filename) or its proxy service out',
      source: 'PXE 2.1, 2.2',
    },
    conflicting('boot-files'),
  ),
];

/** Reasons of leases stand beside those of boots. */
function leaseOf(code: string): Rule['match'] {
  return ({ steps }) => {
    const step = last(steps, ({ lease, because }) => lease?.code === code || because.code === code);
    return found(
      step,
      step?.lease?.code === code ? { ...step.lease, link: step.link } : { link: step?.link },
    );
  };
}
