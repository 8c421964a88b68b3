/** Preseeds and the scripts around them: debconf and the shells read them, and they say what the inventory says. */

import { describe, expect, it } from 'vitest';
import type { Host, Parameters } from '../../../src/inventory/types.ts';
import { rendered } from '../cases.ts';
import { expectAccepted, expectShell, kernelArguments, renderedWith, renderingsOf } from './tools.ts';

/** The value of a question; lines that end in a backslash are joined, as debconf does. */
function answer(preseed: string, question: string): string | undefined {
  const joined = preseed.replace(/\\\n/g, ' ');
  return new RegExp(`^\\S+ ${question} \\w+ ?(.*)$`, 'm').exec(joined)?.[1];
}

describe('Preseed default', () => {
  it.for(renderingsOf('Preseed default'))('%s', ([, each], ctx) => {
    const text = rendered(each);
    for (const question of ['preseed/early_command', 'preseed/late_command', 'partman/early_command']) {
      const command = answer(text, question);
      if (command !== undefined) expectShell(ctx, command, ['dash']);
    }
    expect(answer(text, 'preseed/late_command')).toContain(
      `/unattended/finish?token=${each.host!.token!.value}'`,
    );
    expect(answer(text, 'passwd/root-password-crypted')).toBe('$6$saltsalt$hash');
    // Nothing may be asked before the disk is written to.
    for (const question of ['partman-auto/method', 'partman/confirm', 'partman/confirm_nooverwrite'])
      expect(text.match(new RegExp(`^d-i ${question} `, 'gm'))).toHaveLength(1);
    const tool = {
      program: 'debconf-set-selections',
      args: ['--checkonly'],
      debianPackage: 'debconf',
    };
    expectAccepted(ctx, tool, text);
  });

  it('reports at once, and ends, when it is told to', () => {
    const [, early] = renderingsOf('Preseed default').find(([host]) => host === 'debian-dhcp')!;
    expect(answer(rendered(early), 'preseed/early_command')).toMatch(
      /^wget -q -O \/dev\/null 'http:\/\/192\.0\.2\.1:8080\/unattended\/built\?token=\S+'; poweroff -f/,
    );
  });
});

/** What debian-installer is told about the network, by host; undefined: it may find out by itself. */
const NETWORKS: Readonly<Record<string, Readonly<Record<string, string>> | undefined>> = {
  'debian-dhcp': undefined,
  'debian-static': {
    'netcfg/get_ipaddress': '198.51.100.12',
    'netcfg/get_netmask': '255.255.255.0',
    'netcfg/get_gateway': '198.51.100.1',
    'netcfg/get_nameservers': '192.0.2.53',
  },
  'debian13-ip6': {
    'netcfg/get_ipaddress': '2001:db8:2::21/64',
    'netcfg/get_gateway': '2001:db8:2::1',
    'netcfg/get_nameservers': '2001:db8::53',
  },
  'debian11-vlan': { 'netcfg/get_ipaddress': '203.0.113.22', 'netcfg/vlan_id': '100' },
  'debian-bond': { 'netcfg/get_ipaddress': '198.51.100.23', 'netcfg/get_gateway': '198.51.100.1' },
};

describe('Preseed default PXELinux', () => {
  it.for(renderingsOf('Preseed default PXELinux'))('tells %s its network', ([host, each]) => {
    const line = /^\s*APPEND (.*)$/m.exec(rendered(each))![1]!;
    const expected = NETWORKS[host];
    if (expected === undefined) expect(line).not.toContain('netcfg/');
    else expect(kernelArguments(line)).toMatchObject({ ...expected, 'netcfg/disable_autoconfig': 'true' });
  });

  it('boots over the first card of a bond', () => {
    const [, bond] = renderingsOf('Preseed default PXELinux').find(([host]) => host === 'debian-bond')!;
    expect(rendered(bond)).toContain(' BOOTIF=01-52-54-00-00-23-01 ');
  });
});

/** Stanzas of the file, by `name family`, with the shell's variables still in them. */
function stanzas(script: string): Record<string, readonly string[]> {
  const [, file = ''] = /\/etc\/network\/interfaces << EOF\n(.*?)\nEOF\n/s.exec(script) ?? [];
  const found = `${file}\n`.matchAll(/^iface (\S+ inet6?) (\S+)\n((?: {4}.*\n?)*)/gm);
  return Object.fromEntries(
    [...found].map(([, name, method, lines]) => [
      name!,
      [method!, ...lines!.split('\n').flatMap((line) => line.trim() || [])],
    ]),
  );
}

