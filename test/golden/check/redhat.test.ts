/** Kickstarts and the scripts around them: sections are closed, shells read the scripts, networks are the inventory's. */

import { describe, expect, it } from 'vitest';
import type { Parameters } from '../../../src/inventory/types.ts';
import { type Case, rendered } from '../cases.ts';
import { expectShell, kernelArguments, optionsOf, renderedWith, renderingsOf } from './tools.ts';

type Section = { readonly name: string; readonly header: string; readonly body: string };

/** A section begins with `%name` and ends with `%end`; what lies outside is commands. */
function sectionsOf(text: string): { readonly commands: readonly string[]; readonly sections: Section[] } {
  const commands: string[] = [];
  const sections: Section[] = [];
  let open: { header: string; lines: string[] } | undefined;
  for (const line of text.split('\n')) {
    if (open === undefined && /^%(?!include\b)/.test(line)) open = { header: line, lines: [] };
    else if (open === undefined) commands.push(line);
    else if (line === '%end') {
      const [name = ''] = open.header.split(/\s/, 1);
      sections.push({ name, header: open.header, body: `${open.lines.join('\n')}\n` });
      open = undefined;
    } else open.lines.push(line);
  }
  if (open !== undefined) throw new Error(`${open.header} is not closed`);
  return { commands: commands.filter((line) => line.trim() !== '' && !line.startsWith('#')), sections };
}

const of = (template: string, host: string): Case =>
  renderingsOf(template).find(([name]) => name === host)![1];

const SECTIONS = ['%packages', '%pre', '%onerror', '%post'];
const COMMANDS =
  /^(?:install|text|graphical|url|repo|lang|keyboard|timezone|timesource|network|firewall|selinux|auth|rootpw|realm|firstboot|skipx|bootloader|zerombr|clearpart|ignoredisk|autopart|reqpart|part|volgroup|logvol|reboot|%include)(?: |$)/;

describe('Kickstart default', () => {
  it.for(renderingsOf('Kickstart default'))('%s', ([, each], ctx) => {
    const { commands, sections } = sectionsOf(rendered(each));
    for (const command of commands) expect(command).toMatch(COMMANDS);
    for (const once of ['url', 'lang', 'timezone', 'rootpw', 'bootloader', 'reboot'])
      expect(commands.filter((line) => line.split(' ')[0] === once)).toHaveLength(1);
    expect(commands).toContain('rootpw --iscrypted $6$saltsalt$hash');
    const partitioned = commands.some((line) => /^(?:autopart|part|%include)/.test(line));
    expect(partitioned, 'the disks are divided').toBe(true);

    for (const { name } of sections) expect(SECTIONS).toContain(name);
    for (const { body } of sections.filter(({ name }) => name !== '%packages')) {
      expect(body).not.toMatch(/\bsleep\b/);
      expectShell(ctx, body, ['bash']);
    }
    const last = sections.at(-1)!;
    expect(last.name).toBe('%post');
    expect(last.body).toContain(`/unattended/built?token=${each.host!.token!.value}'`);
    expect(last.body).toContain(`/unattended/failed?token=${each.host!.token!.value}'`);
  });

  it('runs a layout that makes itself before the disks are divided', () => {
    const { commands, sections } = sectionsOf(rendered(of('Kickstart default', 'centos7-static')));
    expect(commands).toContain('%include /tmp/diskpart.cfg');
    const pre = sections.find(({ name }) => name === '%pre')!;
    expect(pre.body).toContain('cat > /tmp/diskpart.cfg << EOF\n');
    expect(commands.some((line) => line.startsWith('clearpart'))).toBe(false);
  });
});

