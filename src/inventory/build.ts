/** Build mode: entering it, leaving it, and how a token ages. Pure; clock and token are given. */

import type { Build, Host, Token } from './types.ts';

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

/** A fresh token; earlier errors are forgotten, and so is a hold. */
export function enterBuild(host: Host, token: Token, now: number): Host {
  return withBuild(host, { ...times(host), build: true, token, initiated_at: now });
}

/** The installer reported success. */
export function built(host: Host, now: number): Host {
  return withBuild(host, { ...times(host), build: false, installed_at: now });
}

/** The installer reported failure; `log` is what it sent. */
export function failed(host: Host, log: string): Host {
  return withBuild(host, { ...times(host), build: false, build_errors: log });
}

/** The administrator took it back: no installation took place. */
export function cancelBuild(host: Host): Host {
  return withBuild(host, { ...times(host), build: false });
}

/** Foreman's build status labels. */
export type BuildStatus = 'Installed' | 'Pending installation' | 'Token expired' | 'Installation error';

export function buildStatus(host: Host, now: number): BuildStatus {
  if (host.build && host.token !== undefined && isExpired(host.token, now)) return 'Token expired';
  if (host.build) return 'Pending installation';
  return host.build_errors === undefined ? 'Installed' : 'Installation error';
}
