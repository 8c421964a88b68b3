/**
 * The heart: one ordered switch from who asks to what it gets, each case with its because. The wire, the
 * preview and the rehearsal all call this one function.
 */

import type { Hold, Host } from '../inventory/types.ts';
import type { Arch } from '../net/arch.ts';
import type { Ipv4 } from '../net/ip.ts';
import { DRIVER_WORDS, type DriverChoice, otherDriver } from './drivers.ts';
import type { Facts } from './facts.ts';
import { holdReason, isChainloadLoop } from './hold.ts';
import { type Loader, loaderFor } from './loaders.ts';
import { because, type Reason } from './reason.ts';
import { RecentMap } from './recent.ts';
import { type BaseUrl, loaderUrl, unattendedUrl } from './urls.ts';

/** How a link treats machines. */
export type Policy = {
  /** `server`: we hand out the addresses. `proxy`: another DHCP server does, we only add boot information. */
  readonly mode: 'server' | 'proxy';
  readonly unknownHosts: 'menu' | 'ignore';
  /** Boot plane as this link's clients reach it. */
  readonly base: BaseUrl;
  /** The boot plane over TLS, where there is one, and which machines get its URLs without being told to by a loader. */
  readonly secure?: { readonly base: BaseUrl; readonly ipxe: boolean; readonly uefi: boolean };
  /** Our address on this link: `siaddr`, the TFTP server. */
  readonly server: Ipv4;
};

/** `address`: an address lease without boot information. `ignore`: no answer at all in proxy mode, a bare lease in server mode. */
export type Decision = { readonly because: Reason } & (
  | { readonly kind: 'ignore' }
  | { readonly kind: 'address' }
  | {
      readonly kind: 'loader';
      readonly file: string;
      readonly over: 'tftp' /** `siaddr`, where it is another server. */;
      readonly server?: Ipv4;
    }
  | { readonly kind: 'loader'; readonly url: string; readonly over: 'http' }
  | { readonly kind: 'script'; readonly url: string }
);

/** What earlier boots of this machine say about this one. */
export type Verdict = {
  readonly hold?: Hold | undefined;
  readonly driver?: DriverChoice | undefined;
  /** A loader that shows a held UEFI machine why: a GRUB of the site. */
  readonly shows?: Loader | undefined;
};

const NO_VERDICT: Verdict = {};

// Made once, as every packet of a storm needs them.
const IPXE_ASKS = because('ipxe-asks');
const SECURE_IPXE_ASKS = because('ipxe-asks-https');
const NOT_A_BOOT = because('not-a-boot');

/** `host` is the one whose interface has the MAC of the facts. */
export function decide(
  facts: Facts,
  host: Host | undefined,
  policy: Policy,
  verdict: Verdict = NO_VERDICT,
): Decision {
  if (facts.stage === 'os' || facts.stage === 'installer') return { kind: 'address', because: NOT_A_BOOT };
  if (host === undefined && policy.unknownHosts === 'ignore') {
    return { kind: 'ignore', because: because('unknown-ignored') };
  }
  if (host?.enabled === false)
    return { kind: 'ignore', because: because('host-disabled', { host: host.name }) };
  if (host?.pxe_loader === 'None')
    return { kind: 'ignore', because: because('loader-none', { host: host.name }) };
  if (facts.stage === 'ipxe' || facts.stage === 'gpxe') return script(facts, policy);
  if (verdict.hold !== undefined && isChainloadLoop(verdict.hold))
    return held(facts, host, policy, verdict.hold, verdict.shows);
  return loader(facts.arch, host, policy, verdict.driver);
}

/**
 * The loader that went round is not handed out again. An iPXE in disguise still is an iPXE and runs a script. A BIOS
 * machine, and a disguised iPXE of a build without HTTP, runs PXELINUX, which shows the configuration that says why.
 * UEFI firmware shows text only by a loader that reads a configuration: its own, or a GRUB that is there; without one
 * it gets nothing to boot.
 */
