/** What a file name in somebody's DHCP configuration stands for here. */

import type { PxeLoader } from '../inventory/types.ts';

/** By the last part of the path, in lower case; the first that matches. */
const LOADERS: readonly (readonly [pattern: RegExp, loader: PxeLoader])[] = [
  [/^lpxelinux\.0$/, 'PXELinux BIOS HTTP'],
  [/^gpxelinuxk?\.0$/, 'gPXELinux BIOS'],
  [/^pxelinux\.0$/, 'PXELinux BIOS'],
  [/^(pxelinux|syslinux(64)?)\.efi$/, 'PXELinux UEFI'],
  [/^(undionly(-ipxe)?\.(kk?pxe|0)|ipxe\.k?k?pxe|ipxe\.0)$/, 'iPXE Chain BIOS'],
  [/^(ipxe|snponly|snp)([-_](x64|x86_64|aa64|arm64))?\.efi$/, 'iPXE Chain UEFI'],
  [/^shim([a-z0-9]*)\.efi(\.signed)?$/, 'Grub2 UEFI SecureBoot'],
  [/^(grubnet|grub|core)(x64|aa64|ia32)?\.efi(\.signed)?$/, 'Grub2 UEFI'],
  [/^(grub(x64|ia32)\.0|core\.0)$/, 'Grub2 BIOS'],
  [/^grub(x64|ia32)\.elf$/, 'Grub2 ELF'],
];

const OVER_HTTP: Partial<Record<PxeLoader, PxeLoader>> = {
  'Grub2 UEFI': 'Grub2 UEFI HTTP',
  'iPXE Chain UEFI': 'iPXE UEFI HTTP',
};
const OVER_HTTPS: Partial<Record<PxeLoader, PxeLoader>> = {
  'Grub2 UEFI': 'Grub2 UEFI HTTPS',
  'Grub2 UEFI SecureBoot': 'Grub2 UEFI HTTPS SecureBoot',
};

/** `grub2/grubx64.efi` → `Grub2 UEFI`, a URL of it → `Grub2 UEFI HTTP`; undefined for what is nobody's loader. */
export function loaderOf(filename: string): PxeLoader | undefined {
  const path = filename.replace(/\0+$/, '').split(/[?#]/)[0]!;
  const base = path.split('/').at(-1)!.toLowerCase();
  const loader = LOADERS.find(([pattern]) => pattern.test(base))?.[1];
  if (loader === undefined) return undefined;
  // GRUB Legacy was put below grub/ by Foreman.
  if (loader === 'Grub2 UEFI' && /(^|\/)grub\/[^/]+$/.test(path)) return 'Grub UEFI';
  if (/^https:/i.test(path)) return OVER_HTTPS[loader] ?? OVER_HTTP[loader];
  return /^http:/i.test(path) ? OVER_HTTP[loader] : loader;
}
