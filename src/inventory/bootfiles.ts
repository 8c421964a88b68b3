/**
 * Kernel and initrd of each family of operating systems: their names, where they lie on a medium, and the
 * names Foreman gives them below `boot/` on a TFTP server.
 */

import { createHash } from 'node:crypto';
import type { Medium, OperatingSystem } from './types.ts';

export type BootFile = {
  /** `vmlinuz` */
  readonly name: string;
  /** On the medium. */
  readonly uri: string;
  /** Relative to the TFTP root: `boot/debian-mirror-1A2b3C4d5E6f-linux`. */
  readonly tftp: string;
};
export type BootFiles = { readonly kernel: BootFile; readonly initrd: BootFile };

type System = Pick<OperatingSystem, 'name' | 'major' | 'minor' | 'family' | 'release_name'>;

type Layout = { readonly directory: string; readonly kernel: string; readonly initrd: string };

/** Families that call the architectures as Debian does. */
const DEBIAN_ARCHS: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', i686: 'i386' };

export function archName(os: System, architecture: string): string {
  const own = ['Debian', 'Coreos', 'Freebsd'].includes(os.family);
  return own ? (DEBIAN_ARCHS[architecture] ?? architecture) : architecture;
}

/** `9.4`, `12`. */
export function osVersion(os: System): string {
  return os.minor === '' ? os.major : `${os.major}.${os.minor}`;
}

/** Ubuntu has no debian-installer since 20.04.3: its live system is booted from `casper`. */
export function isUbuntuLive(os: System): boolean {
  if (os.name !== 'Ubuntu') return false;
  const [year = 0, month = 0, point = 0] = osVersion(os).split('.').map(Number);
  return year * 10_000 + month * 100 + point >= 20_04_03;
}

function debian(os: System, architecture: string): Layout {
  if (isUbuntuLive(os)) return { directory: 'casper', kernel: 'vmlinuz', initrd: 'initrd' };
  const arch = archName(os, architecture);
  const distribution = os.name === 'Ubuntu' ? 'ubuntu' : 'debian';
  // Focal moved the old installer aside before dropping it.
  const images = os.name === 'Ubuntu' && osVersion(os).startsWith('20.') ? 'legacy-images' : 'images';
  return {
    directory: `dists/${os.release_name ?? ''}/main/installer-${arch}/current/${images}/netboot/${distribution}-installer/${arch}`,
    kernel: 'linux',
    initrd: 'initrd.gz',
  };
}

function redhat(_os: System, architecture: string): Layout {
  if (architecture.startsWith('s390'))
    return { directory: 'images', kernel: 'kernel.img', initrd: 'initrd.img' };
  const directory = architecture.startsWith('ppc64') ? 'ppc/ppc64' : 'images/pxeboot';
  return { directory, kernel: 'vmlinuz', initrd: 'initrd.img' };
}

const LAYOUTS: Partial<Record<System['family'], (os: System, architecture: string) => Layout>> = {
  Debian: debian,
  Redhat: redhat,
  Suse: (_os, architecture) => ({
    directory: `boot/${architecture}/loader`,
    kernel: 'linux',
    initrd: 'initrd',
  }),
  Coreos: (os, architecture) => ({
    directory: `${archName(os, architecture)}-usr/${os.major === '0' ? 'current' : osVersion(os)}`,
    kernel: `${os.name.toLowerCase()}_production_pxe.vmlinuz`,
    initrd: `${os.name.toLowerCase()}_production_pxe_image.cpio.gz`,
  }),
  Archlinux: (_os, architecture) => ({
    directory: `arch/boot/${architecture}`,
    kernel: 'vmlinuz-linux',
    initrd: 'initramfs-linux.img',
  }),
  Altlinux: () => ({ directory: 'syslinux/alt0', kernel: 'vmlinuz', initrd: 'full.cz' }),
};

/** Fills Foreman's `$arch $major $minor $version $release`; `$minor` of a release without one is empty. */
export function fillPath(path: string, os: System, architecture: string): string {
  return path
    .replaceAll('$arch', archName(os, architecture))
    .replaceAll('$major', os.major)
    .replaceAll('$minor', os.minor)
    .replaceAll('$version', osVersion(os))
    .replaceAll('$release', os.release_name ?? '');
}

/**
 * The URL of a medium for an operating system, without trailing slash. `served` is where Chainboot itself
 * serves the medium when its path is a directory.
 */
export function mediumUri(
  medium: Pick<Medium, 'path'>,
  os: System,
  architecture: string,
  served: string,
): string {
  const url = medium.path.startsWith('/') ? served : fillPath(medium.path, os, architecture);
  return url.replace(/\/+$/, '');
}

/** Rails' parameterize: `CentOS mirror` → `centos-mirror`. */
function slug(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** Foreman's `unique_id` of a medium: characters 2 to 13 of the URL-safe base64 SHA-1, without `-` and `_`. */
function mediumId(url: string): string {
  return createHash('sha1').update(url).digest('base64url').replace(/[-_]/g, '').slice(1, 13);
}

/** Undefined for families whose installers are not a kernel and an initrd. `uri` is `mediumUri`'s. */
export function bootFiles(
  os: System,
  medium: Pick<Medium, 'name'>,
  architecture: string,
  uri: string,
): BootFiles | undefined {
  const layout = LAYOUTS[os.family]?.(os, architecture);
  if (layout === undefined) return undefined;
  const directory = `${uri}/${layout.directory}`;
  const prefix = `boot/${slug(medium.name)}-${mediumId(`${directory}${os.major}${os.minor}`)}`;
  const file = (name: string): BootFile => ({
    name,
    uri: `${directory}/${name}`,
    tftp: `${prefix}-${name}`,
  });
  return { kernel: file(layout.kernel), initrd: file(layout.initrd) };
}
