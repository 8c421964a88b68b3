/** Ignition configurations: Ignition itself reads them, and they say what the inventory says. */

import { describe, expect, it } from 'vitest';
import { rendered } from '../cases.ts';
import { expectAccepted, expectShell, kernelArguments, renderedWith, renderingsOf } from './tools.ts';

const TOKEN = '5f0c2b8e-7d3a-4e6f-9b1c-2a3d4e5f6071';
const CONFIGURATIONS = ['Flatcar provision', 'Flatcar user data', 'FCOS provision', 'FCOS user data'];
const VALIDATE = { program: 'ignition-validate', args: ['-'], debianPackage: 'ignition' };

type Ignition = {
  readonly passwd: { readonly users: readonly Readonly<Record<string, unknown>>[] };
  readonly storage?: { readonly files: readonly { path: string; contents: { source: string } }[] };
  readonly systemd?: { readonly units: readonly { name: string; contents: string }[] };
};

function configurationOf(template: string, host: string): Ignition {
  const [, each] = renderingsOf(template).find(([name]) => name === host)!;
  return JSON.parse(rendered(each)) as Ignition;
}

/** Contents of the files, by path. */
function filesOf(template: string, host: string): Readonly<Record<string, string>> {
  const files = configurationOf(template, host).storage?.files ?? [];
  return Object.fromEntries(
    files.map(({ path, contents }) => [path, decodeURIComponent(contents.source.replace(/^data:,/, ''))]),
  );
}

describe.each(CONFIGURATIONS)('%s', (template) => {
  it.for(renderingsOf(template))('is valid for %s', ([, each], ctx) => {
    expectAccepted(ctx, VALIDATE, rendered(each));
  });
});

describe('the installed system', () => {
  it('is named, and has the users of the parameters', () => {
    expect(filesOf('Flatcar user data', 'flatcar-dhcp')['/etc/hostname']).toBe('flatcar-dhcp.example.com\n');
    expect(configurationOf('Flatcar user data', 'flatcar-bond').passwd.users).toEqual([
      {
        name: 'core',
        passwordHash: '$6$saltsalt$hash',
        sshAuthorizedKeys: ['ssh-ed25519 AAAA it@example.com', 'ssh-rsa BBBB "it\'s"'],
      },
      {
        name: 'ops',
        groups: ['sudo', 'wheel'],
        gecos: 'Ops "the" team',
        passwordHash: '$6$salt$ops',
        sshAuthorizedKeys: ['ssh-ed25519 AAAA it@example.com', 'ssh-rsa BBBB "it\'s"'],
      },
    ]);
  });

  it('has the network of the inventory, by systemd-networkd', () => {
    const files = filesOf('Flatcar user data', 'flatcar-bond');
    expect(files['/etc/systemd/network/30-ens3.network']).toBe(
      '[Match]\nPermanentMACAddress=52:54:00:00:42:01\n[Network]\nBond=bond0\n',
    );
    expect(files['/etc/systemd/network/20-bond0.netdev']).toContain('Mode=802.3ad\nMIIMonitorSec=100ms\n');
    expect(files['/etc/systemd/network/20-bond0.100.netdev']).toContain('Kind=vlan\n[VLAN]\nId=100\n');
    const bond = files['/etc/systemd/network/30-bond0.network']!.split('\n');
    for (const line of ['VLAN=bond0.100', 'Address=198.51.100.42/24', 'Address=2001:db8:2::42/64'])
      expect(bond).toContain(line);
    expect(() =>
      renderedWith(
        'Flatcar user data',
        'flatcar-bond',
        {},
        {
          interfaces: [
            {
              type: 'bond',
              identifier: 'bond0',
              bond_options: 'carrier_pigeons=2',
              primary: true,
              provision: true,
              managed: true,
              virtual: true,
            },
          ],
        },
      ),
    ).toThrow(/carrier_pigeons/);
  });

  it('has the network of the inventory, by NetworkManager', () => {
    const vlan = filesOf('FCOS user data', 'fcos-vlan');
    const profile = vlan['/etc/NetworkManager/system-connections/ens3.100.nmconnection']!.split('\n');
    for (const line of ['type=vlan', 'id=100', 'address1=203.0.113.44/24', 'gateway=203.0.113.1', 'mtu=9000'])
      expect(profile).toContain(line);
    const bond = filesOf('FCOS user data', 'fcos-bond');
    expect(bond['/etc/NetworkManager/system-connections/ens4.nmconnection']).toContain(
      'master=bond0\nslave-type=bond\n',
    );
  });
});

describe('the system in memory', () => {
  it.for([
    ['Flatcar provision', 'flatcar-bond', '/usr/bin/flatcar-install -d /dev/nvme0n1 '],
    ['Flatcar provision', 'flatcar-dhcp', '/usr/bin/flatcar-install -s '],
    ['FCOS provision', 'fcos-ip6', '/usr/bin/coreos-installer install /dev/vda '],
  ] as const)('%s puts %s on disk and says so', ([template, host, command], ctx) => {
    const units = configurationOf(template, host).systemd!.units;
    const started = units[0]!.contents.split('\n').filter((line) => line.startsWith('ExecStart='));
    expect(started.map((line) => /(user_data|install|built|reboot)/.exec(line)?.[0])).toEqual([
      'user_data',
      'install',
      'built',
      'reboot',
    ]);
    expect(started[1]).toContain(command);
    expect(started[2]).toContain(`'http://192.0.2.1:8080/unattended/built?token=${TOKEN}'`);
    const failed = /^ExecStart=\/bin\/sh -c "(.*)"$/m.exec(units[1]!.contents)![1]!;
    expectShell(ctx, failed, ['dash']);
    expect(failed).toContain('/unattended/failed?token=');
  });

  it('installs nothing where it shall run from memory', () => {
    const live = configurationOf('Flatcar provision', 'flatcar-live');
    expect(live.systemd).toBeUndefined();
    expect(live).toEqual(configurationOf('Flatcar user data', 'flatcar-live'));
  });
});

describe('the kernel line', () => {
  const append = (template: string, host: string) => {
    const [, each] = renderingsOf(template).find(([name]) => name === host)!;
    return kernelArguments(/^ *APPEND (.*)$/m.exec(rendered(each))![1]!);
  };

  it('leads to the configuration and to the network', () => {
    expect(append('Flatcar PXELinux', 'flatcar-bond')).toMatchObject({
      'flatcar.first_boot': '1',
      'ignition.config.url': `http://192.0.2.1:8080/unattended/provision?token=${TOKEN}`,
      bond: 'bond0:ens3,ens4:mode=802.3ad,miimon=100,lacp_rate=fast',
      ip: '198.51.100.42::198.51.100.1:255.255.255.0:flatcar-bond.example.com:bond0:none',
    });
    expect(append('FCOS PXELinux', 'fcos-ip6')).toMatchObject({
      'ignition.platform.id': 'metal',
      'coreos.live.rootfs_url': expect.stringMatching(/live-rootfs\.x86_64\.img$/),
      ip: 'dhcp6',
    });
    expect(append('FCOS PXELinux', 'fcos-vlan')).toMatchObject({ vlan: 'ens3.100:ens3' });
  });
});
