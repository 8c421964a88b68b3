/** The instance variables of each kind of installer, as Foreman sets them. */

import { describe, expect, it } from 'vitest';
import { SiteIndex } from '../inventory/site.ts';
import type { Host, Json, OperatingSystem, OsFamily } from '../inventory/types.ts';
import { formatTemplateError } from './errors.ts';
import { render } from './render.ts';
import { scopeOf } from './scope.ts';

const NAMES = [
  'additional_media',
  'arch',
  'dynamic',
  'initrd',
  'initrd_uri',
  'kernel',
  'kernel_uri',
  'mediapath',
  'mediaserver',
  'osver',
  'preseed_path',
  'preseed_server',
  'provisioning_type',
  'repos',
  'static',
  'template_name',
  'xen',
] as const;
type Name = (typeof NAMES)[number];

type Given = {
  readonly family: OsFamily;
  readonly os?: Partial<OperatingSystem>;
  readonly path?: string;
  readonly layout?: string;
  readonly parameters?: Readonly<Record<string, Json>>;
};

function siteOf({ family, os, path = 'http://m.example.com/tree', layout, parameters = {} }: Given) {
  const site = new SiteIndex();
  const system: OperatingSystem = {
    id: 1,
    name: family,
    major: '9',
    minor: '4',
    family,
    media: ['m'],
    architectures: [],
    ptables: [],
    provisioning_templates: [],
    parameters: {},
    ...os,
  };
  site.put('operatingsystems', system);
  site.put('media', { id: 1, name: 'm', path });
  const host: Host = {
    id: 1,
    name: 'h',
    enabled: true,
    architecture: 'x86_64',
    operatingsystem: `${system.name} ${system.major}.${system.minor}`,
    build: true,
    interfaces: [],
    parameters,
    ...(layout !== undefined && { disk: layout }),
  };
  return { site, host };
}

function rendered(template: string, given: Given, fixed = false): string {
  const { site, host } = siteOf(given);
  const scope = scopeOf({ site, host, kind: 'provision', base: 'http://192.0.2.1', now: 0, static: fixed });
  const result = render({ template: 'main', text: template, scope }, new Map());
  return result.ok ? result.text : formatTemplateError(result.error);
}

/** Inspected; those that are nil are left out, and so is the identifier of the medium. */
function variables(given: Given): Partial<Record<Name, string>> {
  const lines = rendered(NAMES.map((name) => `<%= @${name}.inspect %>\n`).join(''), given).split('\n');
  const found = NAMES.map((name, i) => [name, lines[i]!.replace(/-\w{12}\b/, '-ID')] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== 'nil'));
}

const COMMON = {
  additional_media: '[]',
  provisioning_type: '"host"',
  static: 'false',
  template_name: '"main"',
};
const boot = (directory: string, kernel: string, initrd: string) => ({
  kernel: `"boot/m-ID-${kernel}"`,
  initrd: `"boot/m-ID-${initrd}"`,
  kernel_uri: `"http://m.example.com/tree/${directory}${kernel}"`,
  initrd_uri: `"http://m.example.com/tree/${directory}${initrd}"`,
});

