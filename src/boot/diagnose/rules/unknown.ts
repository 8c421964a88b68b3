/** Who the machine is, and what it may do. */

import { isExpired } from '../../../inventory/build.ts';
import { becauseOf, beside, either, found, note, refusalOf, seen } from '../rule.ts';
import { isSentToDisk, last, refusedWith } from '../steps.ts';
import type { Match, NearMiss, Rule, SeenStep, Sight } from '../types.ts';

const DOCS = 'docs/why.md';

function nearMiss(how: NearMiss['how']): Rule['match'] {
  return ({ near, host, mac, asked, steps }): Match | undefined => {
    const miss = near.find((one) => one.how === how);
    if (host !== undefined || miss === undefined) return undefined;
    return { values: { mac: mac ?? asked, known: miss.mac, host: miss.host }, evidence: steps.slice(-1) };
  };
}

function isUnknown(step: SeenStep): boolean {
  return (
    ['unknown-ignored', 'script-unknown', 'unidentified'].includes(step.because.code) ||
    refusedWith(step) === 'HOST_UNKNOWN'
  );
}

/** Of the host that it is, in build mode, though no request has met it. */
function staleToken({ host, now, steps }: Sight): Match | undefined {
  const token = host?.build_end?.how === 'expired' || host?.build ? host?.token : undefined;
  if (host === undefined || token === undefined || !isExpired(token, now)) return undefined;
  return { values: { host: host.name }, evidence: steps.slice(-1) };
}

/** One that was never installed has nothing on its disk; without a system, that comes first (see templates.ts). */
function neverInstalled({ host, steps }: Sight): Match | undefined {
  if (host === undefined || host.build || host.installed_at !== undefined) return undefined;
  if (host.operatingsystem === undefined) return undefined;
  const step = last(steps, isSentToDisk);
  return found(step, { host: host.name, kind: 'boot' });
}

export const UNKNOWN: readonly Rule[] = [
  beside(
    {
      code: 'host-never-seen',
      symptom: 'a known host of which nothing was ever heard',
      cause:
        '{host} is known, and nothing was ever heard of its MAC address {mac}: it is off, boots from elsewhere first, or is on a network that does not reach this server',
      fix: 'set network boot first in its firmware; look at the cable, the VLAN, and that its router relays DHCP to this server (chainboot dhcp-config); look whether {mac} is the MAC of the card it boots from',
      source: DOCS,
    },
    ({ steps, host, mac }) =>
      steps.length > 0 || host === undefined
        ? undefined
        : { values: { host: host.name, mac: mac ?? 'that is not declared' }, evidence: [] },
  ),
  seen(
    {
      code: 'wrong-mac',
      symptom: 'an unknown MAC address that differs from that of a known host in one digit',
      cause:
        '{mac} belongs to no host, and {host} has {known}, which differs in one digit: most likely it was mistyped',
      fix: 'if this is {host}, give its interface the MAC address {mac}',
      source: DOCS,
    },
    nearMiss('digit'),
  ),
  seen(
    {
      code: 'second-nic',
      symptom: 'an unknown MAC address next to that of a known host',
      cause:
        '{mac} belongs to no host, and follows or precedes {known} of {host}: most likely the machine boots from another of its cards',
      fix: 'plug the cable into the other card, change the boot order in the firmware, or add an interface with {mac} to {host}',
      source: DOCS,
    },
    nearMiss('neighbour'),
  ),
  beside(
    {
      code: 'machine-never-seen',
      symptom: 'neither a host nor a boot is known by this name or address',
      cause: 'nothing was ever heard of {asked}, and no host is known by it',
      fix: 'look at the spelling, and at chainboot boots for the machines that were heard; the machine must be on a network that reaches this server',
      source: DOCS,
    },
    ({ steps, host, near, asked }) =>
      steps.length > 0 || host !== undefined || near.length > 0
        ? undefined
        : { values: { asked }, evidence: [] },
  ),
  seen(
    {
      code: 'unknown-machine',
      symptom: 'a machine asks that no host is declared for',
      cause: 'no host has the MAC address {mac}, so the machine gets nothing to install',
      fix: 'declare it: chainboot host create NAME --mac {mac}',
      source: 'docs/site-file.md',
    },
    ({ steps, host, mac }) =>
      host === undefined ? found(last(steps, isUnknown), mac === undefined ? {} : { mac }) : undefined,
  ),
  seen(
    {
      code: 'host-disabled',
      symptom: 'the host is disabled',
      cause: '{host} is disabled, so it is not answered',
      fix: 'enable it: set enabled of {host} to true',
      source: 'docs/site-file.md',
    },
    either(becauseOf('host-disabled'), ({ host, steps }) =>
      host?.enabled === false ? { values: { host: host.name }, evidence: steps.slice(-1) } : undefined,
    ),
  ),
  seen(
    {
      code: 'not-in-build-mode',
      symptom:
        'a host that is not in build mode asks for what only installations get, or was never installed',
      cause: '{host} is not in build mode, so it gets no {kind} file and is not installed',
      fix: 'put it into build mode: chainboot host build {host}',
      source: 'HOST_NOT_IN_BUILD',
    },
    either((sight) => {
      const match = refusalOf(['HOST_NOT_IN_BUILD'])(sight);
      return match && { ...match, values: { ...match.values, kind: match.values.kind ?? 'installation' } };
    }, neverInstalled),
  ),
  seen(
    {
      code: 'token-expired',
      symptom: 'the build token had expired when it was used',
      cause: 'the build token of {host} has expired, so its installer is refused',
      fix: 'put it into build mode again: chainboot host build {host}; token_duration in the configuration makes tokens last longer',
      source: 'TOKEN_EXPIRED',
    },
    either(refusalOf(['TOKEN_EXPIRED']), staleToken),
  ),
  seen(
    {
      code: 'token-unknown',
      symptom: 'a build token that no host has any more',
      cause:
        'the machine came with a build token that belongs to no host: it was put into build mode again since, or left it',
      fix: 'boot the machine anew, so that it gets the present token; if it is not in build mode: chainboot host build NAME',
      source: 'TOKEN_UNKNOWN',
    },
    refusalOf(['TOKEN_UNKNOWN']),
  ),
  seen(
    {
      code: 'address-of-other-mac',
      symptom: 'the address of the request is leased to another MAC than the one it reports',
      cause:
        '{address} asks as one machine and is leased to another: a card was changed, or two machines use one address',
      fix: 'give the host the MAC address of its new card and boot it anew; look for a machine with the fixed address {address}',
      source: 'HOST_MAC_CONFLICT',
    },
    refusalOf(['HOST_MAC_CONFLICT']),
  ),
  note(
    {
      code: 'boots-own-disk',
      symptom: 'a host that is not in build mode was sent to its own disk',
      cause:
        '{host} is not in build mode, so it was sent to its own disk; to install it: chainboot host build {host}',
      fix: 'nothing, unless it is to be installed',
      source: DOCS,
    },
    ({ steps }) => found(last(steps, isSentToDisk)),
  ),
  note(
    {
      code: 'other-nic',
      symptom: 'the machine asks with another of its cards than the one that has the lease',
      cause: 'it reports another interface of {host} than the one whose lease it uses; both are its own',
      fix: 'nothing: any interface of a host counts',
      source: DOCS,
    },
    ({ steps }) => found(last(steps, ({ detail }) => detail?.identity === 'by-mac-other-nic')),
  ),
];
