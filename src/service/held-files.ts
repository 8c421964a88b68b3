/**
 * What a machine that is held because of its loader gets when it asks for that loader all the same: behind a foreign
 * DHCP server, which goes on naming it. It gets a program that shows why instead.
 */

import type { Answerer } from '../boot/answer.ts';
import { driverOfFile } from '../boot/drivers.ts';
import type { Content, ContentResolver, Requester } from '../boot/files.ts';
import { type Held, holdReason, isChainloadLoop, type Who } from '../boot/hold.ts';
import type { LeaseLookup } from '../boot/lease.ts';
import type { BaseUrl } from '../boot/urls.ts';
import type { Site } from '../inventory/site.ts';
import type { Host } from '../inventory/types.ts';
import type { Mac } from '../net/mac.ts';

export type HeldFilesDeps = {
  readonly site: () => Site;
  readonly leases: LeaseLookup;
  readonly answer: Answerer;
  readonly base: (requester: Requester) => BaseUrl;
  readonly holdOf: (who: Who) => Held | undefined;
};

type Asker = { readonly held: Held; readonly mac: Mac | undefined; readonly host: Host | undefined };

export function heldFiles(deps: HeldFilesDeps, files: ContentResolver): ContentResolver {
  return async (name, requester) => {
    const asker = heldAsker(deps, requester);
    if (asker === undefined) return files(name, requester);
    // Whoever asks for this was not found under its MAC; a held machine is told all the same.
    if (name === 'pxelinux.cfg/default') return rendered(deps, 'PXELinux', requester, asker);
    if (!isChainloadLoop(asker.held.hold) || driverOfFile(name) === undefined || name.endsWith('.lkrn'))
      return files(name, requester);
    // Firmware refuses to run text, and goes on to its next boot device; an iPXE runs it as its script.
    if (/\.efi$/i.test(name)) return rendered(deps, 'iPXE', requester, asker);
    // A ROM would run text as machine code, and which of the two asks cannot be told: PXELINUX runs on both.
    const content = await files('pxelinux.0', requester);
    if (content.kind === 'error') return content;
    return { ...content, because: holdReason(asker.held.hold, asker.held.machine) };
  };
}

function heldAsker({ site, leases, holdOf }: HeldFilesDeps, { address }: Requester): Asker | undefined {
  const mac = leases(address);
  const host = (mac === undefined ? site().hostByIp(address) : site().hostByMac(mac))?.host;
  const held = holdOf({ host, mac, address });
  return held && { held, mac, host };
}

async function rendered(
  { answer, base }: HeldFilesDeps,
  kind: 'iPXE' | 'PXELinux',
  requester: Requester,
  { mac, host, held }: Asker,
): Promise<Content> {
  const claims = { address: requester.address, macs: mac === undefined ? [] : [mac] };
  const answered = await answer({ kind, claims, bootstrap: false, base: base(requester) });
  const who = { ...(mac && { mac }), ...(host && { host: host.name }) };
  const because = answered.ok ? answered.because : holdReason(held.hold, held.machine);
  if (!answered.ok)
    return { kind: 'error', code: answered.error.code, values: answered.error.values, because, ...who };
  return { kind: 'bytes', bytes: new TextEncoder().encode(answered.text), because, ...who };
}
