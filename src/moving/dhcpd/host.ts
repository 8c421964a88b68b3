/** `host` declarations: those of dhcpd.conf, and those that OMAPI clients such as Foreman's leave in dhcpd.leases. */

import { parseIpv4 } from '../../net/ip.ts';
import { formatMac, type Mac } from '../../net/mac.ts';
import { hostName } from '../names.ts';
import type { DraftHost } from '../network/drafts.ts';
import { hexBytes } from '../network/option-value.ts';
import { CODE } from '../network/options.ts';
import type { Place } from '../place.ts';
import type { Report } from '../report.ts';
import { dotted, type OptionNames } from './options.ts';
import type { Statement } from './parser.ts';
import { ownOf } from './scope.ts';

export type HostContext = {
  readonly names: OptionNames;
  readonly report: Report;
};

const CLIENT_ID = 61;
/** ARP hardware type of a client identifier (RFC 2132 §9.14). */
const ETHERNET = 1;

/** Undefined for a host without a MAC address, which is reported. */
export function hostOf(
  statement: Statement,
  group: string | undefined,
  context: HostContext,
): DraftHost | undefined {
  const { place, block = [] } = statement;
  const declared = nameOf(statement);
  const called = `host ${declared}`;
  const { names, report } = context;
  const others = block.filter(({ words }) => !OWN_WORDS.has(words[0]?.text ?? ''));
  const own = ownOf(others, names, report);
  const options = new Map(own.options);
  const clientId = options.get(CLIENT_ID);
  options.delete(CLIENT_ID);
  const macs = hardwareOf(block, called, report);
  if (macs.length === 0) {
    const mac = macOfClientId(clientId?.words, valuesOf(block, 'uid'));
    if (mac !== undefined) macs.push({ mac, place });
  }
  if (macs.length === 0) {
    report.refused(place, called, 'has no Ethernet address: here machines are known by theirs');
    return undefined;
  }
  const addresses = addressesOf(block, called, context);
  if (addresses === undefined) return undefined;
  const said = options.get(CODE.hostName)?.words[0];
  const candidates = [declared, ...(said === undefined ? [] : [said])];
  const ip6 = valuesOf(block, 'fixed-address6')[0];
  return {
    place,
    called,
    names: hostName(declared) === undefined ? candidates.reverse() : candidates,
    macs,
    ips: addresses,
    ...(ip6 && { ip6 }),
    ...(group !== undefined && { group }),
    options,
    ...(own.boot && { boot: own.boot }),
  };
}

/** Statements that only hosts have; `dynamic` and `deleted` are OMAPI's. */
const OWN_WORDS = new Set([
  'hardware',
  'fixed-address',
  'fixed-address6',
  'uid',
  'dynamic',
  'deleted',
  'host-identifier',
]);

export function nameOf({ words }: Statement): string {
  return words
    .slice(1)
    .map(({ text }) => text)
    .join('');
}

/** What OMAPI took away again. */
export function isDeleted({ block = [] }: Statement): boolean {
  return block.some(({ words }) => words[0]?.text === 'deleted');
}

function valuesOf(block: readonly Statement[], word: string): readonly string[] {
  return block
    .filter(({ words }) => words[0]?.text === word)
    .flatMap(({ words }) => words.slice(1))
    .filter(({ kind }) => kind !== 'mark')
    .map(({ text }) => text);
}

type HostMac = { readonly mac: Mac; readonly place: Place };

function hardwareOf(block: readonly Statement[], called: string, report: Report): HostMac[] {
  return block.flatMap(({ words, place }) => {
    const [word, type, ...bytes] = words.map(({ text }) => text);
    if (word !== 'hardware') return [];
    const mac = type === 'ethernet' ? macOf(bytes.join('')) : undefined;
    if (mac === undefined)
      report.human(place, called, `"${[type, ...bytes].join(' ')}" is no Ethernet address, and is left out`);
    return mac === undefined ? [] : [{ mac, place }];
  });
}

/** Leading zeros may be left out: `8:0:2b:4c:39:ad`. */
function macOf(text: string): Mac | undefined {
  const bytes = hexBytes(text);
  return bytes?.length === 6 ? formatMac(Uint8Array.from(bytes)) : undefined;
}

/** Type 1 and the MAC address: what most ROMs send as their client identifier. */
function macOfClientId(option: readonly string[] | undefined, uid: readonly string[]): Mac | undefined {
  const text = uid[0] ?? option?.[0];
  if (text === undefined) return undefined;
  const bytes = hexBytes(text) ?? Array.from(text, (char) => char.charCodeAt(0));
  return bytes.length === 7 && bytes[0] === ETHERNET ? formatMac(Uint8Array.from(bytes.slice(1))) : undefined;
}

/** Undefined when a name stands for no address. */
function addressesOf(
  block: readonly Statement[],
  called: string,
  { report, names }: HostContext,
): readonly string[] | undefined {
  const addresses: string[] = [];
  for (const { words, place } of block) {
    if (words[0]?.text !== 'fixed-address') continue;
    for (const { kind, text } of words.slice(1)) {
      if (kind === 'mark') continue;
      const address = dotted(text);
      const found = parseIpv4(address) === undefined ? names.resolve(text) : [address];
      if (found.length === 0) {
        report.refused(place, called, `the name ${text} has no address in DNS`);
        return undefined;
      }
      addresses.push(...found);
    }
  }
  return addresses;
}
