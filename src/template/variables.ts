/**
 * The instance variables Foreman's safe mode gives to a template; any other is nil. Which ones are set depends
 * on the installer of the operating system (foreman: Renderer::Scope::Variables::Base is the behaviour to match).
 */

import type { Json } from '../inventory/types.ts';
import { fromJson } from './convert.ts';
import { hostObject, layoutSource } from './objects/host.ts';
import { mediumPath, pxeType } from './objects/system.ts';
import type { RenderContext } from './render-context.ts';
import { RHash, RString, str, sym, type Value } from './ruby/values.ts';
import type { HostScope } from './scope.ts';

type Variables = readonly (readonly [name: string, value: Value])[];

/** Those handed in come first. Most snippets read `@host` alone: the others are worked out when one is asked for. */
export function variablesFor(
  context: RenderContext,
  passed: ReadonlyMap<string, Value>,
): Pick<ReadonlyMap<string, Value>, 'get'> {
  let host: Value | undefined;
  let others: ReadonlyMap<string, Value> | undefined;
  return {
    get: (name) => {
      if (passed.has(name)) return passed.get(name);
      if (name === '@host') return (host ??= hostVariable(context));
      others ??= standardVariables(context);
      return others.get(name);
    },
  };
}

/** `@host`; nil for a machine nobody knows. */
export function hostVariable(context: RenderContext): Value {
  const { host, base } = context.scope;
  if (host === undefined) return null;
  return hostObject(host, {
    base,
    parameters: () => context.parameters(),
    parameter: (name: string) => context.parameter(name),
    renderOwn: (name: string, text: string) => context.renderOwn(name, text),
  });
}

/** All but `@host`. */
export function standardVariables(context: RenderContext): ReadonlyMap<string, Value> {
  const { host, static: fixed = false } = context.scope;
  const variables = new Map<string, Value>([
    ['@template_name', str(context.name)],
    ['@provisioning_type', str('host')],
    ['@static', fixed],
    ['@additional_media', []],
  ]);
  if (host === undefined) return variables;
  if (host.medium !== undefined) variables.set('@additional_media', additionalMedia(context));
  for (const [name, value] of [...installerVariables(host), ...bootVariables(host)])
    variables.set(name, value);
  return variables;
}

const OF_INSTALLER: Readonly<Record<string, (host: HostScope) => Variables>> = {
  kickstart: (host) => [
    ['@dynamic', isDynamic(host)],
    ['@arch', str(host.architecture.name)],
    ['@osver', Number.parseInt(host.os!.major, 10) || 0],
    ...mediaPath(host),
  ],
  preseed: preseedVariables,
  yast: (host) => [['@dynamic', isDynamic(host)], ...mediaPath(host)],
  xenserver: (host) => [...mediaPath(host), ...variable('@xen', host.bootFiles?.others.xen?.tftp)],
  alterator: (host) => [...mediaPath(host), ...variable('@mediaserver', hostOf(mediumPath(host) ?? ''))],
  // Their installers are told everything on the command line.
  waik: () => [],
  fcos: () => [],
  rhcos: () => [],
  jumpstart: () => [],
  nim: () => [],
};

function installerVariables(host: HostScope): Variables {
  const type = host.os && pxeType(host.os);
  return type === undefined ? [] : (OF_INSTALLER[type] ?? mediaPath)(host);
}

function mediaPath(host: HostScope): Variables {
  return variable('@mediapath', mediumPath(host));
}

function variable(name: string, text: string | undefined): Variables {
  return text === undefined ? [] : [[name, str(text)]];
}

/** Whether the disk layout is a script that makes one; nil without any. */
function isDynamic(host: HostScope): Value {
  const source = layoutSource(host);
  return source === undefined ? null : /^#Dynamic/m.test(source.text);
}

function hostOf(url: string): string | undefined {
  return /^\w+:\/\/(?:[^/@]*@)?([^/:]+)/.exec(url)?.[1];
}

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['http', '80'],
  ['https', '443'],
  ['ftp', '21'],
]);

/** debian-installer wants server and path apart; Foreman always names the port, as Ruby's URI does. */
function preseedVariables({ medium }: HostScope): Variables {
  if (medium === undefined) return [];
  const parts = /^(\w+):\/\/(?:[^/@]*@)?([^/]*)(.*)$/.exec(medium.uri);
  const [, scheme = '', server = '', path = ''] = parts ?? [];
  const port = /:\d+$/.test(server) ? undefined : DEFAULT_PORTS.get(scheme);
  return [
    ['@preseed_server', str(port === undefined ? server : `${server}:${port}`)],
    ['@preseed_path', str(path)],
  ];
}

function bootVariables({ os, bootFiles }: HostScope): Variables {
  if (bootFiles === undefined || os === undefined || pxeType(os) === undefined) return [];
  const { kernel, initrd } = bootFiles;
  return [
    ['@kernel', str(kernel.tftp)],
    ['@initrd', str(initrd.tftp)],
    ...variable('@kernel_uri', kernel.uri),
    ...variable('@initrd_uri', initrd.uri),
  ];
}

/** The parameter `additional_media`: a list, or JSON of one; entries without name or url count for nothing. */
function additionalMedia(context: RenderContext): Value[] {
  const { parameters } = context.scope;
  if (!Object.hasOwn(parameters, 'additional_media')) return [];
  const value = context.parameter('additional_media') ?? null;
  const list = value instanceof RString ? parsed(value.text) : value;
  return Array.isArray(list) ? list.flatMap(mediumEntry) : [];
}

function parsed(json: string): Value {
  try {
    return fromJson(JSON.parse(json) as Json);
  } catch {
    return null;
  }
}

/** Templates write both `medium['url']` and `medium[:url]`. */
function mediumEntry(entry: Value): Value[] {
  if (!(entry instanceof RHash)) return [];
  const text = (key: string): string => {
    const value = entry.get(str(key));
    return value instanceof RString ? value.text.trim() : '';
  };
  if (text('name') === '' || text('url') === '') return [];
  const symbols = entry
    .pairs()
    .flatMap(([key, value]): [Value, Value][] => (key instanceof RString ? [[sym(key.text), value]] : []));
  return [RHash.from([...entry.pairs(), ...symbols])];
}
