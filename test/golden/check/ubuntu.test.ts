/** Answers for Ubuntu's live installer: Netplan and the shells read them, and they say what the inventory says. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { rendered } from '../cases.ts';
import { expectShell, kernelArguments, renderedWith, renderingsOf } from './tools.ts';

const ANSWERS = 'Preseed Autoinstall cloud-init user data';
const TOKEN = '5f0c2b8e-7d3a-4e6f-9b1c-2a3d4e5f6071';

/** What Netplan makes of a configuration for systemd-networkd, by file; undefined where there is no Netplan. */
function networkd(network: unknown): Readonly<Record<string, string>> | undefined {
  const root = mkdtempSync(join(tmpdir(), 'chainboot-netplan-'));
  try {
    mkdirSync(join(root, 'etc/netplan'), { recursive: true });
    writeFileSync(join(root, 'etc/netplan/1.yaml'), stringify({ network }), { mode: 0o600 });
    const { error, status, stderr } = spawnSync('netplan', ['generate', '--root-dir', root], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (error !== undefined) return undefined;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const directory = join(root, 'run/systemd/network');
    return Object.fromEntries(
      readdirSync(directory).map((file) => [file, readFileSync(join(directory, file), 'utf8')]),
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Lines that files must have, by host. */
const NETWORKS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'ubuntu-dhcp': { '10-netplan-nic0.network': ['PermanentMACAddress=52:54:00:00:00:31', 'DHCP=ipv4'] },
  'ubuntu-static': {
    '10-netplan-ens3.network': ['Address=198.51.100.32/24', 'Gateway=198.51.100.1', 'DNS=192.0.2.53'],
  },
  'ubuntu-vlan': {
    '10-netplan-ens3.network': ['VLAN=ens3.100'],
    '10-netplan-ens3.100.netdev': ['Kind=vlan', 'Id=100'],
    '10-netplan-ens3.100.network': ['Address=203.0.113.33/24', 'Gateway=203.0.113.1'],
  },
  'ubuntu-ip6': { '10-netplan-nic0.network': ['IPv6AcceptRA=yes'] },
  'ubuntu-bond': {
    '10-netplan-ens3.network': ['Bond=bond0'],
    '10-netplan-ens5.network': ['Bridge=br0'],
    '10-netplan-bond0.netdev': ['Mode=802.3ad', 'MIIMonitorSec=100ms', 'LACPTransmitRate=fast'],
    '10-netplan-bond0.network': [
      'Address=198.51.100.35/24',
      'Address=2001:db8:2::35/64',
      'Gateway=198.51.100.1',
      'VLAN=bond0.100',
    ],
    '10-netplan-bond0.100.network': ['Address=203.0.113.35/24'],
    '10-netplan-br0.network': ['DHCP=ipv4', 'UseRoutes=false'],
  },
};

describe(ANSWERS, () => {
  it.for(renderingsOf(ANSWERS))('%s', ([host, each], ctx) => {
    const { autoinstall } = parse(rendered(each));
    expect(autoinstall['user-data'].fqdn).toBe(`${host}.example.com`);
    const [late] = autoinstall['late-commands'];
    expect(late).toContain(`'http://192.0.2.1:8080/unattended/finish?token=${TOKEN}'`);
    const [failed] = autoinstall['error-commands'];
    expect(failed).toContain(`/unattended/failed?token=${TOKEN}`);
    for (const script of [late, failed, ...(autoinstall['early-commands'] ?? [])])
      expectShell(ctx, script, ['dash']);
    const files = networkd(autoinstall.network);
    if (files === undefined) return ctx.skip('netplan is missing (Debian package: netplan.io)');
    for (const [file, lines] of Object.entries(NETWORKS[host]!))
      for (const line of lines) expect(files[file]?.split('\n'), file).toContain(line);
  });

  it('has the user, the password and the keys of the parameters', () => {
    const [, each] = renderingsOf(ANSWERS).find(([host]) => host === 'ubuntu-static')!;
    const { autoinstall } = parse(rendered(each));
    expect(autoinstall['user-data'].users[0]).toMatchObject({
      name: 'ops',
      gecos: 'Ops: "the" team',
      hashed_passwd: '$6$salt$ops',
      ssh_authorized_keys: ['ssh-ed25519 AAAA it@example.com', 'ssh-rsa BBBB "it\'s"'],
    });
    expect(autoinstall).toMatchObject({
      proxy: 'http://proxy.example.com:3128',
      packages: ['vim', 'tmux'],
      ssh: { 'allow-pw': false },
      storage: { layout: { name: 'direct', match: { path: '/dev/vda' } } },
    });
  });

  it('encrypts with the passphrase as it is', () => {
    const [, each] = renderingsOf(ANSWERS).find(([host]) => host === 'ubuntu-vlan')!;
    expect(parse(rendered(each)).autoinstall.storage.layout).toEqual({
      name: 'lvm',
      password: 'four: words',
    });
    expect(() => renderedWith(ANSWERS, 'ubuntu-vlan', { disk_enc_passphrase: '' })).toThrow(
      /disk_enc_passphrase/,
    );
  });
});

describe('the kernel line', () => {
  it.each([
    ['Preseed default iPXE Autoinstall', /^kernel (.*) \|\| goto failed$/m, 'ds=nocloud-net;s='],
    ['Preseed default PXELinux Autoinstall', /^ *APPEND (.*)$/m, 'ds=nocloud-net;s='],
    ['Preseed default PXEGrub2 Autoinstall', /^ *linux (.*)$/m, 'ds=nocloud-net\\;s='],
  ])('%s', (template, pattern, seed) => {
    for (const [host, each] of renderingsOf(template)) {
      const line = pattern.exec(rendered(each))![1]!;
      expect(line.split(' ')).toContain('autoinstall');
      expect(line).toMatch(/ url=http:\/\/\S+\.iso /);
      const mac = each.host!.interfaces.find((nic) => nic.mac !== undefined)!.mac;
      expect(line, host).toContain(`${seed}http://192.0.2.1:8080/userdata/${mac}/`);
    }
  });

  it('says how the initrd comes to the network', () => {
    const lines = Object.fromEntries(
      renderingsOf('Preseed default PXELinux Autoinstall').map(([host, each]) => [
        host,
        kernelArguments(/^ *APPEND (.*)$/m.exec(rendered(each))![1]!),
      ]),
    );
    expect(lines['ubuntu-dhcp']).toMatchObject({ ip: 'dhcp', BOOTIF: '01-52-54-00-00-00-31' });
    expect(lines['ubuntu-static']?.ip).toBe(
      '198.51.100.32::198.51.100.1:255.255.255.0:ubuntu-static:ens3:off:192.0.2.53:192.0.2.54',
    );
    expect(lines['ubuntu-vlan']).toMatchObject({ vlan: 'ens3.100:ens3' });
    expect(lines['ubuntu-ip6']).toMatchObject({ ip: 'off', ip6: 'dhcp' });
  });

  it('is refused where the initrd could not come to the network', () => {
    expect(() =>
      renderedWith(
        'Preseed default PXELinux Autoinstall',
        'ubuntu-ip6',
        {},
        {
          interfaces: [
            {
              ...renderingsOf(ANSWERS).find(([host]) => host === 'ubuntu-ip6')![1].host!.interfaces[0]!,
              subnet6: 'fixed6',
            },
          ],
        },
      ),
    ).toThrow(/static IPv6/);
  });
});
