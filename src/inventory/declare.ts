/** From what a user declared to records: defaults filled in, short forms written out, build mode kept. */

import { enterBuild } from './build.ts';
import { DEFAULT_ARCHITECTURE } from './hostgroup.ts';
import { keepingNumbers } from './interfaces.ts';
import { type HostDeclaration, SHORT_FORM } from './schema.ts';
import type { Host, Interface, Token } from './types.ts';

/** The short form (`mac`, `ip`, `subnet` … on the host) becomes one interface; a lone interface has both roles. */
export function interfacesOf(declaration: HostDeclaration): readonly Interface[] {
  const short = Object.fromEntries(
    SHORT_FORM.flatMap((field) => (declaration[field] === undefined ? [] : [[field, declaration[field]]])),
  );
  const nics: readonly Interface[] =
    declaration.interfaces.length > 0 || Object.keys(short).length === 0
      ? declaration.interfaces
      : [{ type: 'interface', primary: true, provision: true, managed: true, virtual: false, ...short }];
  return withRole(withRole(nics, 'primary'), 'provision');
}

/** Foreman: the first interface has the role that none was given. */
function withRole(nics: readonly Interface[], role: 'primary' | 'provision'): readonly Interface[] {
  if (nics.some((nic) => nic[role])) return nics;
  return nics.map((nic, i) => (i === 0 ? { ...nic, [role]: true } : nic));
}

/**
 * A new host enters build mode when it is declared with `build: true`; one that is known keeps its mode, so
 * that applying the same file twice never reinstalls a machine.
 */
export function declaredHost(
  declaration: HostDeclaration,
  existing: Host | undefined,
  makeToken: () => Token,
  now: number,
): Omit<Host, 'id'> {
  const { build, ...fields } = declaration;
  const host = { ...withArchitecture(withoutShortForm(fields)), interfaces: interfacesOf(declaration) };
  if (existing !== undefined) {
    const interfaces = keepingNumbers(host.interfaces, existing.interfaces);
    return { ...host, interfaces, ...buildOf(existing) };
  }
  if (!build) return { ...host, build: false };
  // The store numbers new records; with an id of their own, all of them would be one.
  const { id: _none, ...entered } = enterBuild({ ...host, id: 0, build: false }, makeToken(), now);
  return entered;
}

type Fields = Omit<HostDeclaration, 'build'>;

function withoutShortForm(fields: Fields): Omit<Fields, (typeof SHORT_FORM)[number]> {
  const {
    mac: _mac,
    ip: _ip,
    ip6: _ip6,
    subnet: _subnet,
    subnet6: _subnet6,
    domain: _domain,
    ...rest
  } = fields;
  return rest;
}

/** A host in a hostgroup may leave it to the group. */
function withArchitecture<T extends Pick<Fields, 'architecture' | 'hostgroup'>>(fields: T): T {
  return fields.hostgroup === undefined
    ? { ...fields, architecture: fields.architecture ?? DEFAULT_ARCHITECTURE }
    : fields;
}

function buildOf({ build, token, initiated_at, installed_at, build_errors, build_end, hold }: Host) {
  return {
    build,
    ...(token && { token }),
    ...(initiated_at !== undefined && { initiated_at }),
    ...(installed_at !== undefined && { installed_at }),
    ...(build_errors !== undefined && { build_errors }),
    ...(build_end && { build_end }),
    ...(hold && { hold }),
  };
}
