/**
 * `/userdata/*`: cloud-init's NoCloud source, as Ubuntu's autoinstall and cloud images ask for it (cloud-init,
 * "NoCloud"; Foreman's `userdata_controller`).
 */

import { createHash } from 'node:crypto';
import type { Identity } from '../boot/identify.ts';
import { ChainbootError } from '../errors.ts';
import { userDataKind } from '../inventory/association.ts';
import type { Site } from '../inventory/site.ts';
import { type Host, primaryInterface, provisionInterface } from '../inventory/types.ts';
import { parseMac } from '../net/mac.ts';
import type { Answer, Route } from './answer.ts';
import { claimsOf } from './claims.ts';
import type { BootRequest } from './request.ts';
import { serve, type UnattendedDeps } from './unattended.ts';

type UserdataDeps = UnattendedDeps & { readonly site: () => Site };
type Handler = (request: BootRequest, deps: UserdataDeps, mac: string | undefined) => Promise<Answer>;

/** What is asked for below `/userdata/` and `/userdata/<mac>/`. */
const FILES: Readonly<Record<string, Handler>> = {
  'user-data': userData,
  'meta-data': async (request, deps, mac) =>
    text(metaData(knownHost(await deps.identifyReporter(withMac(request, mac)), request))),
  // cloud-init asks for it, and for nothing more when it is empty.
  'vendor-data': async () => text(''),
};

export function userdataRoutes(deps: UserdataDeps): readonly Route[] {
  return Object.entries(FILES).flatMap(([file, handler]) =>
    [`/userdata/${file}`, `/userdata/:mac/${file}`].map(
      (pattern): Route => ({
        methods: ['GET', 'HEAD'],
        pattern,
        handle: (request, { mac }) => handler(request, deps, mac),
      }),
    ),
  );
}

async function userData(request: BootRequest, deps: UserdataDeps, mac: string | undefined): Promise<Answer> {
  const claims = withMac(request, mac);
  const identity = await deps.identifyReporter(claims);
  const kind = identity.kind === 'host' ? userDataKind(deps.site(), identity.host) : 'user_data';
  return serve(request, deps, kind, claims, false);
}

function knownHost(identity: Identity, request: BootRequest): Host {
  if (identity.kind === 'host') return identity.host;
  if (identity.kind === 'refused') throw new ChainbootError(identity.code, identity.values);
  throw new ChainbootError('HOST_UNKNOWN', { evidence: request.remote.address });
}

/** Foreman's five lines. cloud-init takes a machine whose `instance-id` changed for a new one. */
function metaData(host: Host): string {
  const nic = primaryInterface(host) ?? provisionInterface(host);
  const id = createHash('sha1').update(String(host.id)).digest('hex').slice(0, 18);
  const lines = [
    `instance-id: i-${id}`,
    `hostname: ${host.name}`,
    nic?.mac && `mac: ${nic.mac}`,
    nic?.ip && `local-ipv4: ${nic.ip}`,
    `local-hostname: ${host.name.split('.')[0]}`,
  ];
  return lines
    .filter((line) => line !== undefined)
    .map((line) => `${line}\n`)
    .join('');
}

function text(content: string): Answer {
  return { kind: 'text', status: 200, text: content };
}

function withMac(request: BootRequest, text: string | undefined) {
  const claims = claimsOf(request);
  const mac = text === undefined ? undefined : parseMac(text);
  return mac === undefined ? claims : { ...claims, macs: [mac, ...claims.macs] };
}
