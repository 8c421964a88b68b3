/** Windows hosts of the golden renderings; record ids 700 to 799. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import { host, nic, os } from './common.ts';

/** `secret` as Windows wants it in its answers: with a word at its end, in UTF-16, in base64. */
const root_pass = Buffer.from('secretAdministratorPassword', 'utf16le').toString('base64');

export function addWindows(site: SiteIndex): void {
  site.put('media', { id: 700, name: 'Windows Server', path: 'http://win.example.com/$major/$arch' });
  site.put(
    'operatingsystems',
    os({
      id: 700,
      name: 'Windows',
      major: '2022',
      minor: '',
      family: 'Windows',
      password_hash: 'Base64-Windows',
      media: ['Windows Server'],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 701,
      name: 'win-dhcp.example.com',
      operatingsystem: 'Windows 2022',
      ptable: 'Windows default partition table',
      root_pass,
      interfaces: [nic({ mac: '52:54:00:00:70:01', ip: '192.0.2.71', subnet: 'dynamic' })],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 702,
      name: 'win-static-of-a-long-name.example.com',
      operatingsystem: 'Windows 2022',
      ptable: 'Windows default GPT EFI partition table',
      pxe_loader: 'iPXE UEFI HTTP',
      root_pass,
      parameters: {
        wimImageName: 'Windows Server 2022 100% & more',
        windowsLicenseKey: 'ABCDE-ABCDE-ABCDE-ABCDE-ABCDE',
        windowsLicenseOwner: 'Möbel & Söhne',
        windowsInstallShare: '\\\\files.example.com\\win2022',
        windowsInstallShareUser: 'setup',
        windowsInstallSharePassword: '50%&off',
        computerDomain: 'corp.example.com',
        domainAdminAccount: 'join@corp.example.com',
        domainAdminAccountPasswd: 'p<&>w',
        computerOU: 'OU=Servers,DC=corp,DC=example,DC=com',
        ansible_winrm_transport: 'credssp',
        EnableFirewall: false,
      },
      interfaces: [nic({ mac: '52:54:00:00:70:02', ip: '198.51.100.72', subnet: 'fixed' })],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 703,
      name: 'win-dual.example.com',
      operatingsystem: 'Windows 2022',
      ptable: 'Windows default GPT EFI partition table',
      pxe_loader: 'iPXE UEFI HTTP',
      root_pass,
      parameters: {
        'http-proxy': 'proxy.example.com',
        computerDomain: 'corp.example.com',
        machinePassword: 'made before',
        foremanDebug: true,
      },
      interfaces: [
        nic({
          mac: '52:54:00:00:70:03',
          ip: '198.51.100.73',
          subnet: 'fixed',
          ip6: '2001:db8:2::73',
          subnet6: 'fixed6',
        }),
        nic({
          mac: '52:54:00:00:70:04',
          ip: '203.0.113.73',
          subnet: 'storage',
          primary: false,
          provision: false,
        }),
      ],
    }),
  );
}
