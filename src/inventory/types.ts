/**
 * The nouns, under Foreman's names, as plain data. Records refer to each other by name (an operating
 * system by its title, "Debian 12"); `id` is the number the store gave the record.
 */

import type { Mac } from '../net/mac.ts';

import type { DhcpOptions } from './dhcp-options.ts';

/** Every record; the store numbers them. */
export type Numbered = {
  readonly id: number;
  /** Declared by `apply`, which alone may take it away again with `--prune`. */
  readonly declared?: true;
  /** Epoch milliseconds, as `updated_at`; the inventory notes both, and what comes with the program has none. */
  readonly created_at?: number;
  readonly updated_at?: number;
};

/** Organizations and locations a record belongs to, by title; undefined: to all. */
export type Located = {
  readonly organizations?: readonly string[];
  readonly locations?: readonly string[];
};

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Parameters = Readonly<Record<string, Json>>;

export const PARAMETER_TYPES = [
  'string',
  'boolean',
  'integer',
  'real',
  'array',
  'hash',
  'yaml',
  'json',
] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** Parameters, and what Foreman's API says of them besides. */
export type Parametrized = {
  readonly parameters: Parameters;
  /** Names of those whose values only administrators may see. */
  readonly hidden_parameters?: readonly string[];
  /** Where a client named another type than the one the value has by itself. */
  readonly parameter_types?: Readonly<Record<string, ParameterType>>;
};

export const BMC_PROVIDERS = ['IPMI', 'Redfish', 'SSH'] as const;
export type BmcProvider = (typeof BMC_PROVIDERS)[number];

export type InterfaceType = 'interface' | 'bond' | 'bridge' | 'bmc';

export type Interface = {
  /** Unique within the host; the API knows it by this. */
  readonly id?: number;
  /** Host name of this interface; the primary one's is the host's. */
  readonly name?: string;
  readonly identifier?: string;
  readonly mac?: Mac;
  readonly ip?: string;
  readonly ip6?: string;
  readonly type: InterfaceType;
  readonly primary: boolean;
  readonly provision: boolean;
  /** Whether commands are to reach the host there; kept for clients. */
  readonly execution?: boolean;
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
  /** Of a BMC: how it is spoken to. */
  readonly provider?: BmcProvider;
  readonly username?: string;
  readonly password?: string;
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
  /** How the last build ended; while the host is in build mode, that its token ran out. */
  readonly build_end?: BuildEnd;
  /** The loop guard holds it; entering or leaving build mode lets it go. */
  readonly hold?: Hold;
};

export const BUILD_ENDS = ['built', 'failed', 'cancelled', 'expired'] as const;

/** How a build ended, when (epoch milliseconds), and by whom. */
export type BuildEnd = {
  readonly how: (typeof BUILD_ENDS)[number];
  readonly at: number;
  /** Login, or address of the machine that reported. */
  readonly by?: string;
};

/** What a machine is held for, see boot/loops.ts. */
export const LOOP_KINDS = ['loader', 'disguise', 'install', 'script'] as const;
export type LoopKind = (typeof LOOP_KINDS)[number];

/** The evidence on which a machine is held instead of booted; times are epoch milliseconds. */
export type Hold = {
  readonly loop: LoopKind;
  readonly at: number;
  /** Rounds that were counted, and when the first of them was. */
  readonly count: number;
  readonly since: number;
  /** The loader that went round. */
  readonly file?: string;
  /** The boot in the trace that was the last round. */
  readonly boot?: string;
};

/** A held machine that no host is declared for: `machine` is its MAC, or its address where only that is known. */
export type HeldMachine = Hold & Numbered & { readonly machine: string };

export const PXE_LOADERS = [
  'None',
  'PXELinux BIOS',
  'PXELinux UEFI',
  'PXELinux BIOS HTTP',
  'gPXELinux BIOS',
  'Grub UEFI',
  'Grub2 BIOS',
  'Grub2 ELF',
  'Grub2 UEFI',
  'Grub2 UEFI SecureBoot',
  'Grub2 UEFI HTTP',
  'Grub2 UEFI HTTPS',
  'Grub2 UEFI HTTPS SecureBoot',
  'iPXE Embedded',
  'iPXE UEFI HTTP',
  'iPXE Chain BIOS',
  'iPXE Chain UEFI',
] as const;
export type PxeLoader = (typeof PXE_LOADERS)[number];