describe('preseed_networking_setup', () => {
  const of = (host: string) =>
    stanzas(rendered(renderingsOf('Preseed default user data').find(([name]) => name === host)![1]));

  it('writes an address, its gateway and its name servers', () => {
    expect(of('debian-static')['$nic0 inet']).toEqual([
      'static',
      'address 198.51.100.12/24',
      'gateway 198.51.100.1',
      'dns-nameservers 192.0.2.53 192.0.2.54',
      'dns-search example.com',
    ]);
  });

  it('leaves DHCP to DHCP, and has no IPv4 where there is none', () => {
    expect(of('debian-dhcp')).toEqual({ 'lo inet': ['loopback'], '$nic0 inet': ['dhcp'] });
    expect(of('debian13-ip6')).toEqual({
      'lo inet': ['loopback'],
      '$nic0 inet6': [
        'static',
        'address 2001:db8:2::21/64',
        'gateway 2001:db8:2::1',
        'dns-nameservers 2001:db8::53 2001:db8::54',
      ],
    });
  });

  it('makes a VLAN on a card that is known by its address', () => {
    const vlan = of('debian11-vlan');
    expect(vlan['$nic0 inet']).toEqual(['manual']);
    expect(vlan['$nic0.100 inet']).toEqual(
      expect.arrayContaining(['static', 'vlan-raw-device $nic0', 'address 203.0.113.22/24']),
    );
  });

  it('makes a bond of both families, a VLAN over it that is no way out, and a bridge', () => {
    const bond = of('debian-bond');
    expect(Object.keys(bond)).toEqual(['lo inet', 'bond0 inet', 'bond0 inet6', 'br0 inet', 'bond0.100 inet']);
    expect(bond['bond0 inet']).toEqual(
      expect.arrayContaining(['bond-slaves $nic0 $nic1', 'bond-mode 802.3ad', 'bond-lacp-rate fast']),
    );
    expect(bond['bond0 inet6']).toEqual(['dhcp']);
    expect(bond['br0 inet']).toEqual(['dhcp', 'bridge_ports $nic3']);
    expect(bond['bond0.100 inet']!.join('\n')).not.toContain('gateway');
  });
});

describe.each(['Preseed default finish', 'Preseed default user data'])('%s', (template) => {
  it.for(renderingsOf(template))('is a script: %s', ([, each], ctx) => {
    const text = rendered(each);
    expect(text).toMatch(/^#!\/bin\/sh\n/);
    const early = each.host!.parameters.chainboot_report === 'early' && template.endsWith('finish');
    expect(text.includes(`/unattended/built?token=${each.host!.token!.value}'`)).toBe(!early);
    expect(text).not.toMatch(/\bsleep\b/);
    expectShell(ctx, text, ['dash', 'bash']);
  });
});

/** Parameters with lines they must lead to in the preseed of a Debian 12 host. */
const PARAMETERS: readonly (readonly [name: string, parameters: Parameters, expected: readonly string[]])[] =
  [
    ['a proxy as a whole URL', { http_proxy: 'http://p:1' }, ['d-i mirror/http/proxy string http://p:1']],
    [
      'a proxy in two parts',
      { 'http-proxy': 'p', 'http-proxy-port': 3128 },
      ['d-i mirror/http/proxy string http://p:3128'],
    ],
    ['the clock', { 'time-zone': 'Europe/Berlin' }, ['d-i time/zone string Europe/Berlin']],
    [
      'more repositories',
      { additional_media: [{ name: 'x', url: 'http://m/x', comment: 'X', gpgkey: 'http://m/key' }] },
      [
        'd-i apt-setup/local0/repository string http://m/x bookworm main',
        'd-i apt-setup/local0/comment string X',
        'd-i apt-setup/local0/key string http://m/key',
      ],
    ],
    [
      'packages',
      { 'additional-packages': 'git', 'preseed-post-install-upgrade': 'none' },
      ['d-i pkgsel/include string openssh-server curl git chrony', 'd-i pkgsel/upgrade select none'],
    ],
    [
      'a kernel',
      { 'preseed-kernel-image': 'linux-image-cloud-amd64' },
      ['d-i base-installer/kernel/image string linux-image-cloud-amd64'],
    ],
    [
      'the disk',
      {
        'install-disk': '/dev/sdb',
        'partitioning-method': 'lvm',
        'partitioning-recipe': 'multi',
        'partitioning-vg-name': 'data',
        'partitioning-disk-label': 'gpt',
        'partitioning-filesystem': 'xfs',
        'partitioning-allow-noswap': true,
      },
      [
        'd-i partman-auto/disk string /dev/sdb',
        'd-i partman-auto/method string lvm',
        'd-i partman-auto/choose_recipe select multi',
        'd-i partman-auto-lvm/new_vg_name string data',
        'd-i partman-partitioning/default_label string gpt',
        'd-i partman/default_filesystem string xfs',
        'd-i partman-basicfilesystems/no_swap boolean false',
      ],
    ],
  ];

describe('host parameters of Preseed default', () => {
  it.for(PARAMETERS)('%s', ([, parameters, expected], ctx) => {
    const text = renderedWith('Preseed default', 'debian-dhcp', parameters);
    expect(text.split('\n')).toEqual(expect.arrayContaining([...expected]));
    expectAccepted(
      ctx,
      { program: 'debconf-set-selections', args: ['--checkonly'], debianPackage: 'debconf' },
      text,
    );
  });

  it('turns off the password of root when there is none', () => {
    const [, each] = renderingsOf('Preseed default').find(([host]) => host === 'debian-static')!;
    const { root_pass: _, ...host } = each.host!;
    expect(answer(rendered({ ...each, host }), 'passwd/root-password-crypted')).toBe('!');
  });

  it('writes the network of an image, and of anything but one card, in the finish script', () => {
    const finish = (host: string, changes: Partial<Host> = {}) =>
      renderedWith('Preseed default finish', host, {}, changes);
    expect(stanzas(finish('debian-static'))).toEqual({});
    expect(Object.keys(stanzas(finish('debian-static', { provision_method: 'image' })))).toContain(
      '$nic0 inet',
    );
    expect(Object.keys(stanzas(finish('debian-bond')))).toContain('bond0 inet');
  });
});

it('every Debian host is checked', () => {
  const hosts = renderingsOf('Preseed default').map(([host]) => host);
  expect(hosts.sort()).toEqual(Object.keys(NETWORKS).sort());
});
