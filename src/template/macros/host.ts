/** Macros about the host: its parameters, its passwords, its facts, and settings of the server. */

import { READABLE_SETTINGS } from '../../inventory/settings.ts';
import type { Parameters } from '../../inventory/types.ts';
import { fromJson } from '../convert.ts';
import { RubyError } from '../errors.ts';
import { isFalse, isTrue, type RenderContext } from '../render-context.ts';
import { wantName } from '../ruby/arguments.ts';
import { isBlank } from '../ruby/core/kernel.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { describe, RHash, RObject, RString, RSymbol, str, truthy, type Value } from '../ruby/values.ts';
import { macros } from './table.ts';

/** The parameter; a false or missing one is the fallback. */
function parameter(self: RenderContext, name: Value | undefined, fallback: Value | undefined): Value {
  const value = self.parameter(wantName(name));
  return value !== undefined && truthy(value) ? value : (fallback ?? null);
}

/** What Foreman takes for a switch; nil when it is neither on nor off. */
function switched(value: Value): boolean | null {
  return isTrue(value) ? true : isFalse(value) ? false : null;
}

function globalSetting(self: RenderContext, name: string, blank: Value): Value {
  if (!Object.hasOwn(READABLE_SETTINGS, name))
    throw new RubyError(`the setting '${name}' is not readable in templates`);
  const given = self.scope.settings;
  const value = fromJson(Object.hasOwn(given, name) ? given[name] : READABLE_SETTINGS[name]);
  return typeof value !== 'boolean' && isBlank(value) ? blank : value;
}

const OFF: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'off', 'OFF']);

/** ActiveModel's boolean: whatever is not one of a few words for false is true; nothing is neither. */
function railsBoolean(value: Value | undefined): boolean | undefined {
  const text = value instanceof RSymbol ? value.name : value instanceof RString ? value.text : undefined;
  if (value === undefined || value === null || (value instanceof RString && text === '')) return undefined;
  return !(value === false || value === 0 || (text !== undefined && OFF.has(text)));
}

/** A list is joined by commas. */
function textOf(self: RenderContext, name: string, rt: Runtime): string {
  const value = self.parameter(name) ?? null;
  return Array.isArray(value) ? value.map((item) => rt.text(item)).join(',') : rt.text(value);
}

function serialConsole(self: RenderContext, rt: Runtime): string {
  const [port, baud] = [textOf(self, 'console_port', rt), textOf(self, 'console_baud', rt)];
  return port === '' || baud === '' ? '' : `console=ttyS${port},${baud}`;
}

function rootPassword(self: RenderContext): Value {
  const hash = self.host().record.root_pass ?? self.scope.settings.root_pass;
  return typeof hash === 'string' ? str(hash) : null;
}

function grubPassword(self: RenderContext, rt: Runtime): string {
  const encrypt = isTrue(self.parameter('encrypt_grub') ?? false);
  const hash = encrypt ? rt.text(rootPassword(self)) : textOf(self, 'grub_pass', rt);
  if (hash === '') return '';
  return hash.startsWith('$1$') ? `--md5pass=${hash}` : `--iscrypted --password=${hash}`;
}

function enc(self: RenderContext, path: readonly Value[], rt: Runtime): Value {
  const all = RHash.from([[str('parameters'), self.parameters()]]);
  return path
    .filter((step) => step !== null)
    .reduce((found: Value, step) => {
      const next = found instanceof RHash ? found.get(step) : undefined;
      if (next === undefined) throw new RubyError(`'${rt.text(step)}' is not in the host's parameters`);
      return next;
    }, all);
}

/** An attribute of a host that is passed in; nil of nil. */
function ofHost(attribute: string) {
  return (_: RenderContext, [host]: readonly Value[], rt: Runtime): Value =>
    host === null ? null : rt.send(host!, attribute, []);
}

/** The first of these facts that is known. */
function factOf(host: Value, names: readonly string[], rt: Runtime): Value {
  if (host === null) return null;
  const facts = rt.send(host, 'facts', []);
  if (!(facts instanceof RHash)) return null;
  const name = names.find((candidate) => facts.has(str(candidate)));
  return name === undefined ? null : facts.get(str(name))!;
}

function uptime(host: Value, rt: Runtime): Value {
  const seconds = Number.parseFloat(
    rt.text(factOf(host, ['system_uptime::seconds', 'uptime_seconds', 'proc_stat::uptime'], rt)),
  );
  return Number.isFinite(seconds) ? Math.trunc(seconds) : null;
}

/** Parameters of the subnet alone, without what a host inherits from elsewhere. */
function subnetParameters(subnet: Value): Parameters {
  if (!(subnet instanceof RObject) || subnet.className !== 'Subnet')
    throw new RubyError(`a Subnet is needed, not ${describe(subnet)}`);
  return (subnet.data as { readonly parameters: Parameters }).parameters;
}

