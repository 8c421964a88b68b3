/** Files that a proxy fetches from its server, by their names in its cache. */

import { bodyFrom, type Origin, type Source, stateOf } from './cache/origin.ts';
import type { Upstream } from './upstream.ts';

/** `media/Debian/dists/…`; `loaders/undionly.kpxe` */
export function mediumKey(medium: string, path: string): string {
  return `media/${encodeURIComponent(medium)}/${path}`;
}

export function loaderKey(name: string): string {
  return `loaders/${name}`;
}

export function upstreamOrigin(upstream: Upstream): Origin {
  const source = (key: string): Source => ({
    url: upstream.urlOf(`/files/${pathOf(key)}`),
    agent: upstream.agent,
  });
  return {
    state: (key) => stateOf(source(key)),
    open: (key, from, tag) => bodyFrom(source(key), from, tag),
    digest: async (key) => {
      const { value } = await upstream.ask<{ readonly sha256?: string }>(`/digests/${pathOf(key)}`, {
        // A long file takes a while to be read.
        patience: 120_000,
      });
      return value.sha256;
    },
  };
}

/** `<medium>/<path>` on the mirror that the medium names. */
export function mirrorKey(medium: string, path: string): string {
  return `${encodeURIComponent(medium)}/${path}`;
}

/** @param pathOfMedium where the medium lies; a file of one that is gone is not there any more */
export function mirrorOrigin(pathOfMedium: (medium: string) => string | undefined): Origin {
  const source = (key: string): Source | undefined => {
    const [medium = '', ...rest] = key.split('/');
    const base = pathOfMedium(decodeURIComponent(medium));
    if (base === undefined) return undefined;
    return { url: new URL(`${base.replace(/\/+$/, '')}/${rest.map(encodeURIComponent).join('/')}`) };
  };
  return {
    state: async (key) => {
      const found = source(key);
      return found && stateOf(found);
    },
    open: async (key, from, tag) => {
      const found = source(key);
      return found && bodyFrom(found, from, tag);
    },
    digest: async () => undefined,
  };
}

/** The name of the medium is encoded already: it may have a slash in it. */
function pathOf(key: string): string {
  const [kind = '', first = '', ...rest] = key.split('/');
  const segments =
    kind === 'media' ? [first, ...rest.map(encodeURIComponent)] : [first, ...rest].map(encodeURIComponent);
  return [kind, ...segments].join('/');
}
