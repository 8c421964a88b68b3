/**
 * cloud-init's `#cloud-config`, and Ubuntu's autoinstall inside of it. (cloud-init "Module reference"; Subiquity
 * "Autoinstall configuration reference manual".)
 */

import { nearest } from '../inventory/nearest.ts';
import { type FormatFinding, findings, orRather, type Report } from './finding.ts';
import {
  anything,
  checkShape,
  dictionary,
  either,
  entryOf,
  filledText,
  flag,
  list,
  map,
  nothing,
  oneOf,
  type Shape,
  scalarAt,
  type Tree,
  text,
  textLike,
  valueAt,
  whole,
} from './tree.ts';
import { parseYamlDocuments } from './yaml.ts';

/** A shell command line, or its words. */
const commands = list(either(textLike, list(textLike)));
const password = filledText;
const texts = list(textLike);

const IDENTITY = map(
  { hostname: filledText, username: filledText, password },
  { realname: either(text, nothing), groups: anything },
);

const NETPLAN: Shape = map(
  {},
  {
    version: oneOf(2),
    renderer: oneOf('networkd', 'NetworkManager'),
    ethernets: dictionary(dictionary()),
    bonds: dictionary(dictionary()),
    bridges: dictionary(dictionary()),
    vlans: dictionary(dictionary()),
    wifis: dictionary(dictionary()),
    tunnels: dictionary(dictionary()),
    vrfs: dictionary(dictionary()),
    'dummy-devices': dictionary(dictionary()),
  },
);

/** Before Ubuntu 20.10 `network` had another `network` in it; both are read still. */
const NETWORK: Shape = {
  ...NETPLAN,
  inner: (tree, path, report) => {
    const nested = entryOf(tree, 'network');
    if (nested === undefined) NETPLAN.inner?.(tree, path, report);
    else checkShape(NETPLAN, nested.value, `${path}.network`, report);
  },
};

const AUTOINSTALL = map(
  { version: oneOf(1) },
  {
    'active-directory': anything,
    apt: map(
      {},
      {
        preserve_sources_list: flag,
        conf: text,
        'mirror-selection': dictionary(),
        fallback: oneOf('abort', 'continue-anyway', 'offline-install'),
        geoip: flag,
        primary: list(dictionary()),
        security: list(dictionary()),
        sources: dictionary(dictionary()),
        sources_list: text,
        disable_components: texts,
        disable_suites: texts,
        debconf_selections: anything,
        preferences: list(dictionary()),
        http_proxy: anything,
        https_proxy: anything,
        proxy: anything,
        add_apt_repo_match: anything,
      },
    ),
    codecs: map({}, { install: flag }),
    'debconf-selections': text,
    drivers: map({}, { install: flag }),
    'early-commands': commands,
    'error-commands': commands,
    identity: IDENTITY,
    'interactive-sections': texts,
    kernel: map({}, { package: text, flavor: text }),
    'kernel-crash-dumps': map({}, { enabled: either(flag, nothing) }),
    keyboard: map({}, { layout: text, variant: either(text, nothing), toggle: either(text, nothing) }),
    'late-commands': commands,
    locale: text,
    network: NETWORK,
    oem: map({}, { install: either(flag, oneOf('auto')) }),
    packages: texts,
    proxy: either(text, nothing),
    'refresh-installer': map({}, { update: flag, channel: text }),
    reporting: dictionary(dictionary()),
    shutdown: oneOf('reboot', 'poweroff'),
    snaps: list(map({ name: filledText }, { channel: text, classic: flag })),
    source: map({}, { search_drivers: flag, id: filledText }),
    ssh: map({}, { 'install-server': flag, 'authorized-keys': list(filledText), 'allow-pw': flag }),
    storage: map(
      {},
      {
        layout: either(dictionary(), nothing),
        config: list(dictionary()),
        swap: dictionary(),
        grub: dictionary(),
        version: whole,
      },
    ),
    timezone: text,
    'ubuntu-advantage': dictionary(),
    'ubuntu-pro': dictionary(),
    updates: oneOf('security', 'all'),
    'user-data': dictionary(),
    zdevs: list(dictionary()),
  },
);

/** Keys of cloud-init's modules and its own, and the shapes of those that templates write. */
const SHAPES: Readonly<Record<string, Shape>> = {
  autoinstall: AUTOINSTALL,
  bootcmd: commands,
  disable_root: either(flag, textLike),
  fqdn: text,
  hostname: text,
  locale: either(text, flag),
  manage_etc_hosts: either(flag, text),
  package_reboot_if_required: flag,
  package_update: flag,
  package_upgrade: flag,
  packages: list(either(textLike, list(textLike), dictionary())),
  password: text,
  phone_home: map({ url: filledText }, { post: anything, tries: anything }),
  preserve_hostname: flag,
  resize_rootfs: either(flag, text),
  runcmd: list(either(textLike, list(textLike), nothing)),
  ssh_authorized_keys: list(filledText),
  ssh_pwauth: either(flag, text),
  timezone: text,
  users: either(list(either(text, dictionary())), text, dictionary()),
  write_files: list(
    map(
      { path: filledText },
      {
        content: text,
        owner: text,
        permissions: textLike,
        encoding: text,
        append: flag,
        defer: flag,
        source: dictionary(),
      },
    ),
  ),
};

