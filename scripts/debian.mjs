/**
 * Programs that Debian packages bring: what is missing, and getting it. Plain JavaScript on Node's own modules,
 * because it runs before node_modules exists.
 *
 * A package that would start a service on the user's machine is never installed: it is unpacked into a directory
 * of ours, and only the libraries it needs are installed.
 */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

/** Where the unpacked servers live, laid out like `/`. */
export const UNPACKED = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chainboot', 'debian');

/**
 * `finds`: a program in the PATH or an absolute file that the package brings. `unpack`: the packages it consists
 * of, for one that brings a service.
 */
const MACHINE = [
  { package: 'qemu-system-x86', finds: 'qemu-system-x86_64', why: 'the machine that is booted' },
  { package: 'seabios', finds: '/usr/share/seabios/bios-256k.bin', why: 'its firmware' },
  { package: 'ipxe-qemu', finds: '/usr/lib/ipxe/qemu/pxe-e1000.rom', why: 'its PXE ROM' },
  { package: 'iproute2', finds: 'ip', why: 'a network of its own for it' },
  { package: 'ipxe', finds: '/usr/lib/ipxe/undionly.kpxe', why: 'iPXE, the loader that is served' },
  { package: 'pxelinux', finds: '/usr/lib/PXELINUX/pxelinux.0', why: 'PXELINUX, the loader that is served' },
  {
    package: 'syslinux-common',
    finds: '/usr/lib/syslinux/modules/bios/ldlinux.c32',
    why: 'the modules of PXELINUX',
  },
  {
    package: 'debian-installer-12-netboot-amd64',
    finds: '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/initrd.gz',
    why: 'the installer that is booted',
  },
];

/** A package of boot loaders would change how the user's machine boots: it is unpacked, like those with services. */
const FIRMWARE = [
  { package: 'ovmf', finds: '/usr/share/OVMF/OVMF_CODE_4M.fd', why: 'UEFI firmware' },
  {
    package: 'shim-signed',
    finds: join(UNPACKED, 'usr/lib/shim/shimx64.efi.signed'),
    why: 'the loader that Secure Boot accepts',
    unpack: ['shim-signed'],
  },
  {
    package: 'grub-efi-amd64-signed',
    finds: join(UNPACKED, 'usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed'),
    why: 'the GRUB that shim accepts',
    unpack: ['grub-efi-amd64-signed'],
  },
  {
    package: 'grub-efi-amd64-bin',
    finds: join(UNPACKED, 'usr/lib/grub/x86_64-efi/http.mod'),
    why: 'the modules of GRUB that speak HTTP',
    unpack: ['grub-efi-amd64-bin'],
  },
  { package: 'qemu-system-arm', finds: 'qemu-system-aarch64', why: 'an ARM machine' },
  { package: 'qemu-efi-aarch64', finds: '/usr/share/AAVMF/AAVMF_CODE.fd', why: 'its firmware' },
  {
    package: 'debian-installer-12-netboot-arm64',
    finds: '/usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64/initrd.gz',
    why: 'the installer that it boots',
  },
  { package: 'mtools', finds: 'mformat', why: 'the EFI system partition of a disk' },
];

