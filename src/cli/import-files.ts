/** The files that are moved in, and those that they name. */

import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { type Cidr, maskOf, prefixOf } from '../net/cidr.ts';
import { parseIpv4 } from '../net/ip.ts';

/** Networks of this machine. */
export function linksHere(): readonly Cidr[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ family, address, netmask, internal }) => {
      const [ip, mask] = family === 'IPv4' && !internal ? [parseIpv4(address), parseIpv4(netmask)] : [];
      const prefix = mask === undefined ? undefined : prefixOf(mask);
      return ip === undefined || prefix === undefined
        ? []
        : [{ network: (ip & maskOf(prefix)) >>> 0, prefix }];
    }),
  );
}

const AT_ONCE = 16;
const PATIENCE_MS = 5000;

/** IPv4 addresses by name, as the system finds them; names without any are left out. */
export async function addressesOf(names: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (let at = 0; at < names.length; at += AT_ONCE)
    await Promise.all(
      names.slice(at, at + AT_ONCE).map(async (name) => {
        const addresses = await patiently(lookup(name, { family: 4, all: true }));
        if (addresses.length > 0)
          found.set(
            name,
            addresses.map(({ address }) => address),
          );
      }),
    );
  return found;
}

/** A resolver that does not answer is one that knows nothing. */
async function patiently<T>(asked: Promise<readonly T[]>): Promise<readonly T[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly T[]>((done) => {
    timer = setTimeout(() => done([]), PATIENCE_MS);
  });
  try {
    return await Promise.race([asked.catch((): readonly T[] => []), late]);
  } finally {
    clearTimeout(timer);
  }
}
