/**
 * Names under which boot loaders ask for what is rendered for them, by TFTP or HTTP: the one table of them. They
 * are Foreman's (smart-proxy: modules/tftp/server.rb is the behaviour to match) and those that the loaders make up
 * themselves.
 */

import type { TemplateKind } from '../inventory/types.ts';
import { type Mac, parseMac } from '../net/mac.ts';

export type RenderedName = {
  readonly kind: TemplateKind;
  /** The machine that the name is for; without one, it is for whoever asks. */
  readonly mac?: Mac;
  /** What unknown machines get asks on under a name with a MAC, so it is there for all of them. */
  readonly asksOn: boolean;
  /** The script that tries every card, and then asks for the host's. */
  readonly bootstrap: boolean;
};

type Row = {
  readonly kind: TemplateKind;
  /** One group: the MAC. */
  readonly own?: RegExp;
  readonly common: RegExp;
  readonly asksOn?: true;
  readonly bootstrap?: true;
};

/**
 * GRUB looks in the directory that it was built with (`/grub` in Debian's signed GRUB, `/debian-installer/amd64/grub`
 * in that of its installer, `/EFI/fedora` …) or came from, first in the one of its platform, so any directory will do.
 * A GRUB without a configuration built in asks for `grub.cfg-<uuid>`, `grub.cfg-01-<mac>`, `grub.cfg-<address in hex>`,
 * shorter and shorter, and `grub.cfg` (GRUB 2.06: grub-core/net/net.c), Debian's for `grub.cfg` alone.
 */
const ROWS: readonly Row[] = [
  // Newer iPXE for UEFI (seen with 2.0.0) asks for it where it came from, twice and before its own DHCP; it replaces the script that
  // DHCP names.
  { kind: 'iPXE', common: /^(?:.*\/)?autoexec\.ipxe$/, bootstrap: true },
  {
    kind: 'iPXE',
    own: /^pxelinux\.cfg\/01-([0-9a-f-]+)\.ipxe$/i,
    common: /^pxelinux\.cfg\/default\.ipxe$/,
  },
  {
    kind: 'PXELinux',
    own: /^pxelinux\.cfg\/01-([0-9a-f-]+)$/i,
    common: /^pxelinux\.cfg\/default$/,
  },
  {
    kind: 'PXEGrub2',
    own: /^(?:.*\/)?grub\.cfg-(?:01-)?([0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})$/i,
    common: /^(?:.*\/)?grub\.cfg$/,
    asksOn: true,
  },
  {
    kind: 'PXEGrub',
    own: /^grub\/(?:menu\.lst\.01|01-)([0-9a-f-]+)$/i,
    common: /^grub\/(?:menu\.lst|efidefault)$/,
  },
  { kind: 'ZTP', own: /^ztp\.cfg\/([0-9a-f]+)(?:\.cfg)?$/i, common: /^ztp\.cfg$/ },
  { kind: 'POAP', own: /^poap\.cfg\/([0-9a-f]+)$/i, common: /^poap\.cfg$/ },
];

/** Undefined for names of files. */
export function renderedName(name: string): RenderedName | undefined {
  for (const { kind, own, common, asksOn = false, bootstrap = false } of ROWS) {
    const mac = parseMac(own?.exec(name)?.[1] ?? '');
    if (mac !== undefined) return { kind, mac, asksOn, bootstrap };
    if (common.test(name)) return { kind, asksOn, bootstrap };
  }
  return undefined;
}
