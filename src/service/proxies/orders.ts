/** What is wanted on a smart proxy, as the requests that a Foreman would send for it (foreman-facts §5). */

import { createHash } from 'node:crypto';
import { ChainbootError } from '../../errors.ts';
import { parseMac } from '../../net/mac.ts';
import type { Deployed, Deployments } from '../../store/deployments.ts';
import { type AgentFor, askProxy, type Form, firstLine, type Request } from './client.ts';
import type { Feature, Item, ReservationItem } from './wanted.ts';

export type Target = {
  /** Of the smart proxy. */
  readonly name: string;
  readonly url: string;
  readonly agentFor: AgentFor;
  readonly kept: Deployments;
  readonly now: () => number;
};

export function featureOf(key: string): Feature {
  return key.startsWith('reservation/') ? 'DHCP' : 'TFTP';
}

/** @param text of a configuration or a menu */
export function requestOf(item: Item, text: string): Request & { readonly form: Form } {
  const post = (path: string, form: Form) => ({ method: 'POST', path, form }) as const;
  switch (item.kind) {
    case 'config':
      return post(`/tftp/${item.template}/${item.mac}`, [['pxeconfig', text]]);
    case 'menu':
      return post(`/tftp/${item.template}/create_default`, [['menu', text]]);
    case 'file':
      return post('/tftp/fetch_boot_file', [
        ['prefix', item.prefix],
        ['path', item.url],
      ]);
    case 'reservation':
      return post(`/dhcp/${item.network}`, reservationForm(item));
  }
}

function reservationForm({
  network,
  mac,
  ip,
  name,
  hostname,
  nextServer,
  filename,
  related,
}: ReservationItem): Form {
  return [
    ['hostname', hostname],
    ['mac', mac],
    ['ip', ip],
    ['network', network],
    ['name', name],
    ...related.map((other): [string, string] => ['related_macs[]', other]),
    ...(nextServer === undefined ? [] : [['nextServer', nextServer] as [string, string]]),
    ...(filename === undefined ? [] : [['filename', filename] as [string, string]]),
  ];
}

/** What takes it back; undefined where nothing does: boot files stay, as other hosts may need them, and so do menus. */
export function removalOf(key: string): Request | undefined {
  const [kind, first, second] = key.split('/');
  if (kind === 'config') return { method: 'DELETE', path: `/tftp/${first}/${second}` };
  if (kind === 'reservation') return { method: 'DELETE', path: `/dhcp/${first}/mac/${second}` };
  return undefined;
}

/** Of all that is sent, and of the build it is sent for. */
export function digestOf(item: Item, { path, form }: ReturnType<typeof requestOf>): string {
  const build = item.kind === 'file' ? item.since : 0;
  return createHash('sha256')
    .update(JSON.stringify([path, form, build]))
    .digest('hex')
    .slice(0, 32);
}

/**
 * Sends what is not there yet; answers whether anything was sent. Rejects with PROXY_ORDER_REFUSED, PROXY_RESERVATION_TAKEN, PROXY_UNREACHABLE,
 * PROXY_DISTRUSTED or FILE_UNWRITABLE.
 */
export async function deploy(target: Target, host: number, item: Item, text: string): Promise<boolean> {
  const { kept, now } = target;
  const { key } = item;
  const request = requestOf(item, text);
  const digest = digestOf(item, request);
  const before = kept.get(key);
  if (before?.digest === digest && before.host === host) return false;
  const hostname = item.kind === 'reservation' ? { hostname: item.hostname } : {};
  if (before?.digest !== digest) {
    // Before it goes out: what may be there must not be forgotten.
    await kept.put({ key, host, digest: null, made: before?.made ?? false, ...hostname, at: now() });
    if (item.kind === 'reservation') await reserve(target, item, request, before);
    else await send(target, request);
  }
  await kept.put({ key, host, digest, made: true, ...hostname, at: now() });
  return true;
}

/** Rejects as `deploy` does. */
export async function takeBack(target: Target, { key, made, hostname }: Deployed): Promise<void> {
  const removal = removalOf(key);
  const isOurs = made || hostname === undefined || (await isOf(target, removal!.path, hostname));
  // 404: it is gone already.
  if (removal !== undefined && isOurs) await send(target, removal, [404]);
  await target.kept.remove(key);
}

