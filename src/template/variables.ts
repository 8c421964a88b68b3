/** The instance variables Foreman's safe mode gives to a template; any other is nil. */

import { osVersion } from '../inventory/bootfiles.ts';
import { hostObject, installerArch } from './objects.ts';
import type { RenderContext } from './render-context.ts';
import { str, type Value } from './ruby/values.ts';
import type { HostScope } from './scope.ts';

export function standardVariables(context: RenderContext): ReadonlyMap<string, Value> {
  const variables = new Map<string, Value>([
    ['@template_name', str(context.name)],
    ['@provisioning_type', str('host')],
  ]);
  const { host } = context.scope;
  if (host === undefined) return variables;
  variables.set('@host', hostObject({ scope: host, parameters: () => context.parameters() }));
  for (const [name, value] of hostVariables(host)) variables.set(name, value);
  return variables;
}

function hostVariables(host: HostScope): [string, Value][] {
  const { os, medium, bootFiles } = host;
  const variables: [string, Value][] = [['@static', null]];
  if (bootFiles !== undefined) {
    variables.push(['@kernel', str(bootFiles.kernel.tftp)], ['@initrd', str(bootFiles.initrd.tftp)]);
    variables.push(['@kernel_uri', str(bootFiles.kernel.uri)], ['@initrd_uri', str(bootFiles.initrd.uri)]);
  }
  if (os === undefined) return variables;
  variables.push(['@arch', str(installerArch(host))], ['@osver', str(osVersion(os))]);
  variables.push(['@dynamic', /^#Dynamic/.test(host.record.disk ?? host.ptable?.layout ?? '')]);
  if (medium !== undefined) variables.push(...mediumVariables(medium.uri, os.family));
  return variables;
}

/** Kickstart and YaST name the tree in their own syntax; preseed wants server and path apart. */
function mediumVariables(uri: string, family: string): [string, Value][] {
  const [, server = '', path = ''] = /^\w+:\/\/([^/]+)(.*)$/.exec(uri) ?? [];
  if (family === 'Debian') {
    return [
      ['@preseed_server', str(server)],
      ['@preseed_path', str(path)],
      ['@mediapath', str(uri)],
    ];
  }
  const text = family === 'Redhat' ? `url --url ${uri}` : uri;
  return [['@mediapath', str(text)]];
}
