/** Telling iPXE from other clients: user class (option 77) and the encapsulated options (175). */

import type { Stage } from '../boot/facts.ts';
import { OPTION, startsWith, subOptions, userClasses } from './options.ts';
import type { DhcpPacket } from './packet.ts';

/** Tags inside option 175 (https://ipxe.org/howto/dhcpd): features the binary was built with. */
const FEATURES: ReadonlyMap<number, string> = new Map([
  [0x10, 'pxeext'],
  [0x11, 'iscsi'],
  [0x12, 'aoe'],
  [0x13, 'http'],
  [0x14, 'https'],
  [0x15, 'tftp'],
  [0x16, 'ftp'],
  [0x17, 'dns'],
  [0x18, 'bzimage'],
  [0x19, 'multiboot'],
  [0x1a, 'slam'],
  [0x1b, 'srp'],
  [0x20, 'nbi'],
  [0x21, 'pxe'],
  [0x22, 'elf'],
  [0x23, 'comboot'],
  [0x24, 'efi'],
  [0x25, 'fcoe'],
  [0x26, 'vlan'],
  [0x27, 'menu'],
  [0x28, 'sdi'],
  [0x29, 'nfs'],
]);

/** Sub-option 176, `no-pxedhcp` = 1: do not wait 2 s for proxy offers (seen: DISCOVER to ACK in 1 s, not 3 s). */
export const NO_PXEDHCP = Uint8Array.of(176, 1, 1);

const NONE: ReadonlySet<string> = new Set();

type Build = { readonly value: Uint8Array; readonly features: ReadonlySet<string> };

/** A boot storm is thousands of requests of a few builds, so the last ones are kept. */
const builds: Build[] = [];
const MAX_BUILDS = 8;
let replaced = 0;

/** Features of the iPXE that asks; empty when it does not say. Tags without a name here read `tag-0x2a`. */
export function ipxeFeatures(packet: DhcpPacket): ReadonlySet<string> {
  const value = packet.options.get(OPTION.ipxe);
  if (value === undefined) return NONE;
  for (const build of builds) if (sameBytes(build.value, value)) return build.features;
  const build = { value: Uint8Array.from(value), features: readFeatures(value) };
  builds[replaced++ % MAX_BUILDS] = build;
  return build.features;
}

/** Without a call a byte, unlike `equalBytes`: this is asked of every packet. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return false;
  return true;
}

function readFeatures(value: Uint8Array): ReadonlySet<string> {
  const features = new Set<string>();
  for (const [tag, version] of subOptions(value)) {
    // Below 0x10 and above 0x7f are settings (bus id, version, …), not features.
    if (tag < 0x10 || tag > 0x7f || version[0] === 0) continue;
    features.add(FEATURES.get(tag) ?? `tag-0x${tag.toString(16)}`);
  }
  return features;
}

/**
 * What runs on the machine. A user class is the client's own word and wins; option 175 tells only when there is
 * none. So an iPXE whose script says `set user-class PXEClient` is taken for the plain ROM it plays although it
 * still sends 175 (seen: Debian's ipxe.lkrn before it chains PXELINUX), and an iPXE built without a user class
 * is recognised by 175. Should such a disguise last, the loop guard (boot/loops.ts) ends the loop.
 */
export function stageOf(packet: DhcpPacket): Stage {
  const classes = userClasses(packet);
  if (classes.includes('iPXE')) return 'ipxe';
  if (classes.includes('gPXE')) return 'gpxe';
  if (classes.length === 0 && packet.options.has(OPTION.ipxe)) return 'ipxe';
  const vendor = packet.options.get(OPTION.vendorClass);
  if (startsWith(vendor, 'PXEClient') || startsWith(vendor, 'HTTPClient')) return 'rom';
  return isInstaller(vendor) ? 'installer' : 'os';
}

/** debian-installer, Anaconda's initrd and whatever has BusyBox's client (dracut, Alpine, kickstart shells). */
function isInstaller(vendor: Uint8Array | undefined): boolean {
  return startsWith(vendor, 'd-i') || startsWith(vendor, 'anaconda') || startsWith(vendor, 'udhcp');
}