function held(
  facts: Facts,
  host: Host | undefined,
  policy: Policy,
  hold: Hold,
  shows: Loader | undefined,
): Decision {
  const reason = holdReason(hold, host?.name ?? facts.mac);
  if (facts.disguised && facts.ipxeFeatures?.has('http'))
    return { ...script(facts, policy), because: reason };
  if (facts.arch.firmware === 'bios' && !facts.arch.http)
    return { kind: 'loader', over: 'tftp', file: 'pxelinux.0', because: reason };
  const chosen = loaderFor(facts.arch, host?.pxe_loader)?.loader;
  const shown = chosen?.kind === 'iPXE' ? shows : chosen;
  if (shown === undefined) return { kind: 'address', because: reason };
  return given(facts.arch, shown, host, policy, reason);
}

/**
 * The URL is the same in and out of build mode: state lives here, not in a DHCP answer that a client may
 * keep. Behind a foreign DHCP server we know no lease, so the MAC goes into the URL.
 */
function script(facts: Facts, policy: Policy): Decision {
  // No Debian build has TLS; one that has says so, and a redirect it would follow for ever if it went round.
  const secure = policy.secure?.ipxe && facts.ipxeFeatures?.has('https') ? policy.secure.base : undefined;
  const base = secure ?? policy.base;
  const url =
    policy.mode === 'proxy' ? unattendedUrl(base, 'iPXE', { mac: facts.mac }) : sharedScriptUrl(base);
  return { kind: 'script', url, because: secure === undefined ? IPXE_ASKS : SECURE_IPXE_ASKS };
}

/** One text of each base, which the answers and steps of a storm share. */
const scriptUrls = new RecentMap<string>(100);

function sharedScriptUrl(base: BaseUrl): string {
  const known = scriptUrls.get(base);
  if (known !== undefined) return known;
  const url = unattendedUrl(base, 'iPXE');
  scriptUrls.set(base, url);
  return url;
}

/** Firmware does not say whether it can do TLS or whom it trusts, so that somebody has to know. */
function httpBootBase(host: Host | undefined, { base, secure }: Policy): BaseUrl {
  const wanted = secure?.uefi || host?.pxe_loader?.includes('HTTPS');
  return (wanted ? secure?.base : undefined) ?? base;
}

function loader(arch: Arch, host: Host | undefined, policy: Policy, driver?: DriverChoice): Decision {
  const chosen = loaderFor(arch, host?.pxe_loader, driver);
  if (chosen === undefined)
    return { kind: 'ignore', because: because('no-loader-for-arch', { arch: arch.name }) };
  const reason = reasonFor(arch, host, chosen.loader, chosen.substituted, driver);
  return given(arch, chosen.loader, host, policy, reason);
}

function given(
  arch: Arch,
  { file }: Loader,
  host: Host | undefined,
  policy: Policy,
  reason: Reason,
): Decision {
  return arch.http
    ? { kind: 'loader', over: 'http', url: loaderUrl(httpBootBase(host, policy), file), because: reason }
    : { kind: 'loader', over: 'tftp', file, because: reason };
}

function reasonFor(
  arch: Arch,
  host: Host | undefined,
  chosen: Loader,
  substituted: boolean,
  driver: DriverChoice | undefined,
): Reason {
  const values = { arch: arch.name, file: chosen.file, host: host?.name, loader: host?.pxe_loader };
  if (driver !== undefined && chosen.kind === 'iPXE') {
    const words = { driver: DRIVER_WORDS[driver.driver], tried: DRIVER_WORDS[otherDriver(driver.driver)] };
    if (driver.why === 'other') return because('loader-driver-other', { ...values, ...words });
    if (driver.why === 'worked') return because('loader-driver-worked', { ...values, ...words });
    if (host?.pxe_loader === undefined || host.pxe_loader === 'iPXE Embedded')
      return because('loader-of-driver', { ...values, ...words });
  }
  if (substituted) return because('loader-wrong-firmware', values);
  if (host?.pxe_loader?.includes('UEFI HTTP') && !arch.http) return because('loader-by-tftp', values);
  if (host?.pxe_loader !== undefined) return because('loader-of-host', values);
  return arch.http ? because('http-rom-asks') : because('rom-asks', values);
}
