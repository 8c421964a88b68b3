/**
 * Kernel and initrd of each family of operating systems: their names, where they lie on a medium, and the
 * names Foreman gives them below `boot/` on a TFTP server.
 */

import { createHash } from 'node:crypto';
import { type Medium, type OperatingSystem, type OsFamily, osTitle } from './types.ts';

export type BootFile = {
  /** `vmlinuz` */
  readonly name: string;
  /** On the medium; families whose boot files somebody has to put there by hand have none. */
  readonly uri?: string;
  /** Relative to the TFTP root: `boot/debian-mirror-1A2b3C4d5E6f-linux`. */
  readonly tftp: string;
};
export type BootFiles = {
  readonly kernel: BootFile;
  readonly initrd: BootFile;
  /** What the family needs besides, by Foreman's names: `xen`, `bcd`, `bootsdi`, `bootwim` … */
  readonly others: Readonly<Record<string, BootFile>>;
};

type System = Pick<OperatingSystem, 'name' | 'major' | 'minor' | 'family' | 'release_name'>;

/** Paths on the medium, `others` by role. */
type Layout = {
  readonly directory: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly others?: Readonly<Record<string, string>>;
};

const DEBIAN_ARCHS: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', i686: 'i386' };

/** Families that call the architectures as Debian does. */
const DEBIAN_NAMES: readonly OsFamily[] = ['Debian', 'Coreos', 'Freebsd', 'Talos'];

