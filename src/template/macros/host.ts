/** Macros about the host: its parameters, its password, its medium. */

import type { Parameters } from '../../inventory/types.ts';
import { fromJson } from '../convert.ts';
import { RubyError } from '../errors.ts';
import { mediumProvider, uriOnMedium } from '../objects/system.ts';
import { isFalse, isTrue, type RenderContext } from '../render-context.ts';
import { wantName, wantText } from '../ruby/arguments.ts';
import { dig } from '../ruby/core/array.ts';
import { isBlank } from '../ruby/core/kernel.ts';
import { methods } from '../ruby/core/table.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { RHash, str, truthy, type Value } from '../ruby/values.ts';

/** Settings of Foreman that templates may read, with what they are where nobody has set them. */
const SETTINGS: Parameters = {
  administrator: '',
  safemode_render: true,
  token_duration: 360,
  dns_timeout: null,
  http_proxy: null,
  http_proxy_except_list: [],
  default_pxe_item_global: null,
  default_pxe_item_local: null,
  update_ip_from_built_request: false,
  ignored_interface_identifiers: [],
  manage_puppetca: false,
  proxy_request_timeout: 60,
  puppet_interval: 35,
  outofsync_interval: 30,
  name_generator_type: 'Off',
  email_reply_address: '',
  default_puppet_environment: '',
};

function parameter(self: RenderContext, name: Value | undefined, fallback: Value | undefined): Value {
  const value = self.parameter(wantName(name));
  return value !== undefined && truthy(value) ? value : (fallback ?? value ?? null);
}

function globalSetting(self: RenderContext, name: string, blank: Value | undefined): Value {
  if (!Object.hasOwn(SETTINGS, name))
    throw new RubyError(`the setting '${name}' is not readable in templates`);
  const given = self.scope.settings;
  const value = fromJson(Object.hasOwn(given, name) ? given[name] : SETTINGS[name]);
  return blank !== undefined && isBlank(value) ? blank : value;
}

/** A parameter as text; a list is joined by commas. */
function textOf(self: RenderContext, name: string, rt: Runtime): string {
  const value = self.parameter(name) ?? null;
  return Array.isArray(value) ? value.map((item) => rt.text(item)).join(',') : rt.text(value);
}

/** Parameters that Foreman appends to every kernel line. */
function kernelOptions(self: RenderContext, rt: Runtime): string {
  const blacklist = textOf(self, 'blacklist', rt).replace(/\s/g, '');
  const redhat = self.host().os?.family === 'Redhat';
  const option = redhat && blacklist !== '' ? `modprobe.blacklist=${blacklist}` : '';
  return `${textOf(self, 'kernelcmd', rt)} ${option}`.trim();
}

function serialConsole(self: RenderContext, rt: Runtime): string {
  const [port, baud] = [textOf(self, 'console_port', rt), textOf(self, 'console_baud', rt)];
  return port === '' || baud === '' ? '' : `console=ttyS${port},${baud}`;
}

export const HOST_MACROS = methods<RenderContext>({
  host_param: [1, 2, (self, [name, fallback]) => parameter(self, name, fallback)],
  'host_param!': [
    1,
    (self, [name]) => {
      const value = self.parameter(wantName(name));
      if (value === undefined) throw new RubyError(`the parameter '${wantName(name)}' is not set`);
      return value;
    },
  ],
  'host_param_true?': [
    1,
    2,
    (self, [name, fallback]) => isTrue(self.parameter(wantName(name)) ?? fallback ?? false),
  ],
  'host_param_false?': [
    1,
    2,
    (self, [name, fallback]) => isFalse(self.parameter(wantName(name)) ?? fallback ?? true),
  ],
  host_enc: [
    0,
    Number.POSITIVE_INFINITY,
    (self, path, rt) => {
      const enc = RHash.from([[str('parameters'), self.parameters()]]);
      return path.length === 0 ? enc : dig(enc, path, rt);
    },
  ],
  'truthy?': [1, (_, [value]) => isTrue(value!)],
  'falsy?': [1, (_, [value]) => isFalse(value!)],
  root_pass: [
    0,
    (self) => {
      const hash = self.host().record.root_pass ?? self.scope.settings.root_pass;
      return typeof hash === 'string' ? str(hash) : null;
    },
  ],
  grub_pass: [
    0,
    (self) => {
      const hash = self.parameter('grub_pass') ?? null;
      return str(hash === null ? '' : `--md5pass=${wantText(hash)}`);
    },
  ],
  host_puppet_server: [0, (self) => self.parameter('puppet_server') ?? null],
  host_puppet_ca_server: [0, (self) => self.parameter('puppet_ca_server') ?? null],
  host_puppet_environment: [0, (self) => self.parameter('puppet_environment') ?? null],
  medium_provider: [0, (self) => mediumProvider(self.host())],
  medium_uri: [
    0,
    1,
    (self, [path], rt) => {
      const uri = uriOnMedium(self.host(), rt.text(path ?? null));
      if (uri === undefined) throw new RubyError('the host has no installation medium');
      return str(uri);
    },
  ],
  pxe_kernel_options: [0, 1, (self, _, rt) => str(kernelOptions(self, rt))],
  ks_console: [0, (self, _, rt) => str(serialConsole(self, rt))],
  global_setting: [1, 2, (self, [name, blank]) => globalSetting(self, wantName(name), blank)],
  'plugin_present?': [1, () => false],
  'preview?': [0, () => false],
});
