/** What a name is: a loader of one of the directories, a configuration rendered for who asks, a file of a medium. */

import type { Answered, Answerer } from '../boot/answer.ts';
import type { Content, ContentResolver, Requester } from '../boot/files.ts';
import type { LeaseLookup } from '../boot/lease.ts';
import { because } from '../boot/reason.ts';
import { type RenderedName, renderedName } from '../boot/rendered-names.ts';
import type { BaseUrl } from '../boot/urls.ts';
import { ChainbootError, type ErrorCode, type ErrorValues } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import type { Medium } from '../inventory/types.ts';
import { fileBelow } from '../media/file-below.ts';
import { isPrivate } from '../media/firmware-store.ts';
import { loaderNames } from '../media/loader-files.ts';
import type { Mac } from '../net/mac.ts';
import { bootFileNamed } from './boot-file-names.ts';

export type FilesDeps = {
  readonly site: () => Site;
  readonly leases: LeaseLookup;
  readonly answer: Answerer;
  readonly base: (requester: Requester) => BaseUrl;
  readonly loaderDirectories: () => readonly string[];
  /** Whether a machine that no host is declared for may see the menu on this link. */
  readonly unknownHosts: (requester: Requester) => 'menu' | 'ignore';
  /** A file of a medium; in the directory of the medium unless given. */
  readonly mediumFile?: MediumFile;
};

export type FoundFile = Pick<Extract<Content, { kind: 'file' }>, 'path' | 'growing' | 'tag'>;

/**
 * Undefined where there is none. Rejects with a ChainbootError that the machine is told.
 * @param whole not before all of it is there
 */
export type MediumFile = (medium: Medium, path: string, whole: boolean) => Promise<FoundFile | undefined>;

/** In a directory of ours. */
export const inDirectory: MediumFile = async ({ path: directory }, name) => {
  const path = directory.startsWith('/') ? await fileBelow(directory, name, 'inside') : undefined;
  return path === undefined ? undefined : { path };
};

type Who = { readonly mac?: Mac; readonly host?: string };

/** What boot loaders ask for by name: what is rendered for them, kernels and initrds, and loaders. */
export function bootContent(deps: FilesDeps): ContentResolver {
  const loaders = loaderContent(deps);
  return async (name, requester) => {
    const wanted = renderedName(name);
    if (wanted !== undefined) return renderedContent(deps, name, wanted, requester);
    return (await bootFileContent(deps, name, requester)) ?? loaders(name, requester);
  };
}

/** Loaders, by the name they are asked for or the one they are installed under. */
function loaderContent(deps: FilesDeps): ContentResolver {
  return async (name, requester) => {
    const who = whoIs(deps, requester);
    const path = await loaderFile(deps.loaderDirectories(), name);
    if (path === undefined) return failure('FILE_NOT_FOUND', { name }, who);
    return { kind: 'file', path, because: because('loader-file', { name, path }), ...who };
  };
}

/** The first of the directories that has it. */
export async function loaderFile(directories: readonly string[], name: string): Promise<string | undefined> {
  if (isPrivate(name)) return undefined;
  for (const directory of directories) {
    for (const candidate of loaderNames(name)) {
      const path = await fileBelow(directory, candidate, 'anywhere');
      if (path !== undefined) return path;
    }
  }
  return undefined;
}

/** A file of a medium that lies in a directory of ours. */
export function mediumContent(
  deps: FilesDeps,
): (medium: string, name: string, requester: Requester) => Promise<Content> {
  return async (medium, name, requester) => {
    const who = whoIs(deps, requester);
    const record = deps.site().get('media', medium);
    if (record === undefined) return failure('FILE_NOT_FOUND', { name: `${medium}/${name}` }, who);
    return ofMedium(deps, record, name, false, who);
  };
}

async function ofMedium(
  { mediumFile = inDirectory }: FilesDeps,
  medium: Medium,
  name: string,
  whole: boolean,
  who: Who,
): Promise<Content> {
  try {
    const found = await mediumFile(medium, name, whole);
    if (found === undefined) return failure('FILE_NOT_FOUND', { name: `${medium.name}/${name}` }, who);
    return { kind: 'file', ...found, because: because('boot-file', { name, medium: medium.name }), ...who };
  } catch (error) {
    if (error instanceof ChainbootError) return failure(error.code, error.values, who);
    throw error;
  }
}

/** A kernel or an initrd under its name below `boot/`; undefined when the name is none. */
async function bootFileContent(
  deps: FilesDeps,
  name: string,
  requester: Requester,
): Promise<Content | undefined> {
  const who = whoIs(deps, requester);
  const host = who.host === undefined ? undefined : deps.site().get('hosts', who.host);
  const found = bootFileNamed(deps.site(), name, host, deps.base(requester));
  if (found === undefined) return undefined;
  const { medium, path } = found;
  if (path === undefined) return failure('BOOT_FILE_ELSEWHERE', { name, medium: medium.name }, who);
  // TFTP takes files whole.
  return ofMedium(deps, medium, path, true, who);
}

/**
 * Loaders ask under one name after the other, from that of their own to that for all; one that is missing sends
 * them to the next at once. A name for all is for the host that the address belongs to, and for machines nobody
 * knows where they may see the menu.
 */
async function renderedContent(
  deps: FilesDeps,
  name: string,
  { kind, mac, asksOn, bootstrap }: RenderedName,
  requester: Requester,
): Promise<Content> {
  const who = whoIs(deps, requester);
  const known = mac === undefined ? who.host !== undefined : deps.site().hostByMac(mac) !== undefined;
  const forAll = mac === undefined && (asksOn || deps.unknownHosts(requester) === 'menu');
  if (!known && !forAll) return failure('FILE_NOT_FOUND', { name }, { ...who, ...(mac && { mac }) });
  const claims = { address: requester.address, macs: mac === undefined ? [] : [mac] };
  return rendered(await deps.answer({ kind, claims, bootstrap, base: deps.base(requester) }));
}

function rendered(answered: Answered): Content {
  const who: Who = {
    ...(answered.mac && { mac: answered.mac }),
    ...(answered.host && { host: answered.host }),
  };
  if (!answered.ok)
    return { ...failure(answered.error.code, answered.error.values, who), because: answered.because };
  return { kind: 'bytes', bytes: new TextEncoder().encode(answered.text), because: answered.because, ...who };
}

function failure(code: ErrorCode, values: ErrorValues, who: Who): Content {
  const sentence = new ChainbootError(code, values).message;
  return { kind: 'error', code, values, because: because('refused', { sentence }), ...who };
}

function whoIs(deps: FilesDeps, { address }: Requester): Who {
  const mac = deps.leases(address);
  const host = (mac === undefined ? deps.site().hostByIp(address) : deps.site().hostByMac(mac))?.host;
  return { ...(mac && { mac }), ...(host && { host: host.name }) };
}