/** The architecture as the installer of the operating system calls it. */
export function archName(os: System, architecture: string): string {
  return DEBIAN_NAMES.includes(os.family) ? (DEBIAN_ARCHS[architecture] ?? architecture) : architecture;
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

function debian(os: System, arch: string): Layout {
  if (isUbuntuLive(os)) return { directory: 'casper', kernel: 'vmlinuz', initrd: 'initrd' };
  const distribution = os.name === 'Ubuntu' ? 'ubuntu' : 'debian';
  // Focal moved the old installer aside before dropping it.
  const images = os.name === 'Ubuntu' && osVersion(os).startsWith('20.') ? 'legacy-images' : 'images';
  return {
    directory: `dists/${os.release_name ?? ''}/main/installer-${arch}/current/${images}/netboot/${distribution}-installer/${arch}`,
    kernel: 'linux',
    initrd: 'initrd.gz',
  };
}

function redhat(_os: System, arch: string): Layout {
  if (/^s390/i.test(arch)) return { directory: 'images', kernel: 'kernel.img', initrd: 'initrd.img' };
  const directory = arch.startsWith('ppc64') ? 'ppc/ppc64' : 'images/pxeboot';
  return { directory, kernel: 'vmlinuz', initrd: 'initrd.img' };
}

function flatcar(os: System, arch: string): Layout {
  const product = /flatcar/i.test(os.name) ? 'flatcar' : 'coreos';
  return {
    directory: `${arch}-usr/${os.major === '0' ? 'current' : osVersion(os)}`,
    kernel: `${product}_production_pxe.vmlinuz`,
    initrd: `${product}_production_pxe_image.cpio.gz`,
  };
}

/** Fedora CoreOS: major 42, minor 20250914.3.0, release name the stream. Its kernel got a dot in its name with 42. */
function fedoraCoreos(os: System, arch: string): Layout {
  const build = `${os.major}.${os.minor}`;
  return {
    directory: `prod/streams/${os.release_name ?? ''}/builds/${build}/${arch}`,
    kernel: `fedora-coreos-${build}-live-kernel${Number(os.major) >= 42 ? '.' : '-'}${arch}`,
    initrd: `fedora-coreos-${build}-live-initramfs.${arch}.img`,
    others: { rootfs: `fedora-coreos-${build}-live-rootfs.${arch}.img` },
  };
}

/** OpenShift: major 4, minor 20, release name the patch level. Its kernel got a dot in its name with 4.19. */
function redhatCoreos(os: System, arch: string): Layout {
  const version = `${os.major}.${os.minor}`;
  const dotted = Number(os.major) > 4 || Number(os.minor) >= 19;
  return {
    directory: `pub/openshift-v${os.major}/${arch}/dependencies/rhcos/${version}/${version}.${os.release_name ?? ''}`,
    kernel: `rhcos-live-kernel${dotted ? '.' : '-'}${arch}`,
    initrd: `rhcos-live-initramfs.${arch}.img`,
    others: { rootfs: `rhcos-live-rootfs.${arch}.img` },
  };
}

const LAYOUTS: Partial<Record<OsFamily, (os: System, arch: string) => Layout>> = {
  Debian: debian,
  Redhat: redhat,
  Suse: (_os, arch) => ({ directory: `boot/${arch}/loader`, kernel: 'linux', initrd: 'initrd' }),
  Coreos: flatcar,
  Fcos: fedoraCoreos,
  Rhcos: redhatCoreos,
  // Talos calls them so in its releases.
  Talos: (_os, arch) => ({ directory: '', kernel: `vmlinuz-${arch}`, initrd: `initramfs-${arch}.xz` }),
  Windows: () => ({
    directory: '',
    kernel: 'wimboot',
    initrd: 'bootmgr',
    others: { bcd: 'boot/bcd', bootsdi: 'boot/boot.sdi', bootwim: 'sources/boot.wim' },
  }),
  Xenserver: () => ({
    directory: '',
    kernel: 'boot/vmlinuz',
    initrd: 'install.img',
    others: { xen: 'boot/xen.gz', mboot: 'boot/pxelinux/mboot.c32' },
  }),
  Archlinux: (_os, arch) => ({
    directory: `arch/boot/${arch}`,
    kernel: 'vmlinuz-linux',
    initrd: 'initramfs-linux.img',
  }),
  Altlinux: () => ({ directory: 'syslinux/alt0', kernel: 'vmlinuz', initrd: 'full.cz' }),
  Rancheros: () => ({ directory: '', kernel: 'vmlinuz', initrd: 'initrd' }),
  Solaris: (os) => ({
    directory: `Solaris_${os.minor}/Tools/Boot`,
    kernel: 'multiboot',
    initrd: 'x86.miniroot',
  }),
  AIX: (_os, arch) => ({ directory: `boot/${arch}/loader`, kernel: 'powerpc', initrd: 'initrd' }),
};

/** What the administrator has put into the TFTP root by hand; there is nothing to fetch from the medium. */
const PLACED: Partial<
  Record<OsFamily, (os: System, arch: string) => readonly [kernel: string, initrd: string]>
> = {
  Freebsd: (os, arch) => ['memdisk', `boot/FreeBSD-${arch}-${osVersion(os)}-mfs.img`],
  Junos: () => ['memdisk', 'none'],
  NXOS: () => ['none', 'none'],
};

/** Fills Foreman's `$arch $major $minor $version $release`; `$minor` of a release without one is empty. */
export function fillPath(path: string, os: System, architecture: string): string {
  return path
    .replaceAll('$arch', architecture)
    .replaceAll('$major', os.major)
    .replaceAll('$minor', os.minor)
    .replaceAll('$version', osVersion(os))
    .replaceAll('$release', os.release_name ?? '');
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: ':80', https: ':443', ftp: ':21' };

/** As Ruby's `URI#normalize` writes it: scheme and host in lower case, no default port, a path of at least `/`. */
export function normalUrl(url: string): string {
  const [whole, scheme = '', user = '', host = '', rest = ''] =
    /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*@)?([^/?#]*)(.*)$/i.exec(url) ?? [];
  if (whole === undefined) return url;
  const port = DEFAULT_PORTS[scheme.toLowerCase()];
  const place = port !== undefined && host.endsWith(port) ? host.slice(0, -port.length) : host;
  const path = rest === '' || /^[?#]/.test(rest) ? `/${rest}` : rest;
  return `${scheme.toLowerCase()}://${user}${place.toLowerCase()}${path}`;
}

/**
 * The URL of a medium for an operating system, or of something below it. `served` is where Chainboot itself
 * serves the medium when its path is a directory. Variables count in both, and no slash of either is dropped:
 * Foreman puts one between them whatever stands there.
 */
export function mediumUri(
  medium: Pick<Medium, 'path'>,
  os: System,
  architecture: string,
  served: string,
  below = '',
): string {
  const base = medium.path.startsWith('/') ? served : fillPath(medium.path, os, architecture);
  return normalUrl(below === '' ? base : `${base}/${fillPath(below, os, architecture)}`);
}

/** Rails' parameterize: `CentOS mirror` → `centos-mirror`. */
export function slug(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** Foreman's `unique_id` of a medium: characters 2 to 13 of the URL-safe base64 SHA-1, without `-` and `_`. */
function mediumId(url: string): string {
  return createHash('sha1').update(url).digest('base64url').replace(/[-_]/g, '').slice(1, 13);
}

/** Undefined for families whose installers are not a kernel and an initrd. For `served` see `mediumUri`. */
export function bootFiles(
  os: System,
  medium: Pick<Medium, 'name' | 'path'>,
  architecture: string,
  served: string,
): BootFiles | undefined {
  const placed = PLACED[os.family]?.(os, archName(os, architecture));
  if (placed !== undefined) return placedFiles(placed);
  const makeLayout = LAYOUTS[os.family];
  if (makeLayout === undefined) return undefined;
  const arch = archName(os, architecture);
  const layout = makeLayout(os, arch);
  // The identifier is made of the address with Foreman's own name of the architecture in it.
  const plain = mediumUri(medium, os, architecture, served, makeLayout(os, architecture).directory);
  const id = `${slug(medium.name)}-${mediumId(`${plain}${os.major}${os.minor}`)}`;
  const prefix = tftpPrefix(os, architecture, id);
  const file = (path: string): BootFile => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const below = layout.directory === '' ? path : `${layout.directory}/${path}`;
    return { name, uri: mediumUri(medium, os, arch, served, below), tftp: `${prefix}${name}` };
  };
  const others = Object.entries(layout.others ?? {}).map(([role, path]) => [role, file(path)]);
  return { kernel: file(layout.kernel), initrd: file(layout.initrd), others: Object.fromEntries(others) };
}

function tftpPrefix(os: System, architecture: string, id: string): string {
  if (os.family === 'Windows') return `boot/windows-${architecture}-${id}/`.replaceAll(' ', '-');
  if (os.family === 'Solaris')
    return `boot/${osTitle(os)
      .replace(/[\s()]/g, '-')
      .replaceAll('--', '-')
      .replace(/-$/, '')}-`;
  return `boot/${id}-`;
}

function placedFiles([kernel, initrd]: readonly [string, string]): BootFiles {
  const file = (tftp: string): BootFile => ({ name: tftp.slice(tftp.lastIndexOf('/') + 1), tftp });
  return { kernel: file(kernel), initrd: file(initrd), others: {} };
}
