/** `/metrics` for Prometheus; only for the networks that may read it: counts tell who boots when. */

import { ChainbootError } from '../errors.ts';
import { contains, parseCidr } from '../net/cidr.ts';
import { parseIpv4 } from '../net/ip.ts';
import type { Route } from './answer.ts';

export type MetricsDeps = {
  readonly expose: () => string;
  /** Networks as `192.0.2.0/24`. */
  readonly allow: () => readonly string[];
};

const FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

export function metricsRoutes({ expose, allow }: MetricsDeps): readonly Route[] {
  return [
    {
      methods: ['GET', 'HEAD'],
      pattern: '/metrics',
      handle: async ({ remote: { address } }) => {
        if (!mayRead(allow(), address)) throw new ChainbootError('METRICS_DENIED', { address });
        return { kind: 'text', status: 200, text: expose(), type: FORMAT };
      },
    },
  ];
}

function mayRead(networks: readonly string[], address: string): boolean {
  const ip = parseIpv4(address);
  return ip !== undefined && networks.some((text) => isWithin(text, ip));
}

function isWithin(text: string, ip: number): boolean {
  const network = parseCidr(text);
  return network !== undefined && contains(network, ip);
}
