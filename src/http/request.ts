/** What a machine asks over HTTP, decoded once; handlers never see node:http. */

import type { Requester } from '../boot/files.ts';
import type { ClientCertificate } from './secure.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

/** The program that asks, as far as its User-Agent tells: `iPXE/1.0.0`, `UefiHttpBoot/1.0`, `Syslinux/6.04`. */
export type Agent = 'ipxe' | 'uefi-http' | 'syslinux' | 'other';

/** Header names in lower case, as node:http gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request target (RFC 9112 §3.2) taken apart. */
export type Target = {
  /** Percent-decoded, with leading slash and no empty, `.` or `..` segments: `/media/debian/linux`. */
  readonly path: string;
  /** The parts of the path; one that was written with `%2F` may hold a slash. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
};

export type BootRequest = Target & {
  /** Names this request in answers, error scripts and the log. */
  readonly id: string;
  readonly method: Method;
  readonly headers: Headers;
  readonly remote: Requester;
  readonly agent: Agent;
  /** Where clients are asked for one, see `TlsIdentity.clients`. */
  readonly certificate?: ClientCertificate;
  /** The agent is an iPXE, which never runs the body of an answer that is not 2xx. */
  readonly ifIpxe: boolean;
  /** The URL that brings the same client back here; safe inside an iPXE script. */
  readonly url: string;
  /** The whole body; rejects with REQUEST_TOO_LARGE beyond `limit` bytes, REQUEST_MALFORMED if it is cut. */
  readonly readBody: (limit: number) => Promise<Uint8Array>;
};

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Percent-decodes one segment of latin-1 text (as node:http gives it) into UTF-8; undefined if it is neither. */
function decodeSegment(raw: string): string | undefined {
  if (/^[!-$&-~]*$/.test(raw)) return raw;
  if (/%(?![0-9a-f]{2})/i.test(raw)) return undefined;
  const bytes = Uint8Array.from(raw.match(/%[0-9a-f]{2}|[\s\S]/gi) ?? [], (part) =>
    part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0),
  );
  try {
    const text = UTF8.decode(bytes);
    return hasControl(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** C0 controls and DEL name no file and no host; NUL would cut a name short inside the kernel. */
function hasControl(text: string): boolean {
  return [...text].some((char) => char < ' ' || char === '\x7f');
}

/**
 * Origin form (`/path?query`) or absolute form (`http://host/path`, RFC 9112 §3.2.2). Doubled slashes collapse:
 * iPXE writes `//sub/dir` for a name that began with a slash. Undefined for anything else: bad percent-encoding,
 * not UTF-8, control characters, a `..` between slashes, however they are written.
 */
export function parseTarget(raw: string): Target | undefined {
  const relative = raw.replace(/^https?:\/\/[^/?#]*/i, '');
  const [beforeFragment = ''] = relative.split('#', 1);
  const mark = beforeFragment.indexOf('?');
  const rawPath = mark < 0 ? beforeFragment : beforeFragment.slice(0, mark);
  if (rawPath !== '' ? !rawPath.startsWith('/') : relative === raw) return undefined;
  const segments: string[] = [];
  for (const part of rawPath.split('/')) {
    const segment = decodeSegment(part);
    if (segment === undefined || segment.split('/').includes('..')) return undefined;
    if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const query = new URLSearchParams(mark < 0 ? '' : beforeFragment.slice(mark + 1));
  return { path: `/${segments.join('/')}`, segments, query };
}

function single(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

/**
 * Foreman's Smart Proxy passes the headers of the machine on with underscores (`User_agent`), beside its own
 * User-Agent `Ruby`; an iPXE behind it must still get scripts.
 */
export function agentOf(headers: Headers): Agent {
  for (const text of [single(headers['user-agent']), single(headers.user_agent)]) {
    if (/^[ig]PXE\b/i.test(text)) return 'ipxe';
    if (/^UefiHttpBoot\b/i.test(text)) return 'uefi-http';
    if (/^Syslinux\b/i.test(text)) return 'syslinux';
  }
  return 'other';
}

/**
 * The URL to come back with, from the Host header if it is a plain `name[:port]`, else from our own address.
 * `$` and `{` are encoded, because iPXE would expand `${…}` in it.
 */
export function returnUrl(host: string | undefined, base: string, rawTarget: string): string {
  const named = host !== undefined && /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.test(host);
  const relative = rawTarget.replace(/^https?:\/\/[^/?#]*/i, '');
  const safe = relative.replace(
    /[^A-Za-z0-9\-._~/?:@!&'()*+,;=%]/g,
    (char) => `%${(char.charCodeAt(0) & 255).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return `${named ? `${base.startsWith('https:') ? 'https' : 'http'}://${host}` : base}${safe}`;
}
