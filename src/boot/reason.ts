/**
 * The because of every answer: a code and its values. One sentence for each code, shown word for word in
 * the log, the trace, the timeline and `explain`.
 */

import { fill } from '../errors.ts';

export const REASONS = {
  // decide
  'ipxe-asks':
    'an iPXE asks (user class or option 175), so it gets its script over HTTP; this breaks the chainload loop',
  'ipxe-asks-https':
    'an iPXE asks that can do TLS (option 175 says so), so it gets its script over HTTPS; this breaks the chainload loop',
  'rom-asks': 'a {arch} ROM asks, so it gets the loader {file}',
  'loader-of-host': '{host} is set to the loader {loader}',
  'loader-by-tftp':
    '{host} is set to the loader {loader}, but its ROM boots by PXE, so it gets {file} by TFTP',
  'loader-wrong-firmware': '{host} is set to {loader}, which a {arch} machine cannot run, so it gets {file}',
  'http-rom-asks': 'a UEFI HTTP boot ROM asks, so it gets the loader as a URL',
  'no-loader-for-arch': 'there is no loader for {arch}',
  'loader-none': '{host} is set to the loader None, so it is not booted from the network',
  'host-disabled': '{host} is disabled',
  'unknown-ignored': 'no host has this MAC address, and unknown machines are ignored on this link',
  'form-broadcast': 'it took none of {count} offers sent to its card alone, so it is answered by broadcast',
  'form-direct': 'it took none of {count} offers, so the file is named to it without a menu',
  'form-boot-server': 'it took none of {count} offers, so it is to ask port 4011 for the file',
  'form-plain': 'it took none of {count} offers, so the file is named to it without PXE options',
  'not-a-boot': 'an ordinary DHCP client, not a network boot',
  'loader-of-driver': 'a {arch} ROM asks, and iPXE is to use {driver}, so it gets the loader {file}',
  'loader-driver-other':
    'the iPXE with {tried} was fetched and then never asked for anything, so the one with {driver} is offered once: {file}',
  'loader-driver-worked':
    'the iPXE with {driver} brought the link up where the one with {tried} had not, so it is offered first: {file}',
  // what a Foreman sent, see smart-proxy/
  'foreman-reservation': 'a Foreman reserved {file} for {host}, through the smart proxy',
  'foreman-script': 'an iPXE asks, and {host} is of a Foreman, so it gets the script from there',
  'foreman-file': '{name} is what a Foreman sent here for it',
  'foreman-answers': 'the Foreman at {url} answered for it with {status}',
  // loops; see boot/loops.ts
  'loop-loader':
    'the loader {file} was given out {count} times since {since} without a script being reached, so the machine is held',
  'loop-disguise':
    'an iPXE that asks as a ROM (its user class is not iPXE) was given {file} {count} times since {since} without a script being reached, so the machine is held',
  'loop-install':
    'its installation was started {count} times since {since} and never reported built, so the machine is held',
  'loop-script':
    'its script was fetched {count} times since {since} without a kernel being started, so the machine is held',
  'loop-local':
    '{host} is not in build mode and came back from its own disk {count} times since {since}, so there may be nothing on it to boot ({template})',
  // leases
  'lease-reserved': '{address} is reserved for {host}',
  'lease-renewed': '{address} was leased to this client before',
  'lease-free': '{address} was free in {subnet}',
  'lease-exhausted': 'no address is free in {subnet}',
  'lease-none-here': 'no subnet is served on {link}',
  'lease-wrong-network': '{address} does not belong to the subnet of {link}',
  'lease-taken': '{address} belongs to another client',
  'lease-unknown': 'no lease for {address} is known here',
  'other-server': 'the client chose the server {server}',
  'lease-released': 'the client gave {address} back',
  'lease-declined': 'the client found {address} in use by another machine',
  'lease-in-use': '{mac} answers at {address}, so nobody is given that address for a while',
  // identification
  'by-token': 'the build token names {host}',
  'by-mac-checked': 'it reports the MAC {mac}, which holds the lease of {address}: {host}',
  'by-mac-other-nic':
    'it reports the MAC {mac}, another interface of {host}, which holds the lease of {address}',
  'by-mac-reported': 'it reports the MAC {mac}, for whose address no lease is known here: {host}',
  'by-lease': 'its address {address} is leased to {mac}: {host}',
  'by-address': 'its address {address} is that of {host}',
  'kept-answer': 'the server is away, so {host} gets what it was to get when it was last asked',
  unidentified: 'no host matches ({evidence})',
  // what is served
  'script-build': '{host} is in build mode, so it gets {template}',
  'script-driver': '{host} is in build mode, and iPXE is to use {driver}, so it gets {template}',
  'script-driver-other':
    'the iPXE with {tried} was fetched and then never asked for anything, so the one with {driver} is offered to {host} once ({template})',
  'script-driver-worked':
    'the iPXE with {driver} brought the link up where the one with {tried} had not, so {host} gets {template}',
  'script-local': '{host} is not in build mode, so it boots from its own disk ({template})',
  'script-unknown': 'the machine is unknown, so it gets {template}',
  'script-intermediate': 'an iPXE without a host asks with bootstrap, so it tries every NIC ({template})',
  'script-error': '{sentence}',
  'loader-file': 'the loader {name} is served from {path}',
  'boot-file': '{name} of the medium {medium}',
  'build-done': '{host} reported that it is installed and leaves build mode',
  'build-failed': '{host} reported that its installation failed and leaves build mode',
  'build-rehearsed':
    '{host} would have reported that it is done; this was a rehearsal, so nothing was changed',
  'build-again': '{host} had already left build mode',
  refused: '{sentence}',
  // what machines say themselves; see boot/said.ts
  'machine-said': '{program} says: {text}',
  'installer-said': 'the installer says: {text}',
  'script-at': 'its script has come to: {at}',
  'machine-hushed':
    'it said more than {lines} things, so only its worst news of this boot are kept from here on',
  // other servers; see app/watch/
  'foreign-answer': 'another server, {server}, sent it an {message}: {offered}',
  'foreign-refused': 'another server, {server}, refused it its address',
  'neighbour-addresses':
    'another DHCP server, {server}, gives out addresses on {link} too: what a machine gets is a matter of luck',
  'neighbour-boot-files':
    'another server, {server}, names boot files on {link} too: which one a machine takes is a matter of luck',
  // what a capture shows; see capture/steps.ts
  'captured-file': '{server} names the boot file {file}',
  'captured-no-file': '{server} names no boot file',
  'captured-refused': '{server} refuses the address',
  'captured-script': '{server} answers with a script of {bytes} bytes',
  'captured-answer': '{server} answers {status} with {bytes} bytes',
  'captured-unanswered': 'nobody answers it in the capture',
  'captured-agreed': 'the transfer was agreed on; its blocks are not in the capture',
  'captured-open': 'the capture ends before the transfer does',
  'captured-tls': 'what went over TLS cannot be read',
  'transfer-complete': 'all {bytes} bytes arrived',
  'transfer-probe': 'the client only asked for the size (normal for UEFI)',
  'transfer-peek': 'the client only looked whether it is there (normal for GRUB)',
  'transfer-aborted': 'the client stopped after {bytes} of {size} bytes: {message}',
  'transfer-timeout': 'the client stopped answering at block {block} after {tries} tries',
  'transfer-restarted': 'the client stopped after {bytes} of {size} bytes and asked for the file anew',
  'transfer-failed': 'the transfer broke off after {bytes} of {size} bytes: {message}',
} as const;

export type ReasonCode = keyof typeof REASONS;
export type Reason = { readonly code: ReasonCode } & Readonly<Record<string, string | number | undefined>>;

export function because(
  code: ReasonCode,
  values: Readonly<Record<string, string | number | undefined>> = {},
): Reason {
  return { ...values, code };
}

export function sentence(reason: Reason): string {
  return fill(REASONS[reason.code], reason);
}
