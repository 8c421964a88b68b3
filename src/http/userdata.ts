/** `/userdata/*`: cloud-init's NoCloud source, as Ubuntu's autoinstall and cloud images ask for it. */

import { ChainbootError } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import { parseMac } from '../net/mac.ts';
import type { Route } from './answer.ts';
import { claimsOf } from './claims.ts';
import type { BootRequest } from './request.ts';
import { serve, type UnattendedDeps } from './unattended.ts';

export function userdataRoutes(deps: UnattendedDeps & { readonly site: () => Site }): readonly Route[] {
  const userData = (request: BootRequest, mac?: string) =>
    serve(request, deps, 'user_data', withMac(request, mac), false);
  const metaData = async (request: BootRequest, mac?: string) => {
    const identity = await deps.identifyReporter(withMac(request, mac));
    if (identity.kind !== 'host')
      throw new ChainbootError('HOST_UNKNOWN', { evidence: request.remote.address });
    const { name, id } = identity.host;
    return {
      kind: 'text',
      status: 200,
      text: `instance-id: i-${id}\nlocal-hostname: ${name.split('.')[0]}\n`,
    } as const;
  };
  return [
    { methods: ['GET', 'HEAD'], pattern: '/userdata/user-data', handle: (request) => userData(request) },
    { methods: ['GET', 'HEAD'], pattern: '/userdata/meta-data', handle: (request) => metaData(request) },
    {
      methods: ['GET', 'HEAD'],
      pattern: '/userdata/:mac/user-data',
      handle: (request, { mac }) => userData(request, mac),
    },
    {
      methods: ['GET', 'HEAD'],
      pattern: '/userdata/:mac/meta-data',
      handle: (request, { mac }) => metaData(request, mac),
    },
  ];
}

function withMac(request: BootRequest, text: string | undefined) {
  const claims = claimsOf(request);
  const mac = text === undefined ? undefined : parseMac(text);
  return mac === undefined ? claims : { ...claims, macs: [mac, ...claims.macs] };
}
