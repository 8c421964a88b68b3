/** Names and addresses. Templates do no I/O, so they are those of the inventory, not of the DNS. */

import { RubyError } from '../errors.ts';
import type { RenderContext } from '../render-context.ts';
import { wantText } from '../ruby/arguments.ts';
import { RHash, RString, str } from '../ruby/values.ts';
import { macros } from './table.ts';

type Name = { readonly name: string; readonly address: string };

/** The host's own names, and what the parameter `dns_names` (a hash of name to address) declares. */
function namesOf(self: RenderContext): readonly Name[] {
  const { host } = self.scope;
  const own = (host?.interfaces ?? []).flatMap((nic) => {
    const name = nic.name ?? (nic.primary ? host?.record.name : undefined);
    const addresses = [nic.ip, nic.ip6].filter((address) => address !== undefined);
    return name === undefined ? [] : addresses.map((address) => ({ name, address }));
  });
  const declared = self.parameter('dns_names');
  if (!(declared instanceof RHash)) return own;
  const given = declared.pairs().flatMap(([name, address]) => {
    return name instanceof RString && address instanceof RString
      ? [{ name: name.text, address: address.text }]
      : [];
  });
  return [...own, ...given];
}

function lookUp(self: RenderContext, asked: string): string {
  const wanted = asked.toLowerCase().replace(/\.$/, '');
  for (const { name, address } of namesOf(self)) {
    if (address.toLowerCase() === wanted) return name;
    if (name.toLowerCase() === wanted) return address;
  }
  throw new RubyError(
    `dns_lookup knows the names of the host and those in its parameter dns_names, not '${asked}': templates cannot ask the DNS`,
  );
}

export const LOOKUP_MACROS = macros({
  dns_lookup: [
    '(name_or_address)',
    'Address of a name, or name of an address: of the host, or from the hash in its parameter `dns_names`. Templates do not ask the DNS; anything else is an error.',
    (self, [asked]) => str(lookUp(self, wantText(asked))),
  ],
});
