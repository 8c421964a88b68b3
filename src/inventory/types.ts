/**
 * The nouns, under Foreman's names, as plain data. Records refer to each other by name (an operating
 * system by its title, "Debian 12"); `id` is the number the store gave the record.
 */

import type { Mac } from '../net/mac.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Parameters = Readonly<Record<string, Json>>;

export type InterfaceType = 'interface' | 'bond' | 'bridge' | 'bmc';

export type Interface = {
  readonly identifier?: string;
  readonly mac?: Mac;
  readonly ip?: string;
  readonly ip6?: string;
  readonly type: InterfaceType;
  readonly primary: boolean;
  readonly provision: boolean;
  readonly managed: boolean;
  readonly virtual: boolean;
  readonly subnet?: string;
  readonly subnet6?: string;
  readonly domain?: string;
  /** Parent of a VLAN or alias, by identifier. */
  readonly attached_to?: string;
  /** Members of a bond or bridge, by identifier. */
  readonly attached_devices?: readonly string[];
  /** VLAN id. */
  readonly tag?: string;
  readonly mtu?: number;
  readonly mode?: string;
  readonly bond_options?: string;
};

export type Token = {
  /** A UUID. */
  readonly value: string;
  /** Epoch milliseconds; undefined never expires. */
  readonly expires_at?: number;
};

/** Build mode of a host; times are epoch milliseconds. */
export type Build = {
  readonly build: boolean;
  readonly token?: Token;
  readonly initiated_at?: number;
  readonly installed_at?: number;
  /** What the installer sent to `/unattended/failed`. */
  readonly build_errors?: string;
};

export const PXE_LOADERS = [
  'None',
  'PXELinux BIOS',
  'PXELinux UEFI',
  'Grub2 UEFI',
  'Grub2 UEFI SecureBoot',
  'Grub2 UEFI HTTP',
  'iPXE Embedded',
  'iPXE UEFI HTTP',
  'iPXE Chain BIOS',
  'iPXE Chain UEFI',
] as const;
export type PxeLoader = (typeof PXE_LOADERS)[number];

export type Host = Build & {
  readonly id: number;
  readonly name: string;
  readonly comment?: string;
  readonly enabled: boolean;
  /** Operating system title. */
  readonly operatingsystem?: string;
  readonly architecture: string;
  readonly medium?: string;
  readonly ptable?: string;
  /** Custom disk layout, instead of a partition table. */
  readonly disk?: string;
  /** Undefined: chosen for the firmware that asks. */
  readonly pxe_loader?: PxeLoader;
  /** crypt(3) hash. */
  readonly root_pass?: string;
  readonly parameters: Parameters;
  readonly interfaces: readonly Interface[];
};

/** Foreman's, and Talos, which Foreman has no family for. Flatcar is Coreos, as there. */
export const OS_FAMILIES = [
  'Debian',
  'Redhat',
  'Suse',
  'Coreos',
  'Fcos',
  'Rhcos',
  'Talos',
  'Windows',
  'Altlinux',
  'Archlinux',
  'Freebsd',
  'Gentoo',
  'Rancheros',
  'Solaris',
  'Xenserver',
  'AIX',
  'Junos',
  'NXOS',
  'VRP',
] as const;
export type OsFamily = (typeof OS_FAMILIES)[number];

export type OperatingSystem = {
  readonly id: number;
  readonly name: string;
  readonly major: string;
  readonly minor: string;
  readonly family: OsFamily;
  readonly release_name?: string;
  readonly media: readonly string[];
  readonly architectures: readonly string[];
  readonly ptables: readonly string[];
  /** Names of associated templates; the first of a kind is the default of that kind. */
  readonly provisioning_templates: readonly string[];
  readonly parameters: Parameters;
};

/** `Debian 12`, `Rocky 9.4`: what hosts refer to. */
export function osTitle(os: Pick<OperatingSystem, 'name' | 'major' | 'minor'>): string {
  return os.minor === '' ? `${os.name} ${os.major}` : `${os.name} ${os.major}.${os.minor}`;
}

export type Medium = {
  readonly id: number;
  readonly name: string;
  /**
   * `http(s)://…` with Foreman's `$arch $major $minor $version $release`, or an absolute directory,
   * which Chainboot serves itself below `/media/<name>/`.
   */
  readonly path: string;
  readonly os_family?: OsFamily;
};

export type Subnet = {
  readonly id: number;
  readonly name: string;
  /** `192.0.2.0/24` */
  readonly network: string;
  readonly gateway?: string;
  readonly dns_primary?: string;
  readonly dns_secondary?: string;
  /** Dynamic pool, first and last address; none: reserved hosts only. */
  readonly from?: string;
  readonly to?: string;
  readonly boot_mode: 'DHCP' | 'Static';
  readonly domain?: string;
  readonly vlanid?: number;
  readonly mtu?: number;
  /** Seconds. */
  readonly lease_time: number;
  readonly parameters: Parameters;
};

export type Domain = {
  readonly id: number;
  readonly name: string;
  readonly fullname?: string;
  readonly parameters: Parameters;
};

export type PartitionTable = {
  readonly id: number;
  readonly name: string;
  readonly layout: string;
  readonly os_family?: OsFamily;
};

/** Foreman's seeded template kinds; `snippet` stands for templates without one. */
export const TEMPLATE_KINDS = [
  'PXELinux',
  'PXEGrub',
  'PXEGrub2',
  'iPXE',
  'provision',
  'finish',
  'script',
  'user_data',
  'cloud-init',
  'ZTP',
  'POAP',
  'host_init_config',
  'registration',
  'kexec',
  'Bootdisk',
  'public',
  'snippet',
] as const;
export type TemplateKind = (typeof TEMPLATE_KINDS)[number];

export type ProvisioningTemplate = {
  readonly id: number;
  readonly name: string;
  readonly kind: TemplateKind;
  /** ERB text, with Foreman's metadata header if it had one. */
  readonly template: string;
  /** Shipped templates are locked and not stored; a stored one of the same name takes precedence. */
  readonly locked: boolean;
  readonly description?: string;
  /** Titles, or beginnings of titles, of the operating systems a shipped template is made for. */
  readonly oses?: readonly string[];
};

export type Setting = { readonly id: number; readonly name: string; readonly value: Json };

/** Every kind of record, by the name of its collection. */
export type Records = {
  readonly hosts: Host;
  readonly operatingsystems: OperatingSystem;
  readonly media: Medium;
  readonly subnets: Subnet;
  readonly domains: Domain;
  readonly ptables: PartitionTable;
  readonly provisioning_templates: ProvisioningTemplate;
  /** Global parameters, which Foreman calls common parameters. */
  readonly common_parameters: Setting;
};
export type Collection = keyof Records;
export const COLLECTIONS = [
  'hosts',
  'operatingsystems',
  'media',
  'subnets',
  'domains',
  'ptables',
  'provisioning_templates',
  'common_parameters',
] as const satisfies readonly Collection[];

/** The interface whose address and MAC provisioning uses: `provision`, else `primary`, else the first. */
export function provisionInterface(host: Pick<Host, 'interfaces'>): Interface | undefined {
  return (
    host.interfaces.find((nic) => nic.provision) ??
    host.interfaces.find((nic) => nic.primary) ??
    host.interfaces[0]
  );
}

export function primaryInterface(host: Pick<Host, 'interfaces'>): Interface | undefined {
  return host.interfaces.find((nic) => nic.primary) ?? host.interfaces[0];
}
