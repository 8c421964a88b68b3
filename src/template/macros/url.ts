/** Macros that make URLs. */

import { withQuery } from '../../boot/urls.ts';
import type { RenderContext } from '../render-context.ts';
import { wantHash, wantName } from '../ruby/arguments.ts';
import { methods } from '../ruby/core/table.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { type RHash, str, type Value } from '../ruby/values.ts';

function queryOf(hash: RHash, rt: Runtime): Record<string, string> {
  return Object.fromEntries(hash.pairs().map(([key, value]) => [rt.text(key), rt.text(value)]));
}

/** `foreman_url('iPXE', { k: 1 }, { mac: '${net0/mac}' })`; the last hash is appended as it stands. */
function foremanUrl(self: RenderContext, [kind, params, unescaped]: readonly Value[], rt: Runtime): Value {
  const query = params === undefined || params === null ? {} : queryOf(wantHash(params), rt);
  const raw = unescaped === undefined || unescaped === null ? [] : wantHash(unescaped).pairs();
  const appended = raw.map(([key, value]) => `${rt.text(key)}=${rt.text(value)}`).join('&');
  return str(self.url(kind === undefined ? 'provision' : wantName(kind), query, appended));
}

/** Host and port of the address clients reach us at; the port is left out when it is 80. */
function requestAddress(self: RenderContext): string {
  return new URL(self.scope.base).host;
}

export const URL_MACROS = methods<RenderContext>({
  foreman_url: [0, 3, foremanUrl],
  foreman_request_addr: [0, (self) => str(requestAddress(self))],
  foreman_server_url: [0, (self) => str(self.scope.base)],
  foreman_server_fqdn: [0, (self) => str(new URL(self.scope.base).hostname)],
  default_template_url: [
    2,
    (self, [template, hostgroup], rt) => {
      const path = [template!, hostgroup!].map((part) => encodeURIComponent(rt.text(part))).join('/');
      return str(withQuery(`${self.scope.base}/unattended/template/${path}`, {}));
    },
  ],
});
