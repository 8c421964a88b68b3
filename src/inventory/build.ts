/** Build mode: entering it, leaving it, and how a token ages. Pure; clock and token are given. */

import type { Build, BuildEnd, Host, Token } from './types.ts';

/** Foreman's default `token_duration`, in minutes; 0 makes tokens that do not expire. */
export const TOKEN_DURATION_MINUTES = 360;

export function makeToken(value: string, now: number, durationMinutes: number): Token {
  return durationMinutes === 0 ? { value } : { value, expires_at: now + durationMinutes * 60_000 };
}

export function isExpired(token: Token, now: number): boolean {
  return token.expires_at !== undefined && token.expires_at <= now;
}

function withBuild(host: Host, build: Build): Host {
  const {
    build: _build,
    token: _token,
    initiated_at: _at,
    installed_at: _done,
    build_errors: _errors,
    build_end: _end,
    hold: _hold,
    ...rest
  } = host;
  return { ...rest, ...build };
}

function times(host: Host): Pick<Build, 'initiated_at' | 'installed_at'> {
  return {
    ...(host.initiated_at === undefined ? {} : { initiated_at: host.initiated_at }),
    ...(host.installed_at === undefined ? {} : { installed_at: host.installed_at }),
  };
}

/** Who ended a build: a login, or the address of a machine. */
export type By = string | undefined;

function ended(how: BuildEnd['how'], at: number, by: By): { readonly build_end: BuildEnd } {
  return { build_end: { how, at, ...(by !== undefined && { by }) } };
}

/** A fresh token; earlier errors are forgotten, and so is a hold. */
export function enterBuild(host: Host, token: Token, now: number): Host {
  return withBuild(host, { ...times(host), build: true, token, initiated_at: now });
}

/** The installer reported success. */
export function built(host: Host, now: number, by?: By): Host {
  return withBuild(host, { ...times(host), build: false, installed_at: now, ...ended('built', now, by) });
}

/** The installer reported failure; `log` is what it sent. */
export function failed(host: Host, log: string, now: number, by?: By): Host {
  return withBuild(host, {
    ...times(host),
    build: false,
    build_errors: log,
    ...ended('failed', now, by),
  });
}

/** The administrator took it back: no installation took place. The very host that is not in build mode. */
export function cancelBuild(host: Host, now: number, by?: By): Host {
  if (!host.build) return host;
  return withBuild(host, { ...times(host), build: false, ...ended('cancelled', now, by) });
}

/** The token ran out at the time it carries. The host stays in build mode, as in Foreman, and boots no installer. */
export function expired(host: Host): Host {
  return { ...host, ...ended('expired', host.token?.expires_at ?? 0, undefined) };
}

/** When its token will run out or has run out, as long as that is not recorded. */
export function expiryAhead({ build, token, build_end }: Host): number | undefined {
  return build && build_end === undefined ? token?.expires_at : undefined;
}

/** Its token has run out, and that is not recorded yet. */
export function justExpired(host: Host, now: number): boolean {
  const expires = expiryAhead(host);
  return expires !== undefined && expires <= now;
}