const OTHERS = `
  ansible apk_repos apt apt_pipelining byobu_by_default ca-certs ca_certs chef chpasswd cloud_config_modules
  cloud_final_modules cloud_init_modules coreos create_hostname_file datasource datasource_list debug device_aliases
  disable_ec2_metadata disable_root_opts disk_setup drivers fan final_message fs_setup groups growpart keyboard
  landscape launch-index locale_configfile lxd manage_resolv_conf mcollective merge_how merge_type migrate
  mount_default_fields mounts network no_ssh_fingerprints ntp output power_state prefer_fqdn_over_hostname puppet
  random_seed reporting resolv_conf rh_subscription rpi rsyslog salt_minion snap spacewalk ssh ssh_deletekeys
  ssh_fp_console_blacklist ssh_genkeytypes ssh_import_id ssh_keys ssh_publish_hostkeys ssh_quiet_keygen swap
  syslog_fix_perms system_info ubuntu_advantage ubuntu_pro updates user vendor_data version wireguard
  yum_repo_dir yum_repos zypper
`;

const CLOUD_CONFIG = map(
  {},
  {
    ...Object.fromEntries(
      OTHERS.trim()
        .split(/\s+/)
        .map((key) => [key, anything]),
    ),
    ...SHAPES,
  },
);

/** `autoinstall`: the answer file of Ubuntu's installer; `cloud-config`: user data of an installed system. */
export function checkCloudConfig(
  source: string,
  expected: 'autoinstall' | 'cloud-config',
): readonly FormatFinding[] {
  return findings((report) => {
    if (!/^#cloud-config[ \t]*(\r?\n|$)/.test(source))
      report(0, 'error', 'the first line must be "#cloud-config"; anything else is passed over');
    const { trees, findings: broken } = parseYamlDocuments(source);
    for (const { offset, severity, message } of broken) report(offset, severity, message);
    const [tree] = trees;
    if (trees.length > 1) report(trees[1]!.offset, 'error', 'only the first document is read');
    if (tree === undefined) {
      if (broken.length === 0 && expected === 'autoinstall') report(0, 'error', 'autoinstall is missing');
      return;
    }
    checkShape(CLOUD_CONFIG, tree, '', report);
    if (expected === 'autoinstall' || entryOf(tree, 'autoinstall') !== undefined) checkInstall(tree, report);
  });
}

/** Lists whose texts are handed to `sh -c`. */
const COMMAND_LISTS = [
  ['runcmd'],
  ['bootcmd'],
  ...['early-commands', 'late-commands', 'error-commands'].map((key) => ['autoinstall', key]),
];

export type Command = { readonly text: string; readonly offset: number };

/** Those that stand in the text as they are run: not blocks, whose indentation YAML takes away, nor escapes. */
export function shellCommands(source: string): readonly Command[] {
  const { trees } = parseYamlDocuments(source);
  return COMMAND_LISTS.flatMap((path) => {
    const commands = valueAt(trees[0], ...path);
    if (commands?.kind !== 'list') return [];
    return commands.items.flatMap((item) => {
      if (item.kind !== 'scalar' || typeof item.value !== 'string') return [];
      const quoted = /["']/.test(source.charAt(item.offset)) ? 1 : 0;
      const offset = item.offset + quoted;
      return source.startsWith(item.value, offset) ? [{ text: item.value, offset }] : [];
    });
  });
}

function checkInstall(tree: Tree, report: Report): void {
  const install = entryOf(tree, 'autoinstall');
  if (install === undefined) {
    const keys = tree.kind === 'map' ? tree.entries.map(({ key }) => key) : [];
    report(tree.offset, 'error', `autoinstall is missing${orRather(nearest('autoinstall', keys))}`);
    return;
  }
  const { value, offset } = install;
  const someone = ['identity', 'user-data', 'active-directory'].some(
    (key) => entryOf(value, key) !== undefined,
  );
  const asked = valueAt(value, 'interactive-sections');
  if (!someone && asked === undefined)
    report(offset, 'error', 'autoinstall needs identity or user-data: nobody could log in');
  const layout = scalarAt(value, 'storage', 'layout', 'name');
  if (typeof layout === 'string' && !['lvm', 'direct', 'zfs', 'hybrid', 'dd'].includes(layout))
    report(
      valueAt(value, 'storage', 'layout', 'name')!.offset,
      'error',
      'the storage layout is one of lvm, direct, zfs, hybrid, dd',
    );
}
