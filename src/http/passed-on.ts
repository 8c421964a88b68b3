/**
 * Requests that a smart proxy of this server passes on for a machine behind it. It says in `X-Forwarded-For` whose they are,
 * and repeats the headers of the machine with underscores in place of dashes (foreman-facts §5, measured): so one that the
 * machine forged (`X_forwarded_for`) is another, and the MAC addresses of Anaconda have to be looked for under that name.
 */

import { parseIpv4, unmapIpv4 } from '../net/ip.ts';
import { parseIpv6 } from '../net/ipv6.ts';
import type { Route } from './answer.ts';
import type { Headers } from './request.ts';

const MAC_HEADER = /^x_rhn_provisioning_mac_(\d+)$/;

/**
 * The same routes, which take the word of smart proxies for who asks, and of nobody else.
 * @param isProxy whether requests from that address are those of a smart proxy
 */
export function passedOn(routes: readonly Route[], isProxy: (address: string) => boolean): readonly Route[] {
  return routes.map((route) => ({
    ...route,
    handle: async (request, params) => {
      const { headers, remote } = request;
      const address = machineIn(headers);
      if (address === undefined || !isProxy(remote.address)) return route.handle(request, params);
      const machine = { ...request, headers: withMacs(headers), remote: { ...remote, address } };
      return route.handle(machine, params);
    },
  }));
}

/** The last one is the proxy's own word. */
function machineIn({ 'x-forwarded-for': value }: Headers): string | undefined {
  const last = typeof value === 'string' ? value.split(',').at(-1)!.trim() : '';
  const address = unmapIpv4(last);
  return parseIpv4(address) !== undefined || parseIpv6(address) !== undefined ? address : undefined;
}

function withMacs(headers: Headers): Headers {
  const macs = Object.entries(headers).flatMap(([name, value]) => {
    const [, number] = MAC_HEADER.exec(name) ?? [];
    return number === undefined ? [] : [[`x-rhn-provisioning-mac-${number}`, value] as const];
  });
  return macs.length === 0 ? headers : { ...Object.fromEntries(macs), ...headers };
}
