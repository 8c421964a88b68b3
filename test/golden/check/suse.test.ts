/** AutoYaST profiles: well-formed, what the inventory says, and scripts that the shell can read. */

import { describe, expect, it } from 'vitest';
import { lintScript } from '../../../src/formats/ipxe/lint.ts';
import { parseConfig } from '../../../src/formats/pxelinux/config.ts';
import { rendered } from '../cases.ts';
import { expectAccepted, expectShell, kernelArguments, renderedWith, renderingsOf } from './tools.ts';

const XMLLINT = { program: 'xmllint', args: ['--noout', '-'], debianPackage: 'libxml2-utils' };
const PROFILES = [...renderingsOf('AutoYaST default'), ...renderingsOf('AutoYaST SLES default')];

/** Texts of the elements with this name, as they are written. */
function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 'gs'))].map(([, text]) => text!);
}

function scripts(xml: string): string[] {
  return elements(xml, 'source').map((source) =>
    source
      .replace(/^<!\[CDATA\[/, '')
      .replace(/\]\]>$/, '')
      .replaceAll(']]]]><![CDATA[>', ']]>'),
  );
}

function profileOf(host: string): string {
  return rendered(PROFILES.find(([name]) => name === host)![1]);
}

/** `{ bootproto, ipaddr, … }` of one interface. */
function network(profile: string, name: string): Record<string, string> {
  const found = elements(elements(profile, 'interfaces')[0]!, 'interface').find((one) =>
    new RegExp(`<(name|device)>${name}</`).test(one),
  );
  return Object.fromEntries(
    [...found!.matchAll(/<(\w+)>([^<]+)<\/\1>/g)].map(([, key, text]) => [key, text]),
  );
}

describe('AutoYaST profiles', () => {
  it.for(PROFILES)('%s', ([, each], ctx) => {
    const text = rendered(each);
    expect(text).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/);
    expect(elements(text, 'confirm')).toEqual(['false']);
    expect(elements(text, 'user_password')).toEqual(['$6$saltsalt$hash']);
    expect(elements(text, 'hostname')).toEqual([each.host!.name.split('.')[0]]);
    const finish = scripts(text).at(-1)!;
    expect(finish).toContain(`/unattended/built?token=${each.host!.token!.value}'`);
    // Nothing of it may wait for a fixed time.
    expect(text).not.toMatch(/\bsleep \d/);
    for (const script of scripts(text)) expectShell(ctx, script, ['dash', 'bash']);
    expectAccepted(ctx, XMLLINT, text);
  });

  it('has the networks of the inventory', () => {
    expect(network(profileOf('leap-dhcp'), 'eth0')).toMatchObject({ bootproto: 'dhcp4' });
    const fixed = network(profileOf('leap-static'), 'eth0');
    expect(fixed).toMatchObject({ bootproto: 'static', ipaddr: '198.51.100.62', prefixlen: '24' });
    const dual = network(profileOf('sles-dual'), 'eth0');
    expect(dual).toMatchObject({ ipaddr: '198.51.100.63', IPADDR: '2001:db8:2::63', PREFIXLEN: '64' });
    // Before SLE 15, an interface was a device.
    expect(network(profileOf('sles12-ip6'), 'eth0')).toMatchObject({ device: 'eth0', bootproto: 'dhcp6' });
    const vlan = network(profileOf('sles-vlan'), 'ens3.100');
    expect(vlan).toMatchObject({ etherdevice: 'ens3', vlan_id: '100', ipaddr: '203.0.113.65', mtu: '9000' });
    const bond = network(profileOf('leap-bond'), 'bond0');
    expect(bond).toMatchObject({
      bootproto: 'dhcp6',
      bonding_slave0: 'ens3',
      bonding_slave1: 'ens4',
      bonding_module_opts: 'mode=802.3ad miimon=100 lacp_rate=fast',
      IPADDR: '198.51.100.66',
    });
    expect(network(profileOf('leap-bond'), 'ens3')).toMatchObject({
      bootproto: 'none',
      startmode: 'hotplug',
    });
    expect(network(profileOf('leap-bond'), 'br0')).toMatchObject({ bridge: 'yes', bridge_ports: 'ens5' });
  });

  it('has the routes and name servers of static networks alone', () => {
    const routes = (host: string) => elements(profileOf(host), 'gateway');
    expect(routes('leap-dhcp')).toEqual([]);
    expect(routes('leap-static')).toEqual(['198.51.100.1']);
    expect(routes('sles-dual')).toEqual(['198.51.100.1', '2001:db8:2::1']);
    expect(elements(profileOf('leap-dhcp'), 'nameserver')).toEqual([]);
    expect(elements(profileOf('leap-static'), 'nameserver')).toEqual(['192.0.2.53', '192.0.2.54']);
  });

  it('escapes what the inventory says', () => {
    const profile = profileOf('sles-dual');
    expect(elements(profile, 'reg_code')).toEqual(['ABC&amp;123']);
    expect(elements(profile, 'media_url')).toEqual(['http://sles.example.com/tools/?a=1&amp;b=2']);
  });

  it('runs a layout that is a script before the installation, whatever is in it', () => {
    const [before] = scripts(profileOf('sles12-ip6'));
    expect(before).toBe('#Dynamic\necho "<x>]]></x>" > /tmp/profile/modified.xml\n');
    expect(profileOf('sles12-ip6')).not.toContain('<partitioning');
  });

  it('takes the words of its system', () => {
    expect(elements(profileOf('sles-dual'), 'product')).toEqual(['SLES']);
    expect(profileOf('sles12-ip6')).not.toContain('<products');
    expect(profileOf('sles12-ip6')).toContain('<peers config:type="list">');
    expect(profileOf('leap-dhcp')).toContain('<ntp_servers config:type="list">');
  });

  it('divides the disk for the firmware', () => {
    expect(elements(profileOf('sles-dual'), 'partition_id')).toEqual(['259', '142']);
    const bios = renderedWith('AutoYaST default', 'leap-dhcp', {}, { ptable: 'AutoYaST LVM' });
    expect(elements(bios, 'partition_id')).toEqual(['263', '142']);
    const disk = renderedWith('AutoYaST default', 'leap-static', { 'install-disk': '/dev/disk/by-id/x&y' });
    expect(elements(elements(disk, 'partitioning')[0]!, 'device')).toEqual(['/dev/disk/by-id/x&amp;y']);
  });
});