const CLIENTS = [
  {
    package: 'ansible',
    finds: 'ansible-playbook',
    why: 'the collection theforeman.foreman, a client of the API',
  },
  {
    package: 'python3-requests',
    finds: '/usr/lib/python3/dist-packages/requests/__init__.py',
    why: 'HTTP for it',
  },
  { package: 'udhcpc', finds: 'udhcpc', why: 'a DHCP client' },
  { package: 'isc-dhcp-client', finds: 'dhclient', why: 'a DHCP client' },
  { package: 'busybox', finds: 'busybox', why: 'a TFTP client and a shell, as an installer has them' },
  { package: 'atftp', finds: 'atftp', why: 'a TFTP client' },
  { package: 'tftp-hpa', finds: 'tftp', why: 'a TFTP client' },
  { package: 'curl', finds: 'curl', why: 'an HTTP client' },
  { package: 'wget', finds: 'wget', why: 'an HTTP client' },
  { package: 'openssl', finds: 'openssl', why: 'a TLS client' },
  { package: 'tcpdump', finds: 'tcpdump', why: 'captures what is on the wire' },
  { package: 'faketime', finds: 'faketime', why: 'an hour later, without an hour of waiting' },
  { package: 'nftables', finds: 'nft', why: 'a packet filter that is in the way' },
  { package: 'dnsmasq-base', finds: 'dnsmasq', why: 'a foreign DHCP server to live beside' },
  { package: 'tshark', finds: 'tshark', why: 'a second opinion on every packet' },
  { package: 'debconf', finds: 'debconf-set-selections', why: 'reads preseeds' },
  { package: 'grub-common', finds: 'grub-script-check', why: 'reads menus of GRUB' },
  { package: 'libxml2-utils', finds: 'xmllint', why: 'reads answers of SUSE and Windows' },
  { package: 'dash', finds: 'dash', why: 'reads scripts as Debian does' },
  { package: 'ruby', finds: 'ruby', why: 'ERB itself, which templates are compared with' },
  { package: 'netplan.io', finds: 'netplan', why: 'reads the networks that Ubuntu is given' },
  { package: 'ignition', finds: 'ignition-validate', why: 'reads Ignition configurations' },
  {
    package: 'python3-jsonschema',
    finds: '/usr/lib/python3/dist-packages/jsonschema/__init__.py',
    why: 'reads the JSON Schemas of site files and configurations',
  },
];

/** To live beside, and to compare with. */
const DHCP_SERVERS = [
  {
    package: 'isc-dhcp-server',
    finds: 'dhcpd',
    why: 'a foreign DHCP server',
    unpack: ['isc-dhcp-server'],
  },
  {
    package: 'kea-dhcp4-server',
    finds: 'kea-dhcp4',
    why: 'a foreign DHCP server',
    unpack: ['kea-dhcp4-server', 'kea-common'],
  },
  {
    package: 'kea-ctrl-agent',
    finds: 'kea-ctrl-agent',
    why: 'Kea asked over HTTP',
    unpack: ['kea-ctrl-agent'],
  },
  // Neither brings a service: that is libvirt-daemon-system.
  { package: 'libvirt-daemon', finds: 'libvirtd', why: 'a network of virtual machines' },
  { package: 'libvirt-clients', finds: 'virsh', why: 'asks libvirt' },
  {
    package: 'isc-dhcp-relay',
    finds: 'dhcrelay',
    why: 'a relay agent before the DHCP server',
    unpack: ['isc-dhcp-relay'],
  },
];

const SERVERS = [
  { package: 'nginx', finds: 'nginx', why: 'a server to compare with', unpack: ['nginx'] },
  { package: 'atftpd', finds: 'atftpd', why: 'a server to compare with', unpack: ['atftpd'] },
  { package: 'tftpd-hpa', finds: 'in.tftpd', why: 'a server to compare with', unpack: ['tftpd-hpa'] },
];

const COMPILER = [
  { package: 'gcc', finds: 'gcc', why: 'builds the load generators and the lossy wire' },
  {
    package: 'libc6-dev',
    finds: '/usr/include/stdio.h',
    why: 'builds the load generators and the lossy wire',
  },
];

/** What each purpose needs. */
export const NEEDS = {
  demo: MACHINE,
  test: [...MACHINE, ...FIRMWARE, ...CLIENTS, ...DHCP_SERVERS, ...COMPILER],
  bench: [...MACHINE, ...CLIENTS, ...DHCP_SERVERS, ...SERVERS, ...COMPILER],
};

/** The environment with the places where Debian keeps servers, and where we unpack them. */
export function environment(base = process.env) {
  const sbin = [
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
    join(UNPACKED, 'usr/sbin'),
    join(UNPACKED, 'usr/bin'),
  ];
  const path = [...(base.PATH ?? '/usr/bin:/bin').split(delimiter), ...sbin];
  const libraries = libraryDirectories();
  const loader = [base.LD_LIBRARY_PATH, ...libraries].filter(Boolean).join(delimiter);
  return {
    ...base,
    PATH: [...new Set(path)].join(delimiter),
    ...(libraries.length > 0 && { LD_LIBRARY_PATH: loader }),
  };
}

function libraryDirectories() {
  const lib = join(UNPACKED, 'usr/lib');
  if (!existsSync(lib)) return [];
  return readdirSync(lib)
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join(lib, name));
}

