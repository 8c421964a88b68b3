/**
 * Quoting for the programs that read a kernel line or a URL in a script. They differ, and quoting meant for
 * one breaks the others: `&` ends a command in GRUB, is an ordinary character in PXELINUX and iPXE, and
 * neither of those knows a backslash.
 */

import type { TemplateKind } from '../inventory/types.ts';

type Reader = {
  /** A URL as an argument. */
  readonly url: (url: string) => string;
  /** One `name=value` of a kernel line. */
  readonly argument: (text: string) => string;
};

/** The kernel takes double quotes around a value with blanks; no reader here looks into them. */
function kernelQuoted(text: string): string {
  const line = text.replace(/[\r\n]+/g, ' ');
  if (!/[ \t]/.test(line)) return line;
  const [, name = '', value = ''] = /^([^=\s"]*=)?(.*)$/s.exec(line)!;
  return `${name}"${value.replaceAll('"', '')}"`;
}

function withoutBlanks(url: string): string {
  return url.replace(/\s/g, (blank) => encodeURIComponent(blank));
}

/** PXELINUX hands the rest of an APPEND line to the kernel as it stands. */
const PXELINUX: Reader = { url: withoutBlanks, argument: kernelQuoted };

/**
 * iPXE splits at blanks and expands `${…}` everywhere; it has no way to escape either. In a URL the brace can
 * be percent-encoded. Variables that a script means to be expanded are not passed through here.
 */
const IPXE: Reader = {
  url: (url) => withoutBlanks(url).replaceAll('${', '$%7B'),
  argument: (text) => kernelQuoted(text).replaceAll('${', '$ {'),
};

/** GRUB's words end at blanks and at these signs, and `$` expands; a backslash takes that away. */
function grubEscaped(text: string): string {
  return text.replace(/[\\&;|<>{}()$'"#*?~ \t]/g, (sign) =>
    sign === '?' || sign === '~' ? sign : `\\${sign}`,
  );
}

const GRUB: Reader = {
  url: (url) => grubEscaped(withoutBlanks(url)),
  argument: (text) => grubEscaped(text.replace(/[\r\n]+/g, ' ')),
};

const RAW: Reader = { url: (url) => url, argument: (text) => text };

const READERS: Partial<Record<TemplateKind, Reader>> = {
  PXELinux: PXELINUX,
  iPXE: IPXE,
  PXEGrub2: GRUB,
};

/** A URL for a template of this kind; kinds that no boot loader reads get it as it is. */
export function quoteUrl(kind: TemplateKind, url: string): string {
  return (READERS[kind] ?? RAW).url(url);
}

/** One argument of a kernel line for a template of this kind. */
export function quoteArgument(kind: TemplateKind, text: string): string {
  return (READERS[kind] ?? RAW).argument(text);
}