/** The network lines of a host, in order, without what is not asked here. */
const LINES: Readonly<Record<string, readonly Readonly<Record<string, string | undefined>>[]>> = {
  'rocky-dhcp': [{ device: '52:54:00:00:00:03', bootproto: 'dhcp', activate: '', gateway: undefined }],
  'rocky-static': [
    {
      device: '52:54:00:00:00:04',
      bootproto: 'static',
      ip: '198.51.100.14',
      netmask: '255.255.255.0',
      gateway: '198.51.100.1',
      nameserver: '192.0.2.53,192.0.2.54',
      hostname: 'rocky-static.example.com',
    },
  ],
  'centos7-static': [{ device: '52:54:00:00:00:05', ip: '198.51.100.15', activate: '' }],
  'stream10-slaac': [{ device: '52:54:00:00:00:06', noipv4: '', ipv6: 'auto', bootproto: undefined }],
  'fedora-ip6': [
    {
      device: '52:54:00:00:00:07',
      noipv4: '',
      ipv6: '2001:db8:2::17/64',
      ipv6gateway: '2001:db8:2::1',
      nameserver: '2001:db8::53,2001:db8::54',
    },
  ],
  'rocky8-vlan': [
    {
      device: '52:54:00:00:00:08',
      vlanid: '100',
      interfacename: 'ens3.100',
      ip: '203.0.113.18',
      gateway: '203.0.113.1',
      mtu: '9000',
      activate: '',
    },
  ],
  'alma10-bond': [
    {
      device: 'bond0',
      bootproto: 'dhcp',
      ipv6: '2001:db8:2::19/64',
      bondslaves: 'ens3,ens4',
      bondopts: 'mode=802.3ad,miimon=100,lacp_rate=fast',
      activate: '',
    },
    // Not the way out, and not needed by the installer.
    { device: 'bond0', vlanid: '100', ip: '203.0.113.19', gateway: undefined, activate: undefined },
  ],
};

describe('network lines', () => {
  it.for(renderingsOf('Kickstart default'))('of %s', ([host, each]) => {
    const { commands } = sectionsOf(rendered(each));
    const lines = commands.filter((line) => line.startsWith('network ')).map(optionsOf);
    expect(lines).toHaveLength(LINES[host]!.length);
    for (const [i, expected] of LINES[host]!.entries())
      for (const [name, value] of Object.entries(expected)) expect(lines[i]![name], name).toBe(value);
  });
});

/** What the installer is told about the network on the kernel line, by host. */
const KERNEL: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'rocky-dhcp': { ip: 'dhcp', 'modprobe.blacklist': 'nouveau,floppy' },
  'rocky-static': {
    ip: '198.51.100.14::198.51.100.1:255.255.255.0:rocky-static.example.com:ens3:none',
    nameserver: '192.0.2.53 192.0.2.54',
  },
  'centos7-static': {
    ifname: 'bootnet:52:54:00:00:00:05',
    ip: '198.51.100.15::198.51.100.1:255.255.255.0:centos7-static.example.com:bootnet:none',
  },
  'stream10-slaac': { ip: 'auto6' },
  'fedora-ip6': {
    ip: '[2001:db8:2::17]::[2001:db8:2::1]:64:fedora-ip6.example.com:enp1s0:none',
    nameserver: '2001:db8::53 2001:db8::54',
  },
  'rocky8-vlan': {
    vlan: 'ens3.100:ens3',
    ip: '203.0.113.18::203.0.113.1:255.255.255.0:rocky8-vlan.example.com:ens3.100:none',
    fips: '1',
  },
  'alma10-bond': {
    bond: 'bond0:ens3,ens4:mode=802.3ad,miimon=100,lacp_rate=fast',
    ip: 'bond0:dhcp',
    BOOTIF: '01-52-54-00-00-09-01',
  },
};

describe('kernel line', () => {
  it.for(renderingsOf('Kickstart default PXEGrub2'))('of %s', ([host, each]) => {
    const line = /^\s*linux \S+ (.*)$/m.exec(rendered(each))![1]!;
    expect(kernelArguments(line)).toMatchObject(KERNEL[host]!);
    expect(line).toContain(host === 'centos7-static' ? ' ks=http' : ' inst.ks=http');
  });
});

type Profile = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** NetworkManager's profiles that a script writes, by their name: sections of keys. */
function profilesOf(script: string): Record<string, Profile> {
  const files = script.matchAll(/<< (EOF-\w+) > \S+\/([^/]+)\.nmconnection\n(.*?)\n\1\n/gs);
  return Object.fromEntries([...files].map(([, , name, text]) => [name!, profileOf(text!)]));
}