/** PXELINUX builds that fetch kernel and initrd by HTTP themselves; Foreman has no names for them. */
export function speaksHttp(loader: PxeLoader | undefined): boolean {
  return loader === 'PXELinux BIOS HTTP' || loader === 'gPXELinux BIOS';
}

/** Which driver the iPXE that is handed out uses: its own for the card, or that of the card's ROM (UNDI, SNP). */
export const IPXE_DRIVERS = ['own', 'rom'] as const;
export type IpxeDriver = (typeof IPXE_DRIVERS)[number];

/** What a host may leave to its hostgroup, and a hostgroup to its parent. */
export type Inheritable = {
  /** Operating system title. */
  readonly operatingsystem?: string;
  readonly architecture?: string;
  readonly medium?: string;
  readonly ptable?: string;
  readonly realm?: string;
  /** Undefined: chosen for the firmware that asks. */
  readonly pxe_loader?: PxeLoader;
  /** Undefined: that of the subnet, else what suits the way in. */
  readonly ipxe_driver?: IpxeDriver;
  readonly dhcp_options?: DhcpOptions;
  /** crypt(3) hash. */
  readonly root_pass?: string;
};

export const PROVISION_METHODS = ['build', 'image', 'bootdisk'] as const;
export type ProvisionMethod = (typeof PROVISION_METHODS)[number];

/** As declared; what it leaves to its hostgroup is in `effectiveHost` (hostgroup.ts). */
export type Host = Numbered &
  Build &
  Inheritable &
  Parametrized & {
    readonly name: string;
    readonly comment?: string;
    readonly enabled: boolean;
    /** Title of the hostgroup: `base/web`. */
    readonly hostgroup?: string;
    /** Title. */
    readonly organization?: string;
    /** Title. */
    readonly location?: string;
    /** Login of a user, or name of a user group. */
    readonly owner?: string;
    readonly owner_type?: 'User' | 'Usergroup';
    /** Custom disk layout, instead of a partition table. */
    readonly disk?: string;
    readonly provision_method?: ProvisionMethod;
    /** Hardware model. */
    readonly model?: string;
    readonly certname?: string;
    readonly uuid?: string;
    /** One-time password with which the host joins its realm. */
    readonly otp?: string;
    /** What is known of the machine, by Foreman's or Facter's names. */
    readonly facts?: Parameters;
    readonly interfaces: readonly Interface[];
    /** The highest number that an interface of it had, when none has it any more: it is not given again. */
    readonly last_interface?: number;
  };

export type Hostgroup = Numbered &
  Inheritable &
  Parametrized &
  Located & {
    /** Without those of its ancestors and without a slash; records refer to it by its title. */
    readonly name: string;
    /** Title of the hostgroup it inherits from. */
    readonly parent?: string;
    readonly description?: string;
    /** Of the primary interface of its hosts. */
    readonly domain?: string;
    readonly subnet?: string;
    readonly subnet6?: string;
    /** Templates for hosts of exactly this group: the first of a kind precedes those of the operating system. */
    readonly provisioning_templates: readonly string[];
  };

/** An organization or a location. */
export type Taxonomy = Numbered &
  Located &
  Parametrized & {
    /** Without those of its ancestors and without a slash; records refer to it by its title. */
    readonly name: string;
    /** Title. */
    readonly parent?: string;
    readonly description?: string;
    /** Foreman's names of types all of whose records belong to it; kept for clients. */
    readonly ignore_types?: readonly string[];
  };

/** `base/web`: what other records call a hostgroup, an organization or a location. A child's is longer than its parent's, so there are no circles. */
export function nestedTitle({ name, parent }: { readonly name: string; readonly parent?: string }): string {
  return parent === undefined ? name : `${parent}/${name}`;
}

export type Realm = Numbered & Located & { readonly name: string; readonly realm_type: string };

export type Architecture = Numbered & { readonly name: string };

