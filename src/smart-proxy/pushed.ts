/**
 * What a Foreman sent, among what machines ask for by name. A host of our own inventory always gets what is ours: a sent
 * file is for a MAC that no host here has, or for machines that nobody knows.
 */

import type { Content, ContentResolver, Requester } from '../boot/files.ts';
import type { LeaseLookup } from '../boot/lease.ts';
import { because } from '../boot/reason.ts';
import { type RenderedName, renderedName } from '../boot/rendered-names.ts';
import type { Site } from '../inventory/site.ts';
import type { TemplateKind } from '../inventory/types.ts';
import type { Mac } from '../net/mac.ts';
import type { BootFiles } from './boot-files.ts';
import type { Reservations } from './reservations.ts';
import type { Tree } from './tree.ts';
import { commonNames, namesFor, type Variant } from './variants.ts';

export type PushedDeps = {
  /** Of our own inventory. */
  readonly site: () => Site;
  readonly leases: LeaseLookup;
  readonly reservations: Reservations;
  readonly tree: Tree;
  readonly bootFiles: BootFiles;
};

/** A machine that comes before its kernel waits for it; firmware and iPXE ask again for longer than that. */
const PATIENCE_MS = 20_000;

const VARIANT_OF: { readonly [K in TemplateKind]?: Variant } = {
  PXELinux: 'pxelinux',
  PXEGrub: 'pxegrub',
  PXEGrub2: 'pxegrub2',
  iPXE: 'ipxe',
  ZTP: 'ztp',
  POAP: 'poap',
};

/** Around the resolver of our own files. */
export function pushedFiles(deps: PushedDeps, own: ContentResolver): ContentResolver {
  return async (name, requester) => {
    const wanted = renderedName(name);
    if (wanted !== undefined) return (await sentFor(deps, name, wanted, requester)) ?? own(name, requester);
    const content = await own(name, requester);
    if (content.kind !== 'error' || content.code !== 'FILE_NOT_FOUND') return content;
    return (await sentFile(deps, name, requester)) ?? content;
  };
}

/** A configuration. */
async function sentFor(
  deps: PushedDeps,
  name: string,
  { kind, mac, asksOn, bootstrap }: RenderedName,
  requester: Requester,
): Promise<Content | undefined> {
  const variant = VARIANT_OF[kind];
  const machine = mac ?? deps.leases(requester.address);
  if (variant === undefined || bootstrap || isOurs(deps, machine, requester)) return undefined;
  const stored = machine === undefined ? undefined : await deps.tree.find(namesFor(variant, machine)[0]);
  if (stored !== undefined) return found(deps, name, stored, machine);
  // A GRUB that nobody knows the address of may be one of ours: first it is asked for its MAC.
  if (mac === undefined && asksOn && machine === undefined) return undefined;
  // PXELINUX goes on to the name for all by itself; GRUB was led to this one from there.
  if (mac !== undefined && !asksOn) return undefined;
  const menu = await deps.tree.find(commonNames(variant)[0]);
  return menu === undefined ? undefined : found(deps, name, menu, machine);
}

function isOurs({ site }: PushedDeps, mac: Mac | undefined, { address }: Requester): boolean {
  return (mac === undefined ? site().hostByIp(address) : site().hostByMac(mac)) !== undefined;
}

/** A kernel, an initrd, or a loader that we do not have. */
async function sentFile(
  deps: PushedDeps,
  name: string,
  { address }: Requester,
): Promise<Content | undefined> {
  let path = await deps.tree.find(name);
  if (path === undefined && (await deps.bootFiles.settled(name, PATIENCE_MS)))
    path = await deps.tree.find(name);
  return path === undefined ? undefined : found(deps, name, path, deps.leases(address));
}

function found({ reservations }: PushedDeps, name: string, path: string, mac: Mac | undefined): Content {
  const host = mac === undefined ? undefined : reservations.byMac(mac)?.hostname;
  return {
    kind: 'file',
    path,
    because: because('foreman-file', { name }),
    ...(mac && { mac }),
    ...(host && { host }),
  };
}