function profileOf(text: string): Profile {
  const sections = text.split(/^(?=\[)/m).map((section) => {
    const [header = '', ...lines] = section.trim().split('\n');
    const keys = lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    return [header.slice(1, -1), Object.fromEntries(keys)] as const;
  });
  return Object.fromEntries(sections);
}

describe('kickstart_networking_setup', () => {
  const profiles = (host: string) => profilesOf(rendered(of('Kickstart default user data', host)));

  it('knows cards by their address', () => {
    expect(profiles('rocky-static')).toEqual({
      ens3: {
        connection: { id: 'ens3', type: 'ethernet', 'autoconnect-priority': '10' },
        ethernet: { 'mac-address': '52:54:00:00:00:04' },
        ipv4: {
          method: 'manual',
          address1: '198.51.100.14/24',
          gateway: '198.51.100.1',
          dns: '192.0.2.53;192.0.2.54;',
          'dns-search': 'example.com;',
        },
        ipv6: { method: 'auto' },
      },
    });
  });

  it('has no IPv4 where there is none', () => {
    expect(profiles('fedora-ip6').enp1s0).toMatchObject({
      ipv4: { method: 'disabled' },
      ipv6: { method: 'manual', address1: '2001:db8:2::17/64', gateway: '2001:db8:2::1' },
    });
    expect(profiles('stream10-slaac').nic0).toMatchObject({ ipv6: { method: 'auto' } });
  });

  it('makes VLANs on cards and on bonds', () => {
    expect(profiles('rocky8-vlan')['ens3.100']).toMatchObject({
      ethernet: { 'mac-address': '52:54:00:00:00:08', mtu: '9000' },
      vlan: { id: '100' },
    });
    const bond = profiles('alma10-bond');
    expect(Object.keys(bond).sort()).toEqual(['bond0', 'bond0.100', 'ens3', 'ens4']);
    expect(bond.ens3!.connection).toMatchObject({ master: 'bond0', 'slave-type': 'bond' });
    expect(bond.bond0).toMatchObject({ bond: { mode: '802.3ad', miimon: '100' }, ipv4: { method: 'auto' } });
    expect(bond['bond0.100']).toMatchObject({
      vlan: { parent: 'bond0' },
      ipv4: { 'never-default': 'true' },
    });
  });
});

describe.each(['Kickstart default finish', 'Kickstart default user data'])('%s', (template) => {
  it.for(renderingsOf(template))('is a script: %s', ([, each], ctx) => {
    const text = rendered(each);
    expect(text).toMatch(/^#!\/bin\/bash\n/);
    expect(text).toContain(`/unattended/built?token=${each.host!.token!.value}'`);
    expect(text).not.toMatch(/\bsleep\b/);
    expectShell(ctx, text, ['bash']);
  });
});

/** Parameters with what they must lead to in the kickstart of an EL 9 host: a command, or a line of a script. */
const PARAMETERS: readonly (readonly [name: string, parameters: Parameters, expected: readonly string[]])[] =
  [
    [
      'a proxy as a whole URL',
      { http_proxy: 'http://proxy:8080' },
      [
        'url --url http://192.0.2.1:8080/media/Rocky --proxy=http://proxy:8080',
        'http_proxy=http://proxy:8080',
      ],
    ],
    ['a proxy in two parts', { 'http-proxy': 'proxy' }, ['http_proxy=http://proxy']],
    [
      'locale, keyboard, clock',
      { lang: 'de_DE.UTF-8', keyboard: 'de', 'time-zone': 'Europe/Berlin', 'ntp-server': 'time' },
      ['lang de_DE.UTF-8', 'keyboard de', 'timezone --utc Europe/Berlin', 'timesource --ntp-server=time'],
    ],
    ['no firewall', { 'disable-firewall': true }, ['firewall --disabled']],
    ['services', { 'firewall-services': 'ssh https' }, ['firewall --enabled --service=ssh --service=https']],
    ['SELinux', { 'selinux-mode': 'permissive' }, ['selinux --permissive']],
    ['a graphical installer', { use_graphical_installer: true }, ['graphical']],
    [
      'kernel options of the new system',
      { 'bootloader-append': 'quiet "x"', console_port: '0', console_baud: 115200 },
      ['bootloader --location=mbr --append="quiet x console=ttyS0,115200"'],
    ],
    [
      'more repositories',
      { additional_media: [{ name: 'extra', url: 'http://m/extra', install: true }] },
      ['repo --name=extra --baseurl=http://m/extra --install'],
    ],
    [
      'an image instead of packages',
      { kickstart_liveimg: 'live.img' },
      ['liveimg --url=http://192.0.2.1:8080/media/Rocky/live.img'],
    ],
    [
      'packages',
      { packages: ['vim', '@base'], 'additional-packages': 'git tmux' },
      ['vim', '@base', 'git', 'tmux'],
    ],
    ['FIPS', { fips_enabled: 'yes' }, ['crypto-policies-scripts']],
    ['EPEL', { 'enable-epel': true, 'epel-repo-base': 'http://m/epel/' }, ['  crb enable']],
    ['no updates', { package_upgrade: false }, []],
    [
      'a subscription',
      {
        subscription_manager_org: '1234',
        activation_key: 'a,b',
        host_registration_insights: true,
        syspurpose_role: 'Red Hat Enterprise Linux Server',
        syspurpose_addons: 'ha',
      },
      [
        'rhsm --organization="1234" --activation-key="a" --activation-key="b" --connect-to-insights',
        'syspurpose --role="Red Hat Enterprise Linux Server" --addon="ha"',
        'insights-client --register',
      ],
    ],
    [
      'an account',
      { username_to_create: 'ops', realname_to_create: "O'Brien", password_to_create: '$6$a$b' },
      ['usermod --password \\$6\\$a\\$b ops'],
    ],
    [
      'keys of an authority',
      { remote_execution_ssh_ca_keys: 'ssh-ed25519 AAAA ca', remote_execution_ssh_user: 'ops' },
      ['ssh-ed25519 AAAA ca', 'chmod 644 /etc/ssh/user-ca.pub'],
    ],
    [
      'a disk that opens by itself',
      { disk_enc_tang_servers: 'http://tang', disk_enc_passphrase: "it's" },
      ['  printf %s it\\\'s | cryptsetup luksRemoveKey "$disk" -'],
    ],
    [
      'the boot order of UEFI',
      { efi_bootentry: 'PXE IPv4' },
      ['    efibootmgr --bootorder "$first${rest:+,$rest}"'],
    ],
    ['modules that are not loaded', { blacklist: ['a', 'b'] }, ['blacklist a', 'blacklist b']],
  ];

describe('host parameters of Kickstart default', () => {
  it.for(PARAMETERS)('%s', ([, parameters, expected], ctx) => {
    const text = renderedWith('Kickstart default', 'rocky-dhcp', parameters);
    expect(text.split('\n')).toEqual(expect.arrayContaining([...expected]));
    const { sections } = sectionsOf(text);
    for (const { body } of sections.filter(({ name }) => name !== '%packages'))
      expectShell(ctx, body, ['bash']);
  });

  it('leaves out updates when they are not wanted', () => {
    expect(renderedWith('Kickstart default', 'rocky-dhcp', {})).toContain('dnf -y update');
    expect(renderedWith('Kickstart default', 'rocky-dhcp', { package_upgrade: false })).not.toContain(
      'dnf -y update',
    );
  });

  it('locks the password of root when there is none', () => {
    const { root_pass: _, ...host } = of('Kickstart default', 'rocky-dhcp').host!;
    const text = rendered({ ...of('Kickstart default', 'rocky-dhcp'), host });
    expect(text).toMatch(/^rootpw --lock$/m);
    expect(text).not.toContain('--iscrypted');
  });

  it('reports at once, and ends, when it is told to', () => {
    const parameters = { chainboot_report: 'early', chainboot_poweroff: true };
    const { sections } = sectionsOf(renderedWith('Kickstart default', 'rocky-dhcp', parameters));
    const [pre] = sections.filter(({ name }) => name === '%pre');
    expect(pre!.body).toMatch(/\/unattended\/built\?token=.*poweroff -f\n$/s);
    expect(sections.at(-1)!.body).not.toContain('/unattended/built');
  });

  it.each([
    ['Kickstart default', 'autopart --nohome'],
    ['Kickstart default thin', 'autopart --type=thinp --nohome'],
    ['Kickstart default encrypted', 'autopart --encrypted --passphrase="p" --nohome'],
  ])('partition table %s', (ptable, expected) => {
    const parameters = {
      autopart_options: '--nohome',
      disk_enc_passphrase: 'p',
      ignoredisk_options: '--drives=sdb',
    };
    const { commands } = sectionsOf(renderedWith('Kickstart default', 'rocky-dhcp', parameters, { ptable }));
    expect(commands).toEqual(expect.arrayContaining([expected, 'ignoredisk --drives=sdb', 'zerombr']));
  });

  it('does not encrypt with a passphrase that everybody knows', () => {
    const ptable = 'Kickstart default encrypted';
    expect(() => renderedWith('Kickstart default', 'rocky-dhcp', {}, { ptable })).toThrow(
      'disk_enc_passphrase',
    );
  });
});

it('every host of the family is checked', () => {
  const hosts = renderingsOf('Kickstart default').map(([host]) => host);
  expect(Object.keys(LINES).sort()).toEqual(hosts.sort());
  expect(Object.keys(KERNEL).sort()).toEqual(hosts.sort());
});