/** What a user may do: see everything but secrets; change hosts and what they need; everything. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export type User = Numbered &
  Located & {
    readonly login: string;
    readonly firstname?: string;
    readonly lastname?: string;
    readonly mail?: string;
    readonly description?: string;
    readonly roles?: readonly Role[];
    /** `scrypt:<N>:<r>:<p>:<salt>:<hash>` in base64url; without one, nobody logs in by password. */
    readonly password_hash?: string;
    readonly locale?: string;
    readonly timezone?: string;
    /** Titles; kept for clients, which begin there. */
    readonly default_organization?: string;
    readonly default_location?: string;
    /** May not log in. */
    readonly disabled?: boolean;
    /** Public keys as in authorized_keys. */
    readonly ssh_keys: readonly string[];
  };

/** The token itself is shown once and not kept. */
export type PersonalAccessToken = Numbered & {
  readonly name: string;
  /** Login. */
  readonly user: string;
  /** SHA-256 of the token, hex. */
  readonly hash: string;
  /** Epoch milliseconds, as all that follow. */
  readonly created_at: number;
  readonly expires_at?: number;
  readonly revoked_at?: number;
};

export type Usergroup = Numbered & {
  readonly name: string;
  /** Logins. */
  readonly users: readonly string[];
  /** Names of the user groups that are members. */
  readonly usergroups: readonly string[];
  /** Of everybody in it, besides their own. */
  readonly roles?: readonly Role[];
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

export const PASSWORD_HASHES = ['MD5', 'SHA256', 'SHA512', 'Base64', 'Base64-Windows'] as const;
export type PasswordHash = (typeof PASSWORD_HASHES)[number];

export type OperatingSystem = Numbered &
  Parametrized & {
    readonly name: string;
    readonly major: string;
    readonly minor: string;
    readonly family: OsFamily;
    readonly release_name?: string;
    /** Shown instead of the title. */
    readonly description?: string;
    /** How templates are to hash passwords; `SHA512` when not given. */
    readonly password_hash?: PasswordHash;
    readonly media: readonly string[];
    readonly architectures: readonly string[];
    readonly ptables: readonly string[];
    /** Names of associated templates; the first of a kind is the default of that kind, unless one is named for it. */
    readonly provisioning_templates: readonly string[];
    readonly default_templates?: Readonly<Partial<Record<TemplateKind, string>>>;
  };

/** `Debian 12`, `Rocky 9.4`: what hosts refer to. */
export function osTitle(os: Pick<OperatingSystem, 'name' | 'major' | 'minor'>): string {
  return os.minor === '' ? `${os.name} ${os.major}` : `${os.name} ${os.major}.${os.minor}`;
}

export type Medium = Numbered &
  Located & {
    readonly name: string;
    /**
     * `http(s)://…` with Foreman's `$arch $major $minor $version $release`, or an absolute directory,
     * which Chainboot serves itself below `/media/<name>/`.
     */
    readonly path: string;
    readonly os_family?: OsFamily;
  };

/** How a free address is found for a host that is declared without one; undefined: as `DHCP`. */
export const IPAM_MODES = ['DHCP', 'Internal DB', 'Random DB', 'EUI-64', 'None'] as const;
export type IpamMode = (typeof IPAM_MODES)[number];

/** Smart proxies of a subnet, by name, for the services they give there. */
export type SubnetProxies = {
  readonly dhcp_proxy?: string;
  readonly tftp_proxy?: string;
  readonly httpboot_proxy?: string;
  readonly template_proxy?: string;
  readonly dns_proxy?: string;
  readonly bmc_proxy?: string;
};

export type Subnet = Numbered &
  Located &
  SubnetProxies &
  Parametrized & {
    readonly name: string;
    readonly description?: string;
    /** `192.0.2.0/24`, `2001:db8::/64` */
    readonly network: string;
    readonly gateway?: string;
    readonly dns_primary?: string;
    readonly dns_secondary?: string;
    /** Dynamic pool, first and last address; none: reserved hosts only. */
    readonly from?: string;
    readonly to?: string;
    readonly boot_mode: 'DHCP' | 'Static';
    readonly ipam?: IpamMode;
    /** Of hosts here that name none themselves. */
    readonly domain?: string;
    /** All that are used here, when there are more than that one. */
    readonly domains?: readonly string[];
    readonly vlanid?: number;
    readonly mtu?: number;
    /** Seconds until a link of this network carries traffic. */
    readonly nic_delay?: number;
    /** Subnets that name the same one are on one wire. */
    readonly shared_network?: string;
    /** Only for clients behind such a relay port (option 82): text, or hex after `0x`. */
    readonly relay?: { readonly circuit_id?: string; readonly remote_id?: string };
    /** False: other servers know clients here that we do not, so they are not contradicted. Default: true. */
    readonly authoritative?: boolean;
    /** Seconds. */
    readonly lease_time: number;
    /** For machines whose host and hostgroup do not say. */
    readonly ipxe_driver?: IpxeDriver;
    readonly dhcp_options?: DhcpOptions;
  };

export type Domain = Numbered &
  Located &
  Parametrized & {
    readonly name: string;
    readonly fullname?: string;
    /** Smart proxy. */
    readonly dns_proxy?: string;
  };

/** A hardware model. */
export type Model = Numbered & {
  readonly name: string;
  readonly info?: string;
  readonly vendor_class?: string;
  readonly hardware_model?: string;
};

export type SmartProxy = Numbered &
  Located & {
    readonly name: string;
    /** `https://proxy.example.com:8443` */
    readonly url: string;
    /** Foreman's names of what it said it does when it was last asked. */
    readonly features?: readonly string[];
  };

export type PartitionTable = Numbered &
  Located & {
    readonly name: string;
    /** ERB text, with Foreman's metadata header if it had one. */
    readonly layout: string;
    readonly os_family?: OsFamily;
    readonly snippet?: boolean;
    /** May not be changed. */
    readonly locked?: boolean;
    readonly description?: string;
    /** Titles, or beginnings of titles, of the operating systems it is made for. */
    readonly oses?: readonly string[];
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

export type ProvisioningTemplate = Numbered &
  Located & {
    readonly name: string;
    readonly kind: TemplateKind;
    /** ERB text, with Foreman's metadata header if it had one. */
    readonly template: string;
    /** May not be changed. */
    readonly locked: boolean;
    /** Belongs to every new organization and location. */
    readonly default?: boolean;
    readonly description?: string;
    /** Titles, or beginnings of titles, of the operating systems it is made for. */
    readonly oses?: readonly string[];
  };

/** Shipped records have negative ids and are not stored; a stored one of the same name takes precedence. */
export function isShipped(record: { readonly id: number }): boolean {
  return record.id < 0;
}

export type Setting = Numbered & { readonly name: string; readonly value: Json };

export type CommonParameter = Setting & {
  /** Only administrators may see the value. */
  readonly hidden_value?: boolean;
  /** Where a client named another type than the one the value has by itself. */
  readonly parameter_type?: ParameterType;
};

/** Every kind of record, by the name of its collection. */
export type Records = {
  readonly hosts: Host;
  readonly hostgroups: Hostgroup;
  readonly operatingsystems: OperatingSystem;
  readonly architectures: Architecture;
  readonly media: Medium;
  readonly subnets: Subnet;
  readonly domains: Domain;
  readonly realms: Realm;
  readonly organizations: Taxonomy;
  readonly locations: Taxonomy;
  readonly users: User;
  readonly usergroups: Usergroup;
  readonly personal_access_tokens: PersonalAccessToken;
  readonly models: Model;
  readonly smart_proxies: SmartProxy;
  readonly ptables: PartitionTable;
  readonly provisioning_templates: ProvisioningTemplate;
  /** Global parameters, which Foreman calls common parameters. */
  readonly common_parameters: CommonParameter;
  readonly settings: Setting;
  readonly holds: HeldMachine;
};
export type Collection = keyof Records;
export const COLLECTIONS = [
  'hosts',
  'hostgroups',
  'operatingsystems',
  'architectures',
  'media',
  'subnets',
  'domains',
  'realms',
  'organizations',
  'locations',
  'users',
  'usergroups',
  'personal_access_tokens',
  'models',
  'smart_proxies',
  'ptables',
  'provisioning_templates',
  'common_parameters',
  'settings',
  'holds',
] as const satisfies readonly Collection[];

/** Made of other interfaces. */
export function isAggregate({ type }: Pick<Interface, 'type'>): boolean {
  return type === 'bond' || type === 'bridge';
}

/** On top of other interfaces, whose MAC address it may have: a bond, a bridge, a VLAN, an alias. */
export function isStacked(nic: Pick<Interface, 'type' | 'virtual'>): boolean {
  return isAggregate(nic) || nic.virtual;
}

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