/** The needs that are not met. */
export function missingFor(purpose) {
  const path = environment().PATH.split(delimiter);
  return NEEDS[purpose].filter(({ finds }) => !isThere(finds, path));
}

function isThere(finds, path) {
  if (isAbsolute(finds)) return existsSync(finds);
  return path.some((directory) => {
    try {
      accessSync(join(directory, finds), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Gets what is missing for a purpose, or says why not. Never throws: what stays missing makes tests skip and the
 * demo use its virtual client, each with its reason.
 */
export function provide(purpose, say) {
  const missing = missingFor(purpose);
  if (missing.length === 0) return;
  const list = missing.map((need) => `${need.package} (${need.why})`).join(', ');
  const obstacle = whyNotApt();
  if (obstacle !== undefined) return say(`Missing, and not installed because ${obstacle}: ${list}`);
  say(`Installing Debian packages: ${list}`);
  const updated = apt(['update', '-qq']);
  if (updated !== undefined) say(`apt-get update failed, trying with the old lists: ${updated}`);
  installAll(
    missing.filter((need) => need.unpack === undefined).map((need) => need.package),
    say,
  );
  unpackAll(
    missing.flatMap((need) => need.unpack ?? []),
    say,
  );
}

function whyNotApt() {
  if (process.env.CHAINBOOT_NO_APT === '1') return 'CHAINBOOT_NO_APT=1';
  if (spawnSync('apt-get', ['--version']).status !== 0) return 'this is not Debian or Ubuntu';
  if (process.getuid?.() !== 0) return 'only root can (run it once as root, or install them yourself)';
  return undefined;
}

/** One at a time when all together fail: a distribution may lack one of them. */
function installAll(packages, say) {
  if (packages.length === 0) return;
  if (install(packages) === undefined) return;
  for (const name of packages) {
    const problem = install([name]);
    if (problem !== undefined) say(`${name} was not installed: ${problem}`);
  }
}

function install(packages) {
  return apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
}

/** @returns undefined when it worked, else the last line of what it said */
function apt(args, options = {}) {
  const patient = ['-o', 'DPkg::Lock::Timeout=180', '-o', 'Dpkg::Use-Pty=0'];
  return run('apt-get', [...patient, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' },
    ...options,
  });
}

function run(file, args, options = {}) {
  const result = spawnSync(file, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (result.status === 0) return undefined;
  const said = (result.stderr || result.stdout || result.error?.message || 'no reason given').trim();
  return said.split('\n').at(-1);
}

/** Downloads packages and unpacks them below UNPACKED without running anything of theirs. */
export function unpackAll(packages, say) {
  if (packages.length === 0) return;
  const directory = mkdtempSync(join(tmpdir(), 'chainboot-debian-'));
  try {
    const problem = apt(['download', '-qq', '-o', 'APT::Sandbox::User=root', ...packages], {
      cwd: directory,
    });
    if (problem !== undefined) return say(`${packages.join(', ')} could not be downloaded: ${problem}`);
    const files = readdirSync(directory).filter((name) => name.endsWith('.deb'));
    installAll(librariesOf(files, packages, directory), say);
    mkdirSync(UNPACKED, { recursive: true });
    for (const file of files) {
      const failed = run('dpkg-deb', ['--extract', join(directory, file), UNPACKED]);
      if (failed !== undefined) say(`${file} could not be unpacked: ${failed}`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What the packages depend on, without each other, without set-up tools and without what is installed. */
function librariesOf(files, packages, directory) {
  const names = files.flatMap((file) => {
    const depends = spawnSync('dpkg-deb', ['--field', join(directory, file), 'Depends'], {
      encoding: 'utf8',
    });
    return depends.stdout.split(',').map((clause) => clause.trim().split(/[\s|:(]/, 1)[0]);
  });
  const libraries = names.filter((name) => name.startsWith('lib') && !packages.includes(name));
  return [...new Set(libraries)].filter((name) => !isInstalled(name));
}

function isInstalled(name) {
  const status = spawnSync('dpkg-query', ['-W', '-f=${db:Status-Status}', name], { encoding: 'utf8' });
  return status.stdout === 'installed';
}
