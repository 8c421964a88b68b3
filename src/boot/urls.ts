/** Every URL Chainboot hands out is built here; quoting for the program that reads it is in cmdline.ts. */

/** Base of the boot plane as a client on this link reaches it, without trailing slash: `http://192.0.2.1`. */
export type BaseUrl = string;

export function baseUrl(address: string, port: number, scheme: 'http' | 'https' = 'http'): BaseUrl {
  const host = address.includes(':') ? `[${address}]` : address;
  return port === DEFAULT_PORTS[scheme] ? `${scheme}://${host}` : `${scheme}://${host}:${port}`;
}

const DEFAULT_PORTS = { http: 80, https: 443 };

/** Query keys in alphabetical order, as Foreman prints them; empty values are left out. */
export function withQuery(url: string, query: Readonly<Record<string, string | undefined>>): string {
  const entries = Object.entries(query);
  if (entries.length === 0) return url;
  const pairs = entries
    .filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? url : `${url}?${pairs.join('&')}`;
}

/** `/unattended/<kind>`, the entry of every script and answer file. */
export function unattendedUrl(
  base: BaseUrl,
  kind: string,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  return withQuery(`${base}/unattended/${kind}`, query);
}

/** A medium that lies in a directory of ours. */
export function mediumUrl(base: BaseUrl, medium: string): string {
  return `${base}/media/${encodeURIComponent(medium)}`;
}

/** A loader by HTTP (UEFI HTTP boot). */
export function loaderUrl(base: BaseUrl, file: string): string {
  return `${base}/httpboot/${file.split('/').map(encodeURIComponent).join('/')}`;
}