/** Of a reservation that may never have arrived: whether the one that is there is of that name. */
async function isOf({ url, agentFor }: Target, path: string, hostname: string): Promise<boolean> {
  const { status, text } = await askProxy(url, { path }, agentFor);
  return status === 200 && recordsIn(text).some((record) => record.hostname === hostname);
}

async function send(target: Target, request: Request, fine: readonly number[] = []): Promise<void> {
  const { status, text } = await askProxy(target.url, request, target.agentFor);
  if (status >= 200 && status < 300) return;
  if (!fine.includes(status)) throw refused(target, request, status, text);
}

function refused(
  { name }: Target,
  { method = 'GET', path }: Request,
  status: number,
  text: string,
): ChainbootError {
  const reason = firstLine(text) || 'without a word';
  return new ChainbootError('PROXY_ORDER_REFUSED', {
    proxy: name,
    what: `${method} ${path}`,
    status,
    reason,
  });
}

/** A record is never changed, but taken back and made anew: a smart proxy has no way to change one. */
async function reserve(
  target: Target,
  item: ReservationItem,
  request: Request,
  before: Deployed | undefined,
): Promise<void> {
  const { url, agentFor, kept } = target;
  const removal = removalOf(item.key)!;
  if (before?.made) await send(target, removal, [404]);
  const { status, text } = await askProxy(url, request, agentFor);
  if (status >= 200 && status < 300) return;
  if (status !== 409) throw refused(target, request, status, text);
  const others = await recordsLike(target, item);
  if (others.some((other) => isSame(other, item))) return;
  // It went out before, and whether it arrived was not heard.
  const isEarlier = (other: DhcpRecord) => isSameMachine(other, item) && other.hostname === item.hostname;
  if (before !== undefined && others.length > 0 && others.every(isEarlier)) {
    await send(target, removal, [404]);
    return send(target, request);
  }
  await kept.remove(item.key);
  const other = others.find((record) => !isSameMachine(record, item)) ?? others[0];
  throw new ChainbootError('PROXY_RESERVATION_TAKEN', {
    proxy: target.name,
    other: other === undefined ? firstLine(text) : sentenceOf(other),
    mac: item.mac,
    ip: item.ip,
  });
}

type DhcpRecord = Readonly<
  Partial<Record<'name' | 'ip' | 'mac' | 'hostname' | 'nextServer' | 'filename' | 'type', string>>
>;

/** The reservations that have the MAC or the address. */
async function recordsLike(
  target: Target,
  { network, mac, ip }: ReservationItem,
): Promise<readonly DhcpRecord[]> {
  const found = await Promise.all(
    [`/dhcp/${network}/mac/${mac}`, `/dhcp/${network}/ip/${ip}`].map(async (path) => {
      const { status, text } = await askProxy(target.url, { path }, target.agentFor);
      return status === 200 ? recordsIn(text) : [];
    }),
  );
  return found.flat().filter(({ type }) => type !== 'lease');
}

/** One, or a list; null where an old one has none. */
function recordsIn(text: string): readonly DhcpRecord[] {
  try {
    const found = JSON.parse(text) as unknown;
    return [found].flat().filter((one): one is DhcpRecord => typeof one === 'object' && one !== null);
  } catch {
    return [];
  }
}

function isSameMachine(record: DhcpRecord, { mac, ip }: ReservationItem): boolean {
  return parseMac(record.mac ?? '') === mac && record.ip === ip;
}

/** What a provider cannot keep (libvirt: boot file and next server) is not told, and not missed. */
function isSame(record: DhcpRecord, item: ReservationItem): boolean {
  const fields = ['hostname', 'nextServer', 'filename'] as const;
  return (
    isSameMachine(record, item) &&
    fields.every((field) => record[field] === undefined || record[field] === item[field])
  );
}

function sentenceOf({ name, hostname, mac, ip, filename }: DhcpRecord): string {
  const boots = filename === undefined ? '' : `, which boots ${filename}`;
  return `${name ?? hostname ?? 'one without a name'} (${mac ?? 'no MAC'}, ${ip ?? 'no address'}${boots})`;
}