describe('variables', () => {
  it.each<[string, Given, Partial<Record<Name, string>>]>([
    [
      'kickstart',
      { family: 'Redhat', layout: 'zerombr\n#Dynamic\n' },
      {
        dynamic: 'true',
        arch: '"x86_64"',
        osver: '9',
        mediapath: '"url --url http://m.example.com/tree"',
        ...boot('images/pxeboot/', 'vmlinuz', 'initrd.img'),
      },
    ],
    [
      'kickstart over NFS',
      { family: 'Redhat', path: 'nfs://server/export/rocky', layout: 'autopart' },
      { dynamic: 'false', mediapath: '"nfs --server server --dir /export/rocky"' },
    ],
    [
      'preseed',
      { family: 'Debian', os: { release_name: 'bookworm' }, path: 'http://u:p@M.example.com:3142/tree' },
      { preseed_server: '"m.example.com:3142"', preseed_path: '"/tree"' },
    ],
    [
      'yast',
      { family: 'Suse', layout: '#Dynamic' },
      {
        dynamic: 'true',
        mediapath: '"http://m.example.com/tree"',
        ...boot('boot/x86_64/loader/', 'linux', 'initrd'),
      },
    ],
    [
      'coreos',
      { family: 'Coreos', os: { name: 'Flatcar' } },
      { mediapath: '"http://m.example.com/tree/amd64-usr/"' },
    ],
    ['fcos', { family: 'Fcos' }, { kernel: '"boot/m-ID-fedora-coreos-9.4-live-kernel-x86_64"' }],
    ['waik', { family: 'Windows' }, { kernel_uri: '"http://m.example.com/tree/wimboot"' }],
    [
      'xenserver',
      { family: 'Xenserver' },
      { mediapath: '"http://m.example.com/tree"', xen: '"boot/m-ID-xen.gz"' },
    ],
    [
      'alterator',
      { family: 'Altlinux' },
      { mediapath: '"http://m.example.com/tree"', mediaserver: '"m.example.com"' },
    ],
    [
      'memdisk',
      { family: 'Freebsd', path: 'http://m.example.com/$arch' },
      {
        mediapath: '"http://m.example.com/amd64"',
        kernel: '"memdisk"',
        initrd: '"boot/FreeBSD-amd64-9.4-mfs.img"',
      },
    ],
    ['rancheros', { family: 'Rancheros' }, { mediapath: '""' }],
    ['talos', { family: 'Talos' }, boot('', 'vmlinuz-amd64', 'initramfs-amd64.xz')],
    ['ZTP', { family: 'Junos' }, { mediapath: '"http://m.example.com/tree"', initrd: '"none"' }],
    ['no installer of its own', { family: 'Gentoo' }, {}],
    ['nothing to boot by PXE', { family: 'NXOS' }, {}],
  ])('%s', (_name, given, expected) => {
    expect(variables(given)).toMatchObject({ ...COMMON, ...expected });
  });

  it.each<[string, Given, readonly Name[]]>([
    ['Debian', { family: 'Debian' }, ['arch', 'osver', 'mediapath', 'dynamic']],
    ['Windows', { family: 'Windows' }, ['mediapath', 'arch']],
    ['a system without installer', { family: 'Gentoo' }, ['kernel', 'initrd', 'mediapath']],
    ['NX-OS', { family: 'NXOS' }, ['kernel', 'initrd']],
    ['a kickstart without disk layout', { family: 'Redhat' }, ['dynamic']],
  ])('%s has none that Foreman does not give it', (_name, given, names) => {
    const found = variables(given);
    for (const name of names) expect(found).not.toHaveProperty(name);
  });

  it.each<[Given, string]>([
    [
      { family: 'Fcos' },
      '2 http://m.example.com/tree/prod/streams//builds/9.4/x86_64/fedora-coreos-9.4-live-rootfs.x86_64.img',
    ],
    [{ family: 'Windows' }, '5 '],
    [{ family: 'Xenserver' }, '4 '],
    [{ family: 'Freebsd' }, '0 '],
  ])('%j has so many boot files', (given, expected) => {
    const template =
      '<%= @host.operatingsystem.boot_files_uri(medium_provider).size %> <%= @host.url_for_boot(:rootfs) %>';
    expect(rendered(template, given)).toBe(expected);
  });

  it('@static is what the request says', () => {
    expect(rendered('<%= @static %>', { family: 'Redhat' }, true)).toBe('true');
  });

  it.each<[Json | undefined, string]>([
    [undefined, ''],
    ['[{"name": "epel", "url": "http://e"}, {"name": "none"}, 7]', 'epel http://e'],
    [[{ name: 'epel', url: 'http://e' }], 'epel http://e'],
    ['not JSON', ''],
    ['{"name": "x", "url": "y"}', ''],
  ])('@additional_media of %j', (additional_media, expected) => {
    const parameters: Record<string, Json> = additional_media === undefined ? {} : { additional_media };
    const template = '<%= @additional_media.map { |m| m[:name] + " " + m["url"] }.join(",") %>';
    expect(rendered(template, { family: 'Redhat', parameters })).toBe(expected);
  });
});