describe('kernel lines', () => {
  const TOKEN = '?token=5f0c2b8e-7d3a-4e6f-9b1c-2a3d4e5f6071';
  const lineOf = (text: string) =>
    /^\s*(?:kernel|APPEND|linux) (.*?)(?: \|\| goto failed)?$/m.exec(text)![1]!;

  it.for([
    ...renderingsOf('AutoYaST default iPXE'),
    ...renderingsOf('AutoYaST default PXELinux'),
    ...renderingsOf('AutoYaST default PXEGrub2'),
  ])('%s', ([, each], ctx) => {
    const text = rendered(each);
    const line = lineOf(text);
    const found = kernelArguments(line);
    expect(found.autoyast).toBe(`http://192.0.2.1:8080/unattended/provision${TOKEN}`);
    expect(found.install).toMatch(/^http:\/\/(download\.opensuse\.org|sles\.example\.com)\//);
    expect(found.BOOTIF).toMatch(/^01-/);
    const { kind } = each.template;
    if (kind === 'iPXE') expect(lintScript(text)).toEqual([]);
    if (kind === 'PXELinux') expect(parseConfig(text).entries).toHaveLength(1);
    if (kind === 'PXEGrub2') {
      expect(line).not.toMatch(/(?<!\\)[&;]/);
      expectAccepted(ctx, { program: 'grub-script-check', debianPackage: 'grub-common' }, text);
    }
  });

  it.each([
    ['leap-dhcp', '52:54:00:00:60:01=dhcp'],
    ['leap-static', '52:54:00:00:60:02=198.51.100.62/24,198.51.100.1,192.0.2.53,example.com'],
    ['sles12-ip6', '52:54:00:00:60:04=dhcp6'],
    ['sles-vlan', 'ens3.100=203.0.113.65/24,203.0.113.1,192.0.2.53,example.com'],
    ['leap-bond', '52:54:00:00:66:01=198.51.100.66/24,198.51.100.1,192.0.2.53,example.com'],
  ])('%s is installed over its own network', (host, ifcfg) => {
    const [, each] = renderingsOf('AutoYaST default PXELinux').find(([name]) => name === host)!;
    expect(kernelArguments(lineOf(rendered(each))).ifcfg).toBe(ifcfg);
  });
});
