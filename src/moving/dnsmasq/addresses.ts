/** Where dnsmasq looks up the address of a host that has none in its own line: hosts(5) and host-record. */

import { parseIpv4 } from '../../net/ip.ts';
import type { Files } from '../files.ts';
import { linesOf, type Setting } from './lines.ts';

const ETC_HOSTS = '/etc/hosts';

/** IPv4 address of a name in lower case; the first that is found counts, as in dnsmasq. */
export function addressBook(settings: readonly Setting[], files: Files): ReadonlyMap<string, string> {
  const book = new Map<string, string>();
  const learn = (address: string | undefined, names: readonly string[]) => {
    if (address === undefined || parseIpv4(address) === undefined) return;
    for (const name of names) if (!book.has(name.toLowerCase())) book.set(name.toLowerCase(), address);
  };
  for (const { name, values } of settings)
    if (name === 'host-record')
      learn(
        values.find((value) => parseIpv4(value) !== undefined),
        values.filter((value) => parseIpv4(value) === undefined),
      );
  for (const path of hostsFiles(settings, files)) {
    for (const { text } of linesOf(files.read(path) ?? '', path)) {
      const [address, ...names] = text.split(/\s+/);
      learn(address, names);
    }
  }
  return book;
}

function hostsFiles(settings: readonly Setting[], files: Files): readonly string[] {
  const system = settings.some(({ name }) => name === 'no-hosts') ? [] : [ETC_HOSTS];
  const named = settings.flatMap(({ name, text }) =>
    name === 'addn-hosts' || name === 'hostsdir' ? filesAt(text, files) : [],
  );
  return [...system, ...named];
}

/** A file, or all files of a directory but for those that dnsmasq leaves out: of editors, and half written ones. */
export function filesAt(path: string, files: Files): readonly string[] {
  const names = files.list(path)?.filter((name) => !/^\.|^#.*#$|~$/.test(name));
  return names === undefined ? [path] : names.map((name) => `${path.replace(/\/+$/, '')}/${name}`);
}
