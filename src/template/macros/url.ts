/** Macros that make URLs, and quote what is in a boot loader's configuration. */

import { quoteArgument } from '../../boot/cmdline.ts';
import { RubyError } from '../errors.ts';
import type { RenderContext } from '../render-context.ts';
import { wantHash, wantName } from '../ruby/arguments.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { RHash, str, type Value } from '../ruby/values.ts';
import { macros } from './table.ts';

/** CGI.escape: as in a form, a blank is `+`. */
function escaped(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** Rails' to_query: `a[]=1&a[]=2` for lists, `a[k]=v` for hashes, pairs sorted as text. */
function queryText(value: Value, name: string, rt: Runtime): string {
  if (value instanceof RHash) return hashQuery(value, name, rt);
  if (!Array.isArray(value)) return `${escaped(name)}=${escaped(rt.text(value))}`;
  if (value.length === 0) return `${escaped(`${name}[]`)}=`;
  return value.map((item) => queryText(item, `${name}[]`, rt)).join('&');
}

function hashQuery(hash: RHash, name: string, rt: Runtime): string {
  return hash
    .pairs()
    .filter(([, value]) => !isEmpty(value))
    .map(([key, value]) => queryText(value, name === '' ? rt.text(key) : `${name}[${rt.text(key)}]`, rt))
    .sort()
    .join('&');
}

function isEmpty(value: Value): boolean {
  return Array.isArray(value) ? value.length === 0 : value instanceof RHash && value.size === 0;
}

function hashOrNone(value: Value | undefined): RHash {
  return value === undefined || value === null ? new RHash() : wantHash(value);
}

/** The token of the build goes last into the parameters, and nil is no parameter. */
function foremanUrl(self: RenderContext, [kind, given, raw]: readonly Value[], rt: Runtime): Value {
  const token = self.scope.host?.token;
  const params = RHash.from(
    hashOrNone(given)
      .pairs()
      .filter(([key, value]) => value !== null && (token === undefined || rt.text(key) !== 'token')),
  );
  if (token !== undefined) params.set(str('token'), str(token));
  const query = hashQuery(params, '', rt);
  const appended = hashOrNone(raw)
    .pairs()
    .map(([key, value]) => `${rt.text(key)}=${rt.text(value)}`);
  const path = `${self.scope.base}/unattended/${kind === undefined ? 'provision' : wantName(kind)}`;
  const all = [query, ...appended].filter((part) => part !== '').join('&');
  return str(all === '' ? path : `${path}?${all}`);
}

/** Templates and hostgroups are objects in Foreman; their names will do. */
function nameOf(value: Value, attribute: string, rt: Runtime): string {
  return rt.text(rt.respondsTo(value, attribute) ? rt.send(value, attribute, []) : value);
}

function defaultTemplateUrl(self: RenderContext, [template, group]: readonly Value[], rt: Runtime): Value {
  const name = encodeURIComponent(nameOf(template!, 'name', rt));
  const title = nameOf(group!, 'title', rt).split('/').map(encodeURIComponent).join('/');
  return str(`${self.scope.base}/unattended/template/${name}/${title}`);
}

/** The MAC address goes into the query as in a form. */
function chainUrl(self: RenderContext, [mac, kind]: readonly Value[], rt: Runtime): Value {
  const own = self.scope.host?.interfaces.find(({ primary }) => primary)?.mac;
  const url = rt.text(foremanUrl(self, [kind ?? str('iPXE')], rt));
  const address = mac === undefined ? (own ?? '') : rt.text(mac);
  return str(`${url}${url.includes('?') ? '&' : '?'}mac=${escaped(address)}`);
}

function certificates(self: RenderContext, rt: Runtime): string {
  const given = rt.text(self.parameter('server_ca_cert') ?? null);
  if (given !== '') return given;
  if (self.scope.root !== undefined) return self.scope.root;
  throw new RubyError(
    'no certificate authority is known: enable https in the configuration, or put its PEM text into the parameter server_ca_cert',
  );
}

export const URL_MACROS = macros({
  foreman_url: [
    "(kind = 'provision', params = {}, unescaped = {})",
    'URL of a template of this host, with the token of the build; `params` are escaped, `unescaped` are appended as they are. Never quoted for a boot loader: see `loader_quote`.',
    foremanUrl,
  ],
  loader_quote: [
    '(text)',
    'Only in Chainboot: one argument (`name=value`, a URL) quoted for whoever reads this kind of template: backslashes for GRUB in PXEGrub2; PXELinux and iPXE need quotes around blanks at most.',
    (self, [text], rt) => str(quoteArgument(self.scope.kind, rt.text(text!))),
  ],
  foreman_request_addr: [
    '',
    'Host of the address that clients reach Chainboot at, with the port unless it is that of the scheme.',
    (self) => str(new URL(self.scope.base).host),
  ],
  foreman_server_url: [
    '',
    'The address that clients reach Chainboot at, as URL.',
    (self) => str(self.scope.base),
  ],
  foreman_server_fqdn: ['', 'Its host.', (self) => str(new URL(self.scope.base).hostname)],
  foreman_server_ca_cert: [
    '(server_ca_file_enabled: true, ssl_ca_file_enabled: true)',
    'Text of the certificates to trust: the parameter `server_ca_cert`, else the root of our HTTPS; an error without either.',
    (self, _, rt) => str(certificates(self, rt)),
  ],
  bootdisk_chain_url: [
    "(mac = @host.mac, kind = 'iPXE')",
    '`foreman_url(kind)` with `mac=`, for boot disks.',
    chainUrl,
  ],
  default_template_url: [
    '(template, hostgroup)',
    'URL of a provisioning template rendered for a hostgroup; objects, or their name and title.',
    defaultTemplateUrl,
  ],
});
