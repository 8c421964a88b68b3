/** Talos hosts of the golden renderings; record ids 500 to 599. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import { bonded, host, nic, os, tagged } from './common.ts';

/** What `talosctl gen config` writes, cut short; its secrets are not any cluster's. */
const CONFIG = `version: v1alpha1
debug: false
persist: true
machine:
    type: worker
    token: abcdef.0123456789abcdef
    ca:
        crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t
        key: ""
    install:
        disk: /dev/sda
        image: ghcr.io/siderolabs/installer:v1.9.0
        wipe: false
cluster:
    id: c2l0ZQ==
    secret: c2VjcmV0
    controlPlane:
        endpoint: https://k8s.example.com:6443
    clusterName: example
    token: ghijkl.0123456789abcdef
`;

const add = (site: SiteIndex, given: Parameters<typeof host>[0]) =>
  site.put('hosts', host({ ...given, name: `${given.name}.example.com` }));

export function addTalos(site: SiteIndex): void {
  site.put('media', {
    id: 500,
    name: 'Talos',
    path: 'http://factory.example.com/image/376567988ad3/v$version',
  });
  site.put(
    'operatingsystems',
    os({ id: 500, name: 'Talos', major: '1', minor: '9.0', family: 'Talos', media: ['Talos'] }),
  );
  add(site, {
    id: 501,
    name: 'talos-dhcp',
    operatingsystem: 'Talos 1.9.0',
    parameters: { talos_config: CONFIG },
    interfaces: [nic({ mac: '52:54:00:00:00:51', ip: '192.0.2.51', subnet: 'dynamic' })],
  });
  add(site, {
    id: 502,
    name: 'talos-bond',
    operatingsystem: 'Talos 1.9.0',
    architecture: 'aarch64',
    parameters: { talos_config: CONFIG, 'install-disk': '/dev/nvme0n1' },
    interfaces: [
      ...bonded('52:54:00:00:52', {
        ip: '198.51.100.52',
        subnet: 'fixed',
        ip6: '2001:db8:2::52',
        subnet6: 'fixed6',
      }),
      nic({
        identifier: 'bond0.100',
        attached_to: 'bond0',
        virtual: true,
        tag: '100',
        primary: false,
        provision: false,
        ip: '203.0.113.52',
        subnet: 'storage',
      }),
    ],
  });
  add(site, {
    id: 503,
    name: 'talos-vlan',
    operatingsystem: 'Talos 1.9.0',
    parameters: {
      talos_config: { machine: { type: 'controlplane' }, cluster: { clusterName: 'small' } },
      talos_install_image: 'factory.example.com/installer/376567988ad3:v1.9.0',
    },
    interfaces: tagged('52:54:00:00:00:53', { ip: '203.0.113.53', subnet: 'storage' }),
  });
}
