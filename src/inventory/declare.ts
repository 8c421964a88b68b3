/** From what a user declared to records: defaults filled in, short forms written out, build mode kept. */

import { enterBuild } from './build.ts';
import type { HostDeclaration } from './schema.ts';
import type { Host, Interface, Token } from './types.ts';

/** The short form (`mac`, `ip` on the host) becomes one interface; a lone interface has both roles. */
export function interfacesOf(declaration: HostDeclaration): readonly Interface[] {
  const { mac, ip, ip6 } = declaration;
  const nics: readonly Interface[] =
    declaration.interfaces.length > 0 || (mac ?? ip ?? ip6) === undefined
      ? declaration.interfaces
      : [
          {
            type: 'interface',
            primary: true,
            provision: true,
            managed: true,
            virtual: false,
            ...(mac && { mac }),
            ...(ip && { ip }),
            ...(ip6 && { ip6 }),
          },
        ];
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
  const { mac: _mac, ip: _ip, ip6: _ip6, build, ...fields } = declaration;
  const host = { ...fields, interfaces: interfacesOf(declaration) };
  if (existing !== undefined) return { ...host, ...buildOf(existing) };
  return build ? enterBuild({ ...host, id: 0, build: false }, makeToken(), now) : { ...host, build: false };
}

function buildOf({ build, token, initiated_at, installed_at, build_errors }: Host) {
  return {
    build,
    ...(token && { token }),
    ...(initiated_at !== undefined && { initiated_at }),
    ...(installed_at !== undefined && { installed_at }),
    ...(build_errors !== undefined && { build_errors }),
  };
}
