/** Macros about the installation medium and the kernel that is booted from it. */

import { RubyError } from '../errors.ts';
import { mediumProvider, uriOnMedium } from '../objects/system.ts';
import type { RenderContext } from '../render-context.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { RHash, str, type Value } from '../ruby/values.ts';
import { macros } from './table.ts';

function mediumUri(self: RenderContext, path: Value | undefined, rt: Runtime): Value {
  const uri = uriOnMedium(self.host(), rt.text(path ?? null));
  if (uri === undefined) throw new RubyError('the host has no installation medium');
  return str(uri);
}

/** The parameters `kernelcmd` and, for the Red Hat family, `blacklist`; a list is joined by commas. */
function kernelOptions(self: RenderContext, given: Value | undefined, rt: Runtime): string {
  const text = (name: string): string => {
    const value = given instanceof RHash ? given.get(str(name)) : self.parameter(name);
    return Array.isArray(value) ? value.map((item) => rt.text(item)).join(',') : rt.text(value ?? null);
  };
  const blacklist = text('blacklist').replace(/\s/g, '');
  const redhat = self.host().os?.family === 'Redhat';
  const option = redhat && blacklist !== '' ? `modprobe.blacklist=${blacklist}` : '';
  return `${text('kernelcmd')} ${option}`.trim();
}

export const MEDIUM_MACROS = macros({
  medium_provider: [
    '',
    'What `boot_files_uri` and its like want as argument.',
    (self) => mediumProvider(self.host()),
  ],
  medium_uri: [
    "(path = '')",
    'URL of the medium, with its variables filled in, or of something below it.',
    (self, [path], rt) => mediumUri(self, path, rt),
  ],
  media_path: ['', 'The same as `medium_uri`.', (self, _, rt) => mediumUri(self, undefined, rt)],
  pxe_kernel_options: [
    '(params = nil)',
    'The parameter `kernelcmd`, and for the Red Hat family `modprobe.blacklist=` of the parameter `blacklist`; of the hash when one is given.',
    (self, [given], rt) => str(kernelOptions(self, given, rt)),
  ],
});
