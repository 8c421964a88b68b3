/**
 * Kickstart's commands in RHEL 8 to 10 and Fedora, as far as a checker needs to know them. (pykickstart's
 * documentation of commands, one entry a command.)
 */

export type Release = { readonly of: 'rhel' | 'fedora'; readonly major: number };

export type KickstartCommand = {
  /** The first release that refuses it. */
  readonly removed?: { readonly rhel: number; readonly fedora: number };
  /** Long options that take a value; undefined: options are not looked at. */
  readonly values?: readonly string[];
  readonly flags?: readonly string[];
  /** Words beside the options: at least and at most. */
  readonly words?: readonly [min: number, max: number];
  /** One of these must be there. */
  readonly oneOf?: readonly string[];
  /** All of these must be there. */
  readonly needs?: readonly string[];
};

const list = (text: string): readonly string[] => text.trim().split(/\s+/);

const FILE_SYSTEM = list(
  'fstype fsoptions mkfsoptions fsprofile label size maxsize passphrase escrowcert cipher',
);
const LUKS = list('luks-version pbkdf pbkdf-memory pbkdf-time pbkdf-iterations');
const LUKS_FLAGS = list('encrypted backuppassphrase');

const PART: KickstartCommand = {
  values: [
    ...FILE_SYSTEM,
    ...LUKS,
    ...list('onpart usepart ondisk ondrive uuid resize-size hibernation-size'),
  ],
  flags: [...LUKS_FLAGS, ...list('grow asprimary noformat recommended hibernation resize active')],
  words: [1, 1],
};
const END: KickstartCommand = { values: [], flags: list('eject kexec'), words: [0, 0] };
const DISPLAY: KickstartCommand = { flags: ['non-interactive'], values: [], words: [0, 0] };
const ANY: KickstartCommand = {};
const GONE_34: KickstartCommand = { removed: { rhel: 9, fedora: 34 } };
const GONE_35: KickstartCommand = { removed: { rhel: 10, fedora: 35 } };
const GONE_40: KickstartCommand = { removed: { rhel: 10, fedora: 40 } };

