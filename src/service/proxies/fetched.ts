/**
 * Whether a smart proxy has fetched a boot file. It answers the order at once, fetches in the background onto the final name,
 * and tells nobody when that fails (foreman-facts §4.2); but where it serves HTTP boot, of the same directory, the file can be
 * looked at there.
 */

import type { ProxyFacts } from '../../store/deployments.ts';
import { type AgentFor, askProxy } from './client.ts';
import type { BootKind, ConfigItem, FileItem } from './wanted.ts';

/** A firewall may let nothing but orders through. A proxy of another server of ours waits 20 s for a file on its way. */
const TIMEOUT_MS = 25_000;

/** `unknown`: it cannot be looked at. Lengths in bytes; `of` where its origin tells. */
export type Fetched = 'there' | 'unknown' | { readonly has: number; readonly of: number | undefined };

export type Looking = {
  readonly facts: ProxyFacts | undefined;
  readonly agentFor: AgentFor;
  /** Length of a file at its origin; undefined where that does not tell. Never rejects. */
  readonly sizeOf: (url: string) => Promise<number | undefined>;
};

/**
 * @param config of the host, which is there: if it is not to be seen either, HTTP boot serves another directory
 * Rejects with PROXY_UNREACHABLE or PROXY_DISTRUSTED.
 */
export async function fetched(
  { facts, agentFor, sizeOf }: Looking,
  item: FileItem,
  config: ConfigItem | undefined,
): Promise<Fetched> {
  if (facts === undefined || !facts.features.includes('HTTPBoot') || config === undefined) return 'unknown';
  const base = httpBoot(facts);
  const found = await lengthAt(base, item.name, agentFor);
  if (found === undefined) return 'unknown';
  const size = await sizeOf(item.url);
  if (found > 0 && (size === undefined || size === found)) return 'there';
  if (found === 0 && ((await lengthAt(base, nameOf(config), agentFor)) ?? 0) === 0) return 'unknown';
  return { has: found, of: size };
}

/** Over plain HTTP where that is offered, which is how machines get it. */
function httpBoot({ url, httpPort }: ProxyFacts): string {
  return httpPort === undefined ? url : `http://${new URL(url).hostname}:${httpPort}`;
}

/** 0: it is not there; undefined: that is not told. */
async function lengthAt(base: string, name: string, agentFor: AgentFor): Promise<number | undefined> {
  const path = `/httpboot/${name.split('/').map(encodeURIComponent).join('/')}`;
  const { status, headers } = await askProxy(base, { method: 'HEAD', path }, agentFor, TIMEOUT_MS);
  if (status === 404) return 0;
  const length = Number(headers['content-length'] ?? Number.NaN);
  return status === 200 && Number.isSafeInteger(length) ? length : undefined;
}

/** Where a smart proxy keeps the configuration of a machine. */
function nameOf({ template, mac }: ConfigItem): string {
  const dashed = mac.replaceAll(':', '-');
  const names: Readonly<Record<BootKind, string>> = {
    PXELinux: `pxelinux.cfg/01-${dashed}`,
    PXEGrub: `grub/01-${dashed.toUpperCase()}`,
    PXEGrub2: `grub2/grub.cfg-01-${dashed}`,
    iPXE: `pxelinux.cfg/01-${dashed}.ipxe`,
  };
  return names[template];
}
