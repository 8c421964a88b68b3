/** The two files a user writes, as the demo writes them: configuration and site. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

export const HOST = 'vm1.lab';
export const MAC = '52:54:00:77:00:10';

/** Where the demo's server listens and what addresses it hands out. */
export type DemoNetwork = {
  readonly interface: string;
  readonly server: string;
  readonly network: string;
  readonly host: string;
  readonly from: string;
  readonly to: string;
  readonly ports: { readonly http: number; readonly tftp: number; readonly dhcp: number };
};

export const LAB_NETWORK: DemoNetwork = {
  interface: 'br0',
  server: '10.77.0.1',
  network: '10.77.0.0/24',
  host: '10.77.0.50',
  from: '10.77.0.100',
  to: '10.77.0.200',
  ports: { http: 80, tftp: 69, dhcp: 67 },
};

export type DemoFiles = { readonly config: string; readonly site: string; readonly database: string };

/** Writes both into `directory` and returns their paths. `medium`: an absolute directory. */
export function writeDemoFiles(directory: string, medium: string, network: DemoNetwork): DemoFiles {
  const files = {
    config: join(directory, 'chainboot.yaml'),
    site: join(directory, 'site.yaml'),
    database: join(directory, 'chainboot.db'),
  };
  writeFileSync(files.config, stringify(configOf(files.database, network)));
  writeFileSync(files.site, stringify(siteOf(medium, network)));
  return files;
}

function configOf(database: string, network: DemoNetwork): object {
  const { http, tftp, dhcp } = network.ports;
  return {
    database,
    links: [{ interface: network.interface, address: network.server, mode: 'server', ipv6_router: 'none' }],
    http: { port: http },
    tftp: { port: tftp },
    dhcp: { port: dhcp },
    // Nobody asks it there, and without root its port could not be opened.
    api: { enabled: false },
  };
}

function siteOf(medium: string, network: DemoNetwork): object {
  return {
    subnets: [
      {
        name: 'lab',
        network: network.network,
        gateway: network.server,
        dns_primary: network.server,
        from: network.from,
        to: network.to,
      },
    ],
    media: [{ name: 'Debian local', path: medium, os_family: 'Debian' }],
    operatingsystems: [
      {
        name: 'Debian',
        major: '12',
        family: 'Debian',
        release_name: 'bookworm',
        media: ['Debian local'],
        provisioning_templates: ['Preseed default iPXE', 'Preseed default'],
      },
    ],
    hosts: [
      {
        name: HOST,
        operatingsystem: 'Debian 12',
        medium: 'Debian local',
        architecture: 'x86_64',
        build: true,
        // The lab has no mirror to install from: the installer reports success as soon as it has its answers.
        parameters: {
          chainboot_report: 'early',
          chainboot_poweroff: true,
          kernelcmd: 'console=ttyS0 ipv6.disable=1 mitigations=off',
        },
        interfaces: [{ mac: MAC, ip: network.host, primary: true, provision: true }],
      },
    ],
  };
}
