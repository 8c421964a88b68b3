/** Machine configurations of Talos: what talosctl made, with what the inventory says put in. */

import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { rendered } from '../cases.ts';
import { renderedWith, renderingsOf } from './tools.ts';

function configurationOf(host: string) {
  const [, each] = renderingsOf('Talos provision').find(([name]) => name === host)!;
  return parse(rendered(each));
}

describe('Talos provision', () => {
  it('keeps what talosctl made', () => {
    const { machine, cluster } = configurationOf('talos-dhcp');
    expect(machine).toMatchObject({
      type: 'worker',
      token: 'abcdef.0123456789abcdef',
      install: { disk: '/dev/sda', image: 'ghcr.io/siderolabs/installer:v1.9.0' },
    });
    expect(cluster.controlPlane.endpoint).toBe('https://k8s.example.com:6443');
  });

  it('has the network of the inventory', () => {
    expect(configurationOf('talos-dhcp').machine.network).toEqual({
      hostname: 'talos-dhcp.example.com',
      interfaces: [{ deviceSelector: { hardwareAddr: '52:54:00:00:00:51' }, dhcp: true }],
    });
    const [bond] = configurationOf('talos-bond').machine.network.interfaces;
    expect(bond).toMatchObject({
      interface: 'bond0',
      bond: {
        mode: '802.3ad',
        deviceSelectors: [{ hardwareAddr: '52:54:00:00:52:01' }, { hardwareAddr: '52:54:00:00:52:02' }],
        miimon: 100,
        lacpRate: 'fast',
      },
      addresses: ['198.51.100.52/24', '2001:db8:2::52/64'],
      vlans: [{ vlanId: 100, addresses: ['203.0.113.52/24'] }],
    });
    expect(configurationOf('talos-bond').machine.install.disk).toBe('/dev/nvme0n1');
  });

  it('takes a mapping as well as a text, and says when there is neither', () => {
    expect(configurationOf('talos-vlan')).toMatchObject({
      version: 'v1alpha1',
      machine: {
        type: 'controlplane',
        install: { image: 'factory.example.com/installer/376567988ad3:v1.9.0' },
      },
      cluster: { clusterName: 'small' },
    });
    expect(() => renderedWith('Talos provision', 'talos-dhcp', { talos_config: '' })).toThrow(
      /talosctl gen config/,
    );
  });

  it('hands on further documents, but no second name of the host', () => {
    const machine = 'version: v1alpha1\nmachine:\n  type: worker\n';
    const hostname = 'apiVersion: v1alpha1\nkind: HostnameConfig\nauto: stable\n';
    const volume = 'apiVersion: v1alpha1\nkind: VolumeConfig\nname: EPHEMERAL\n';
    const talos_config = `# made by talosctl\n---\n${machine}--- # name\n${hostname}---\n${volume}`;
    const text = renderedWith('Talos provision', 'talos-dhcp', { talos_config });
    const documents = parseAllDocuments(text).map((document) => document.toJS());
    expect(documents).toEqual([
      expect.objectContaining({
        machine: expect.objectContaining({
          type: 'worker',
          network: expect.objectContaining({ hostname: 'talos-dhcp.example.com' }),
        }),
      }),
      { apiVersion: 'v1alpha1', kind: 'VolumeConfig', name: 'EPHEMERAL' },
    ]);
    expect(() =>
      renderedWith('Talos provision', 'talos-dhcp', { talos_config: `${machine}---\n${machine}` }),
    ).toThrow(/2 machine configurations/);
  });

  it.each(['Talos iPXE', 'Talos PXELinux', 'Talos PXEGrub2'])('%s leads to it', (template) => {
    for (const [host, each] of renderingsOf(template)) {
      const text = rendered(each);
      expect(text, host).toContain('talos.platform=metal');
      expect(text, host).toContain('talos.config=http://192.0.2.1:8080/unattended/provision?token=');
    }
  });
});
