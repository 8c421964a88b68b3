/** What a name is: a loader of one of the directories, a PXELINUX configuration rendered for who asks, a file of a medium. */

import type { Answered, Answerer } from '../boot/answer.ts';
import type { Content, ContentResolver, Requester } from '../boot/files.ts';
import type { LeaseLookup } from '../boot/lease.ts';
import { because } from '../boot/reason.ts';
import type { BaseUrl } from '../boot/urls.ts';
import { ChainbootError, type ErrorCode, type ErrorValues } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import { fileBelow } from '../media/file-below.ts';
import { loaderNames } from '../media/loader-files.ts';
import { type Mac, parseMac } from '../net/mac.ts';

export type FilesDeps = {
  readonly site: () => Site;
  readonly leases: LeaseLookup;
  readonly answer: Answerer;
  readonly base: (requester: Requester) => BaseUrl;
  readonly loaderDirectories: () => readonly string[];
  /** Whether a machine that no host is declared for may see the menu on this link. */
  readonly unknownHosts: (requester: Requester) => 'menu' | 'ignore';
};

type Who = { readonly mac?: Mac; readonly host?: string };

/** By TFTP: configurations and loaders. */
export function tftpContent(deps: FilesDeps): ContentResolver {
  const loaders = loaderContent(deps);
  return async (name, requester) => {
    const config = /^pxelinux\.cfg\/(.+)$/.exec(name)?.[1];
    return config === undefined ? loaders(name, requester) : pxelinuxConfig(deps, name, config, requester);
  };
}

/** Loaders, by the name they are asked for or the one they are installed under. */
export function loaderContent(deps: FilesDeps): ContentResolver {
  return async (name, requester) => {
    const who = whoIs(deps, requester);
    for (const directory of deps.loaderDirectories()) {
      for (const candidate of loaderNames(name)) {
        const path = await fileBelow(directory, candidate, 'anywhere');
        if (path !== undefined)
          return { kind: 'file', path, because: because('loader-file', { name, path }), ...who };
      }
    }
    return failure('FILE_NOT_FOUND', { name }, who);
  };
}

/** A file of a medium that lies in a directory of ours. */
export function mediumContent(
  deps: FilesDeps,
): (medium: string, name: string, requester: Requester) => Promise<Content> {
  return async (medium, name, requester) => {
    const who = whoIs(deps, requester);
    const directory = deps.site().get('media', medium)?.path;
    const path = directory?.startsWith('/') ? await fileBelow(directory, name, 'inside') : undefined;
    if (path === undefined) return failure('FILE_NOT_FOUND', { name: `${medium}/${name}` }, who);
    return { kind: 'file', path, because: because('boot-file', { name, medium }), ...who };
  };
}

/**
 * PXELINUX asks for its UUID, `01-<mac>`, its address in hex, shorter and shorter, then `default`; a name that
 * is missing sends it to the next at once. Only the MAC says who it is; `default` is for machines nobody knows.
 */
async function pxelinuxConfig(
  deps: FilesDeps,
  name: string,
  config: string,
  requester: Requester,
): Promise<Content> {
  const mac = config.startsWith('01-') ? parseMac(config.slice(3)) : undefined;
  const isDefault = config === 'default';
  const known = mac !== undefined && deps.site().hostByMac(mac) !== undefined;
  const mayAsk = known || (isDefault && deps.unknownHosts(requester) === 'menu');
  if (!mayAsk) return failure('FILE_NOT_FOUND', { name }, { ...whoIs(deps, requester), ...(mac && { mac }) });
  const claims = { address: requester.address, macs: mac === undefined ? [] : [mac] };
  const answered = await deps.answer({
    kind: 'PXELinux',
    claims,
    bootstrap: false,
    base: deps.base(requester),
  });
  return rendered(answered);
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
