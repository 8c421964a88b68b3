/** What is installed and from where: operating system, architecture, medium, partition table. */

import { archName, type BootFile, mediumUri, osVersion } from '../../inventory/bootfiles.ts';
import { type OperatingSystem, type OsFamily, osTitle, type PartitionTable } from '../../inventory/types.ts';
import { textOrNil } from '../convert.ts';
import { inherit } from '../ruby/core/table.ts';
import { RObject, RString, RSymbol, str, type Value } from '../ruby/values.ts';
import type { MediumScope, SystemScope } from '../scope.ts';
import { classTable, methods, RECORD } from './table.ts';

const EFI_NAMES: readonly (readonly [RegExp, string])[] = [
  [/i.86/i, 'ia32'],
  [/x86[_-]64/i, 'x64'],
  [/aarch64|aa64/i, 'aa64'],
];

const ARCHITECTURE = classTable(
  methods<SystemScope['architecture']>({
    id: [0, ({ id }) => id ?? null],
    name: [0, ({ name }) => str(name)],
    to_s: [0, ({ name }) => str(name)],
    bootfilename_efi: [
      0,
      ({ name }) => str(EFI_NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? name.toLowerCase()),
    ],
  }),
);

export function architectureObject(system: SystemScope): RObject {
  return new RObject('Architecture', ARCHITECTURE, system.architecture);
}

/** The kind of installer; families without one of their own have none. */
const PXE_TYPES: Partial<Record<OsFamily, string>> = {
  Redhat: 'kickstart',
  Debian: 'preseed',
  Suse: 'yast',
  Coreos: 'coreos',
  Fcos: 'fcos',
  Rhcos: 'rhcos',
  Talos: 'talos',
  Windows: 'waik',
  Altlinux: 'alterator',
  Archlinux: 'aif',
  Freebsd: 'memdisk',
  Rancheros: 'rancheros',
  Solaris: 'jumpstart',
  Xenserver: 'xenserver',
  AIX: 'nim',
  Junos: 'ZTP',
  VRP: 'ZTP',
};

export function pxeType(os: OperatingSystem): string | undefined {
  return PXE_TYPES[os.family];
}

/** `mediumpath`: how the installer is told where the medium is. */
export function mediumPath({ os, medium, architecture }: SystemScope): string | undefined {
  if (os === undefined || medium === undefined) return undefined;
  switch (os.family) {
    case 'Redhat':
      return kickstartSource(medium.uri);
    case 'Coreos':
      return mediumUri(medium, os, archName(os, architecture.name), medium.served, '$arch-usr/');
    case 'Freebsd':
      return mediumUri(medium, os, archName(os, architecture.name), medium.served);
    case 'Rancheros':
      return '';
    case 'Gentoo':
      return undefined;
    default:
      return medium.uri;
  }
}

function kickstartSource(uri: string): string {
  const [, scheme = '', server = '', path = ''] = /^([a-z]+):\/\/([^/]*)(.*)$/i.exec(uri) ?? [];
  return scheme === 'nfs' ? `nfs --server ${server} --dir ${path}` : `url --url ${uri}`;
}

/** The medium, or something below it; undefined without medium. */
export function uriOnMedium({ os, medium, architecture }: SystemScope, below: string): string | undefined {
  return os && medium && mediumUri(medium, os, architecture.name, medium.served, below);
}

/** `:kernel`, `"initrd"`, `:bootwim`. */
export function bootFile({ bootFiles }: SystemScope, which: Value | undefined): BootFile | undefined {
  const role = which instanceof RSymbol ? which.name : which instanceof RString ? which.text : '';
  if (bootFiles === undefined) return undefined;
  if (role === 'kernel' || role === 'initrd') return bootFiles[role];
  return Object.hasOwn(bootFiles.others, role) ? bootFiles.others[role] : undefined;
}

/** Kernel and initrd first. The root file system of live images is none of Foreman's: it has a URL of its own. */
function bootUris({ bootFiles }: SystemScope): Value[] {
  if (bootFiles === undefined) return [];
  const { rootfs: _rootfs, ...others } = bootFiles.others;
  const files = [bootFiles.kernel, bootFiles.initrd, ...Object.values(others)];
  return files.flatMap((file) => (file?.uri === undefined ? [] : str(file.uri)));
}

type OsView = { readonly os: OperatingSystem; readonly system: SystemScope };

const OS = classTable(
  methods<OsView>({
    id: [0, ({ os }) => os.id],
    name: [0, ({ os }) => str(os.name)],
    major: [0, ({ os }) => str(os.major)],
    minor: [0, ({ os }) => str(os.minor)],
    family: [0, ({ os }) => str(os.family)],
    release: [0, ({ os }) => str(osVersion(os))],
    release_name: [0, ({ os }) => textOrNil(os.release_name)],
    fullname: [0, ({ os }) => str(osTitle(os))],
    description: [0, ({ os }) => textOrNil(os.description)],
    title: [0, ({ os }) => str(os.description || osTitle(os))],
    password_hash: [0, ({ os }) => str(os.password_hash ?? 'SHA512')],
    pxe_type: [0, ({ os }) => textOrNil(pxeType(os))],
    // Foreman wants the medium provider as argument; there is but one.
    kernel: [0, 2, ({ system }) => textOrNil(system.bootFiles?.kernel.tftp)],
    initrd: [0, 2, ({ system }) => textOrNil(system.bootFiles?.initrd.tftp)],
    bootfile: [1, 2, ({ system }, args) => textOrNil(bootFile(system, args.at(-1))?.tftp)],
    boot_files_uri: [0, 1, ({ system }) => bootUris(system)],
    mediumpath: [0, 1, ({ system }) => textOrNil(mediumPath(system))],
  }),
  { to_s: 'fullname', to_label: 'title' },
);

export function osObject(system: SystemScope): Value {
  const { os } = system;
  return os === undefined ? null : new RObject('Operatingsystem', OS, { os, system } satisfies OsView, os);
}

const MEDIUM = classTable(inherit(RECORD, methods<MediumScope>({ path: [0, ({ path }) => str(path)] })));

export function mediumObject({ medium }: SystemScope): Value {
  return medium === undefined ? null : new RObject('Medium', MEDIUM, medium);
}

function mediumErrors({ os, medium }: SystemScope): Value[] {
  if (os === undefined) return [str('Operating system was not set')];
  return medium === undefined ? [str(`${osTitle(os)} medium was not set`)] : [];
}

const MEDIUM_PROVIDER = classTable(
  methods<SystemScope>({
    medium_uri: [0, 1, (system, [below], rt) => textOrNil(uriOnMedium(system, rt.text(below ?? null)))],
    unique_id: [0, ({ bootFiles }) => textOrNil(bootFiles?.kernel.tftp.replace(/^boot\/|-[^-]*$/g, ''))],
    errors: [0, mediumErrors],
    'valid?': [0, (system) => mediumErrors(system).length === 0],
  }),
);

/** What `medium_provider` answers. */
export function mediumProvider(system: SystemScope): RObject {
  return new RObject('MediumProvider', MEDIUM_PROVIDER, system);
}

const PTABLE = classTable(
  inherit(
    RECORD,
    methods<PartitionTable>({
      layout: [0, ({ layout }) => str(layout)],
      description: [0, ({ description }) => textOrNil(description)],
      os_family: [0, ({ os_family }) => textOrNil(os_family)],
    }),
  ),
);

export function ptableObject({ ptable }: SystemScope): Value {
  return ptable === undefined ? null : new RObject('Ptable', PTABLE, ptable);
}