export const KICKSTART_COMMANDS: Readonly<Record<string, KickstartCommand>> = {
  auth: GONE_35,
  authconfig: GONE_35,
  authselect: ANY,
  autopart: {
    values: [...LUKS, ...list('type fstype passphrase escrowcert cipher')],
    flags: [...LUKS_FLAGS, ...list('nolvm nohome noboot noswap hibernation')],
    words: [0, 0],
  },
  autostep: GONE_40,
  bootloader: {
    values: list('append location password driveorder timeout default boot-drive md5pass upgrade stage2'),
    flags: list('disabled iscrypted nombr leavebootorder extlinux sdboot upgrade linear nolinear lba32'),
    words: [0, 0],
  },
  btrfs: ANY,
  cdrom: { values: [], flags: [], words: [0, 0] },
  clearpart: {
    values: list('drives list disklabel'),
    flags: list('all initlabel linux none cdl'),
    words: [0, 0],
  },
  cmdline: DISPLAY,
  device: ANY,
  deviceprobe: ANY,
  dmraid: ANY,
  driverdisk: ANY,
  eula: { values: [], flags: list('agreed accepted'), words: [0, 0] },
  fcoe: ANY,
  firewall: {
    values: list('service remove-service port trust'),
    flags: list('enabled enable disabled disable use-system-defaults http ssh smtp ftp telnet'),
    // Names of devices, from the days before --trust.
    words: [0, 99],
  },
  firstboot: { values: [], flags: list('enable enabled disable disabled reconfig'), words: [0, 0] },
  graphical: DISPLAY,
  group: { values: list('name gid'), flags: [], words: [0, 0], needs: ['name'] },
  halt: END,
  harddrive: ANY,
  hmc: ANY,
  ignoredisk: { values: list('drives only-use'), flags: ['interactive'], words: [0, 0] },
  install: GONE_34,
  iscsi: ANY,
  iscsiname: ANY,
  keyboard: { values: list('vckeymap xlayouts switch'), flags: [], words: [0, 1] },
  lang: { values: ['addsupport'], flags: [], words: [1, 1] },
  liveimg: { values: list('url proxy checksum'), flags: ['noverifyssl'], words: [0, 0], needs: ['url'] },
  logging: ANY,
  logvol: {
    values: [
      ...FILE_SYSTEM,
      ...LUKS,
      ...list(
        'name vgname poolname percent cachesize cachemode cachepvs chunksize metadatasize profile resize-size',
      ),
    ],
    flags: [...LUKS_FLAGS, ...list('grow noformat useexisting recommended hibernation thinpool thin resize')],
    words: [1, 1],
    needs: ['name', 'vgname'],
  },
  mediacheck: ANY,
  method: ANY,
  module: { values: list('name stream'), flags: ['disable'], words: [0, 0], needs: ['name'] },
  mount: ANY,
  multipath: ANY,
  network: {
    values: list(
      `bootproto dhcpclass device essid ethtool gateway hostname ip mtu nameserver netmask onboot wepkey wpakey
       ipv6 ipv6gateway vlanid bondslaves bondopts teamslaves teamconfig interfacename bridgeslaves bridgeopts
       bindto ipv4-dns-search ipv6-dns-search`,
    ),
    flags: list(
      'activate no-activate nodefroute nodns noipv4 noipv6 notksdevice ipv4-ignore-auto-dns ipv6-ignore-auto-dns',
    ),
    words: [0, 0],
  },
  nfs: { values: list('server dir opts'), flags: [], words: [0, 0], needs: ['server', 'dir'] },
  nvdimm: ANY,
  ostreecontainer: ANY,
  ostreesetup: ANY,
  part: PART,
  partition: PART,
  poweroff: END,
  raid: {
    values: [...FILE_SYSTEM, ...LUKS, ...list('level device spares chunksize')],
    flags: [...LUKS_FLAGS, ...list('noformat useexisting')],
    words: [1, 99],
    needs: ['device'],
  },
  realm: ANY,
  reboot: END,
  repo: {
    values: list(
      `name baseurl mirrorlist metalink cost includepkgs excludepkgs proxy ignoregroups sslcacert sslclientcert
       sslclientkey`,
    ),
    flags: list('noverifyssl install'),
    words: [0, 0],
    needs: ['name'],
  },
  reqpart: { values: [], flags: ['add-boot'], words: [0, 0] },
  rescue: ANY,
  rhsm: ANY,
  rootpw: { values: [], flags: list('iscrypted plaintext lock allow-ssh'), words: [0, 1] },
  selinux: {
    values: [],
    flags: list('enforcing permissive disabled'),
    words: [0, 0],
    oneOf: list('enforcing permissive disabled'),
  },
  services: { values: list('enabled disabled'), flags: [], words: [0, 0], oneOf: list('enabled disabled') },
  shutdown: END,
  skipx: { values: [], flags: [], words: [0, 0] },
  snapshot: ANY,
  sshkey: ANY,
  sshpw: ANY,
  syspurpose: ANY,
  text: DISPLAY,
  timesource: { values: list('ntp-server ntp-pool'), flags: list('ntp-disable nts'), words: [0, 0] },
  timezone: { values: ['ntpservers'], flags: list('utc isUtc nontp'), words: [0, 1] },
  updates: ANY,
  url: {
    values: list('url mirrorlist metalink proxy sslcacert sslclientcert sslclientkey'),
    flags: ['noverifyssl'],
    words: [0, 0],
    oneOf: list('url mirrorlist metalink'),
  },
  user: {
    values: list('name groups homedir password shell uid gid gecos'),
    flags: list('iscrypted plaintext lock'),
    words: [0, 0],
    needs: ['name'],
  },
  vnc: ANY,
  volgroup: {
    values: list('pesize reserved-space reserved-percent'),
    flags: list('noformat useexisting'),
    words: [1, 99],
  },
  xconfig: { values: list('defaultdesktop'), flags: ['startxonboot'], words: [0, 0] },
  zerombr: { values: [], flags: [], words: [0, 1] },
  zfcp: ANY,
  zipl: ANY,
};