function subnetParameter(subnet: Value, name: string): Value {
  const parameters = subnetParameters(subnet);
  return Object.hasOwn(parameters, name) ? fromJson(parameters[name]) : null;
}

export const HOST_MACROS = macros({
  host_param: [
    '(name, default = nil)',
    'The parameter as the host inherits it; `default` when it is missing, false or nil.',
    (self, [name, fallback]) => parameter(self, name, fallback),
  ],
  'host_param!': [
    '(name)',
    'The same; an error when it is missing.',
    (self, [name]) => {
      if (self.parameter(wantName(name)) === undefined)
        throw new RubyError(`the parameter '${wantName(name)}' is not set`);
      return parameter(self, name, undefined);
    },
  ],
  'host_param_true?': [
    '(name, default = false)',
    'Whether it is `true`, `t`, `yes`, `y`, `on` or `1`; `default` when it is missing.',
    (self, [name, fallback]) => {
      const value = self.parameter(wantName(name));
      return value === undefined ? (fallback ?? false) : switched(value);
    },
  ],
  'host_param_false?': [
    '(name, default = false)',
    'Whether it is `false`, `f`, `no`, `n`, `off` or `0`; `default` when it is missing.',
    (self, [name, fallback]) => {
      const value = self.parameter(wantName(name));
      return value === undefined ? (fallback ?? false) : switched(value) === false;
    },
  ],
  host_enc: [
    '(*path)',
    "What is at the end of the path: `host_enc('parameters', 'a')`. Only `parameters` are known here.",
    (self, path, rt) => enc(self, path, rt),
  ],
  'subnet_has_param?': [
    '(subnet, name)',
    'Whether the subnet itself has the parameter.',
    (_, [subnet, name]) => Object.hasOwn(subnetParameters(subnet!), wantName(name)),
  ],
  subnet_param: [
    '(subnet, name)',
    'The parameter of the subnet itself, or nil.',
    (_, [subnet, name]) => subnetParameter(subnet!, wantName(name)),
  ],
  'truthy?': [
    '(value = nil)',
    "Rails' idea of true: anything but nil, `''` and `false`, `f`, `off`, `0` (in small or capital letters).",
    (_, [value]) => railsBoolean(value) === true,
  ],
  'falsy?': [
    '(value = nil)',
    'One of those words; nil is not.',
    (_, [value]) => railsBoolean(value) === false,
  ],
  root_pass: [
    '',
    "The crypt hash of root's password: of the host, its hostgroup, or the setting.",
    rootPassword,
  ],
  grub_pass: [
    '',
    "Options for kickstart's `bootloader` line, when the parameter `encrypt_grub` is switched on: with the hash of root's password. The parameter `grub_pass` is a hash of its own; empty without both.",
    (self, _, rt) => str(grubPassword(self, rt)),
  ],
  ks_console: [
    '',
    '`console=ttyS0,115200` from the parameters `console_port` and `console_baud`.',
    (self, _, rt) => str(serialConsole(self, rt)),
  ],
  host_puppet_server: [
    '',
    'The parameter `puppet_server`.',
    (self) => self.parameter('puppet_server') ?? null,
  ],
  host_puppet_ca_server: [
    '',
    'The parameter `puppet_ca_server`.',
    (self) => self.parameter('puppet_ca_server') ?? null,
  ],
  host_puppet_environment: [
    '',
    'The parameter `puppet_environment`.',
    (self) => self.parameter('puppet_environment') ?? null,
  ],
  host_kernel_release: [
    '(host)',
    'From its facts, or nil.',
    (_, [host], rt) => factOf(host!, ['kernelrelease', 'kernel::release', 'uname::release'], rt),
  ],
  host_uptime_seconds: ['(host)', 'From its facts, or nil.', (_, [host], rt) => uptime(host!, rt)],
  host_memory: ['(host)', 'Megabytes, from its facts, or nil.', ofHost('ram')],
  host_sockets: ['(host)', 'From its facts, or nil.', ofHost('sockets')],
  host_cores: ['(host)', 'From its facts, or nil.', ofHost('cores')],
  host_virtual: ['(host)', 'From its facts, or nil.', ofHost('virtual')],
  global_setting: [
    '(name, blank_default = nil)',
    `A setting of Foreman's: ${Object.keys(READABLE_SETTINGS).sort().join(', ')}.`,
    (self, [name, blank]) => globalSetting(self, wantName(name), blank ?? null),
  ],
  'plugin_present?': ['(name)', 'False.', () => false],
  'preview?': [
    '',
    'Whether somebody looks at the template (`template render`) and no machine boots from it.',
    (self) => self.scope.preview === true,
  ],
  previous_revision: ['(record)', 'The record: no history is kept of it.', (_, [record]) => record!],
  foreman_short_version: ['', 'The version of Foreman whose templates are understood.', () => str('3.13')],
  product_short_version: ['', 'The same.', () => str('3.13')],
});
