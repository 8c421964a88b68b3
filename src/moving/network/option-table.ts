/**
 * DHCP options as the three servers call them: IANA's code, the type of the value, and the names of ISC dhcpd
 * (dhcp-options(5)), dnsmasq (`dnsmasq --help dhcp`) and Kea (its `dhcp4-std` definitions).
 */

export type OptionType =
  | 'address'
  | 'addresses'
  | 'text'
  | 'byte'
  | 'bytes'
  | 'short'
  | 'shorts'
  | 'long'
  | 'seconds-east'
  | 'flag'
  | 'domains'
  | 'routes'
  | 'hex';

export type KnownOption = {
  readonly code: number;
  readonly type: OptionType;
  readonly isc?: string;
  readonly dnsmasq?: string;
  readonly kea?: string;
};

type Row = readonly [code: number, type: OptionType, isc: string, dnsmasq?: string, kea?: string];

/** An empty name: the server has none, or takes the number only. Kea's is that of ISC where it is left out. */
const ROWS: readonly Row[] = [
  [1, 'address', 'subnet-mask', 'netmask'],
  [2, 'seconds-east', 'time-offset', 'time-offset'],
  [3, 'addresses', 'routers', 'router'],
  [4, 'addresses', 'time-servers', ''],
  [5, 'addresses', 'ien116-name-servers', '', 'name-servers'],
  [6, 'addresses', 'domain-name-servers', 'dns-server'],
  [7, 'addresses', 'log-servers', 'log-server'],
  [8, 'addresses', 'cookie-servers', ''],
  [9, 'addresses', 'lpr-servers', 'lpr-server'],
  [10, 'addresses', 'impress-servers', ''],
  [11, 'addresses', 'resource-location-servers', ''],
  [12, 'text', 'host-name', ''],
  [13, 'short', 'boot-size', 'boot-file-size'],
  [14, 'text', 'merit-dump', ''],
  [15, 'text', 'domain-name', 'domain-name'],
  [16, 'address', 'swap-server', 'swap-server'],
  [17, 'text', 'root-path', 'root-path'],
  [18, 'text', 'extensions-path', 'extension-path'],
  [19, 'flag', 'ip-forwarding', 'ip-forward-enable'],
  [20, 'flag', 'non-local-source-routing', 'non-local-source-routing'],
  [21, 'addresses', 'policy-filter', 'policy-filter'],
  [22, 'short', 'max-dgram-reassembly', 'max-datagram-reassembly'],
  [23, 'byte', 'default-ip-ttl', 'default-ttl'],
  [24, 'long', 'path-mtu-aging-timeout', ''],
  [25, 'shorts', 'path-mtu-plateau-table', ''],
  [26, 'short', 'interface-mtu', 'mtu'],
  [27, 'flag', 'all-subnets-local', 'all-subnets-local'],
  [28, 'address', 'broadcast-address', ''],
  [29, 'flag', 'perform-mask-discovery', ''],
  [30, 'flag', 'mask-supplier', ''],
  [31, 'flag', 'router-discovery', 'router-discovery'],
  [32, 'address', 'router-solicitation-address', 'router-solicitation'],
  [33, 'addresses', 'static-routes', 'static-route'],
  [34, 'flag', 'trailer-encapsulation', 'trailer-encapsulation'],
  [35, 'long', 'arp-cache-timeout', 'arp-timeout'],
  [36, 'flag', 'ieee802-3-encapsulation', 'ethernet-encap'],
  [37, 'byte', 'default-tcp-ttl', 'tcp-ttl'],
  [38, 'long', 'tcp-keepalive-interval', 'tcp-keepalive'],
  [39, 'flag', 'tcp-keepalive-garbage', ''],
  [40, 'text', 'nis-domain', 'nis-domain'],
  [41, 'addresses', 'nis-servers', 'nis-server'],
  [42, 'addresses', 'ntp-servers', 'ntp-server'],
  [43, 'hex', 'vendor-encapsulated-options', ''],
  [44, 'addresses', 'netbios-name-servers', 'netbios-ns'],
  [45, 'addresses', 'netbios-dd-server', 'netbios-dd'],
  [46, 'byte', 'netbios-node-type', 'netbios-nodetype'],
  [47, 'text', 'netbios-scope', 'netbios-scope'],
  [48, 'addresses', 'font-servers', 'x-windows-fs'],
  [49, 'addresses', 'x-display-manager', 'x-windows-dm'],
  [50, 'address', 'dhcp-requested-address', ''],
  [51, 'long', 'dhcp-lease-time', ''],
  [52, 'byte', 'dhcp-option-overload', ''],
  [53, 'byte', 'dhcp-message-type', ''],
  [54, 'address', 'dhcp-server-identifier', ''],
  [55, 'bytes', 'dhcp-parameter-request-list', ''],
  [56, 'text', 'dhcp-message', ''],
  [57, 'short', 'dhcp-max-message-size', ''],
  [58, 'long', 'dhcp-renewal-time', 'T1'],
  [59, 'long', 'dhcp-rebinding-time', 'T2'],
  [60, 'text', 'vendor-class-identifier', 'vendor-class'],
  [61, 'hex', 'dhcp-client-identifier', ''],
  [62, 'text', 'nwip-domain', '', 'nwip-domain-name'],
  [64, 'text', 'nisplus-domain', 'nis+-domain', 'nisplus-domain-name'],
  [65, 'addresses', 'nisplus-servers', 'nis+-server'],
  [66, 'text', 'tftp-server-name', 'tftp-server'],
  [67, 'text', 'bootfile-name', 'bootfile-name', 'boot-file-name'],
  [68, 'addresses', 'mobile-ip-home-agent', 'mobile-ip-home'],
  [69, 'addresses', 'smtp-server', 'smtp-server'],
  [70, 'addresses', 'pop-server', 'pop3-server'],
  [71, 'addresses', 'nntp-server', 'nntp-server'],
  [72, 'addresses', 'www-server', ''],
  [73, 'addresses', 'finger-server', ''],
  [74, 'addresses', 'irc-server', 'irc-server'],
  [75, 'addresses', 'streettalk-server', ''],
  [76, 'addresses', 'streettalk-directory-assistance-server', ''],
  [77, 'text', 'user-class', 'user-class', ''],
  [82, 'hex', '', '', 'dhcp-agent-options'],
  [85, 'addresses', 'nds-servers', ''],
  [86, 'text', 'nds-tree-name', ''],
  [87, 'text', 'nds-context', ''],
  [88, 'domains', '', '', 'bcms-controller-names'],
  [89, 'addresses', '', '', 'bcms-controller-address'],
  [93, 'shorts', '', 'client-arch', 'client-system'],
  [94, 'hex', '', 'client-interface-id', 'client-ndi'],
  [97, 'hex', '', 'client-machine-id', 'uuid-guid'],
  [98, 'text', 'uap-servers', ''],
  [100, 'text', 'pcode', 'posix-timezone'],
  [101, 'text', 'tcode', 'tzdb-timezone'],
  [108, 'long', 'v6-only-preferred', 'ipv6-only'],
  [112, 'addresses', 'netinfo-server-address', ''],
  [113, 'text', 'netinfo-server-tag', ''],
  [114, 'text', 'default-url', '', 'v4-captive-portal'],
  [116, 'byte', 'auto-config', ''],
  [118, 'address', 'subnet-selection', ''],
  [119, 'domains', 'domain-search', 'domain-search'],
  [120, 'hex', '', 'sip-server'],
  [121, 'routes', '', 'classless-static-route', 'classless-static-route'],
  [125, 'hex', 'vivso', 'vendor-id-encap', 'vivso-suboptions'],
  [138, 'addresses', '', '', 'capwap-ac-v4'],
  [150, 'addresses', 'tftp-server-address', 'tftp-server-address', ''],
  // Sites define these themselves, as PXELINUX's manual says.
  [208, 'hex', 'pxelinux.magic', '', ''],
  [209, 'text', 'pxelinux.configfile', '', ''],
  [210, 'text', 'pxelinux.pathprefix', '', ''],
  [211, 'long', 'pxelinux.reboottime', '', ''],
];

export const OPTIONS: readonly KnownOption[] = ROWS.map(([code, type, isc, dnsmasq = '', kea = isc]) => ({
  code,
  type,
  ...(isc !== '' && { isc }),
  ...(dnsmasq !== '' && { dnsmasq }),
  ...(kea !== '' && { kea }),
}));

const byName = (server: 'isc' | 'dnsmasq' | 'kea'): ReadonlyMap<string, KnownOption> =>
  new Map(OPTIONS.flatMap((option) => (option[server] === undefined ? [] : [[option[server], option]])));

export const ISC_OPTIONS = byName('isc');
export const DNSMASQ_OPTIONS = byName('dnsmasq');
export const KEA_OPTIONS = byName('kea');
export const OPTION_BY_CODE: ReadonlyMap<number, KnownOption> = new Map(
  OPTIONS.map((option) => [option.code, option]),
);
