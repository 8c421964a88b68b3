/**
 * Quoting for the programs that read a kernel line. They differ, and quoting meant for one breaks the others:
 * `&` ends a command in GRUB, is an ordinary character in PXELINUX and iPXE, and neither of those knows a
 * backslash.
 */

import type { TemplateKind } from '../inventory/types.ts';

type Quote = (text: string) => string;

/** The kernel takes double quotes around a value with blanks; no reader here looks into them. */
const kernelQuoted: Quote = (text) => {
  if (!/[ \t]/.test(text)) return text;
  const [, name = '', value = ''] = /^([^=\s"]*=)?(.*)$/s.exec(text)!;
  return `${name}"${value.replaceAll('"', '')}"`;
};

/**
 * iPXE splits at blanks and expands `${…}` everywhere; it has no way to escape either, so the brace is parted
 * from its dollar. Variables that a script means to be expanded are not passed through here.
 */
const ipxe: Quote = (text) => kernelQuoted(text.replaceAll('${', '$ {'));

/** GRUB's words end at blanks and at these signs, `$` expands, `#` begins a comment; a backslash takes that away. */
const grub: Quote = (text) => text.replace(/[\\&;|<>{}()$'"#*~ \t]/g, '\\$&');

const QUOTES: Partial<Record<TemplateKind, Quote>> = {
  PXELinux: kernelQuoted,
  iPXE: ipxe,
  PXEGrub2: grub,
};

/** One `name=value` of a kernel line, or a URL, for a template of this kind; other kinds get it as it is. */
export function quoteArgument(kind: TemplateKind, text: string): string {
  const quote = QUOTES[kind];
  return quote === undefined ? text : quote(text.replace(/[\r\n]+/g, ' '));
}
