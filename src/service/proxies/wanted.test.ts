import { beforeEach, describe, expect, it } from 'vitest';
import { host, nic, site as siteOf } from '../../../test/fixtures.ts';
import type { SiteIndex } from '../../inventory/site.ts';
import type { Host, PxeLoader, SmartProxy, Subnet } from '../../inventory/types.ts';
import type { ProxyFacts } from '../../store/deployments.ts';
import { templatesOf } from './through.ts';
import { type Knowledge, menusOf, wantedOf } from './wanted.ts';

const EDGE: SmartProxy = { id: 1, name: 'edge', url: 'https://edge.example:8443' };
const SERVED = { dhcp_proxy: 'edge', tftp_proxy: 'edge', httpboot_proxy: 'edge', template_proxy: 'edge' };

let site: SiteIndex;
let facts: ProxyFacts | 'ours' | undefined;
const know: Knowledge = { base: 'http://10.77.0.1:8080', facts: () => facts };

beforeEach(() => {
  facts = {
    url: EDGE.url,
    features: ['DHCP', 'HTTPBoot', 'TFTP', 'Templates'],
    serverName: '10.77.0.2',
    templateServer: 'http://edge.example:8000',
    httpPort: 8000,
    httpsPort: 8443,
  };
  site = siteOf();
  site.put('smart_proxies', EDGE);
  subnet(SERVED);
});

function subnet(fields: Partial<Subnet>): void {
  site.put('subnets', { ...site.get('subnets', 'lab')!, ...fields });
}

function of(fields: Partial<Host> = {}) {
  const wanted = wantedOf(site, host(fields), know);
  const items = wanted.flatMap((one) => one.items);
  return {
    keys: items.filter(({ kind }) => kind === 'config').map(({ key }) => key.replace(/\/[^/]*$/, '')),
    files: items.filter(({ kind }) => kind === 'file').length,
    reservations: items.filter((item) => item.kind === 'reservation'),
    faults: wanted.flatMap(({ fault }) =>
      fault === undefined ? [] : [`${fault.code} ${fault.values.feature ?? ''}`],
    ),
  };
}

describe('the boot file of a reservation', () => {
  it.each<readonly [PxeLoader, string | undefined]>([
    ['PXELinux BIOS', 'pxelinux.0'],
    ['PXELinux UEFI', 'pxelinux.efi'],
    ['Grub2 UEFI', 'grub2/grubx64.efi'],
    ['Grub2 UEFI SecureBoot', 'grub2/shimx64.efi'],
    ['Grub2 UEFI HTTP', 'http://edge.example:8000/httpboot/grub2/grubx64.efi'],
    ['Grub2 UEFI HTTPS', 'https://edge.example:8443/httpboot/grub2/grubx64.efi'],
    ['Grub2 UEFI HTTPS SecureBoot', 'https://edge.example:8443/httpboot/grub2/shimx64.efi'],
    ['iPXE UEFI HTTP', 'http://edge.example:8000/httpboot/ipxe-x64.efi'],
    ['iPXE Chain BIOS', 'undionly-ipxe.0'],
    ['iPXE Chain UEFI', 'ipxe.efi'],
    ['iPXE Embedded', 'http://edge.example:8000/unattended/iPXE?mac=52%3A54%3A00%3A77%3A00%3A10'],
    ['None', undefined],
  ])('of %s is %s', (pxe_loader, filename) => {
    const [found] = of({ pxe_loader }).reservations;
    expect(found?.filename).toBe(filename);
    expect(found?.nextServer).toBe(pxe_loader === 'None' ? undefined : '10.77.0.2');
  });

  it('is that of what the system has templates for, where the host names no loader', () => {
    expect(of().reservations[0]?.filename).toBe('pxelinux.0');
    site.remove('provisioning_templates', -20);
    expect(of().reservations[0]?.filename).toBe('undionly-ipxe.0');
    const os = site.get('operatingsystems', 'Debian 12')!;
    site.put('operatingsystems', { ...os, parameters: { 'pxe-loader': 'Grub2 UEFI' } });
    expect(of().reservations[0]?.filename).toBe('grub2/grubx64.efi');
  });

  it('comes from this server where no smart proxy serves TFTP or HTTP', () => {
    subnet({ tftp_proxy: undefined as never, httpboot_proxy: undefined as never });
    const [found] = of({ pxe_loader: 'Grub2 UEFI HTTP' }).reservations;
    expect(found).toMatchObject({
      nextServer: '10.77.0.1',
      filename: 'http://10.77.0.1:8080/httpboot/grub2/grubx64.efi',
    });
  });

  it('cannot be told where HTTP boot has no port', () => {
    facts = { url: EDGE.url, features: ['DHCP', 'HTTPBoot', 'TFTP'] };
    expect(of({ pxe_loader: 'Grub2 UEFI HTTP' }).faults).toEqual([
      'PROXY_FEATURE_MISSING HTTPBoot over HTTP',
    ]);
    expect(of({ pxe_loader: 'PXELinux BIOS' }).reservations[0]?.nextServer).toBe('edge.example');
  });
});

describe('configurations and boot files', () => {
  it.each<readonly [Partial<Host>, readonly string[], number]>([
    [{}, ['config/PXELinux', 'config/iPXE'], 2],
    [{ pxe_loader: 'Grub2 UEFI' }, ['config/PXEGrub2'], 2],
    [{ pxe_loader: 'Grub UEFI' }, ['config/PXEGrub'], 2],
    [{ pxe_loader: 'None' }, [], 0],
    [{ provision_method: 'image' }, [], 0],
    [{ build: false }, ['config/PXELinux', 'config/PXEGrub2', 'config/iPXE'], 0],
    [{ build: false, pxe_loader: 'Grub UEFI' }, [], 0],
    [{ build: false, pxe_loader: 'iPXE Embedded' }, ['config/iPXE'], 0],
  ])('of %j', (fields, keys, files) => {
    const found = of(fields);
    expect([found.keys, found.files, found.reservations.length]).toEqual([keys, files, 1]);
  });

  it('are for each card of a bond, as are reservations', () => {
    const cards = [
      nic({ identifier: 'eth0', mac: '52:54:00:77:00:0a' }),
      nic({ identifier: 'eth1', mac: '52:54:00:77:00:0b' }),
    ];
    const bond = nic({
      identifier: 'bond0',
      type: 'bond',
      virtual: true,
      mac: '52:54:00:77:00:0a',
      ip: '10.77.0.50',
      primary: true,
      provision: true,
      attached_devices: ['eth0', 'eth1'],
    });
    const { keys, reservations } = of({ pxe_loader: 'PXELinux BIOS', interfaces: [bond, ...cards] });
    expect(keys).toHaveLength(2);
    expect(reservations.map(({ mac, name, related }) => [mac, name, related])).toEqual([
      ['52:54:00:77:00:0a', 'web01.example.org', ['52:54:00:77:00:0b']],
      ['52:54:00:77:00:0b', 'web01.example.org-01', ['52:54:00:77:00:0a']],
    ]);
  });

  it('are of the interface that is installed by; another one has an address and no more', () => {
    const second = nic({
      identifier: 'eth1',
      mac: '52:54:00:77:00:11',
      ip: '10.77.0.61',
      name: 'web01-san.example.org',
    });
    const { keys, reservations } = of({
      pxe_loader: 'PXELinux BIOS',
      interfaces: [host().interfaces[0]!, second],
    });
    expect(keys).toEqual(['config/PXELinux']);
    expect(reservations[1]).toEqual({
      kind: 'reservation',
      key: 'reservation/10.77.0.0/52:54:00:77:00:11',
      network: '10.77.0.0',
      mac: '52:54:00:77:00:11',
      ip: '10.77.0.61',
      name: 'web01-san.example.org',
      hostname: 'web01-san.example.org',
      related: [],
    });
  });

  it('are of the proxy of the IPv6 subnet, too', () => {
    site.put('smart_proxies', { id: 2, name: 'six', url: 'https://six.example:8443' });
    const { relay: _relay, ...lab } = site.get('subnets', 'lab')!;
    site.put('subnets', {
      ...lab,
      id: 2,
      name: 'lab6',
      network: '2001:db8::/64',
      dhcp_proxy: 'six',
      tftp_proxy: 'six',
    });
    const [first] = host().interfaces;
    const wanted = wantedOf(site, host({ interfaces: [{ ...first!, ip6: '2001:db8::50' }] }), know);
    expect(wanted.map(({ proxy, feature }) => `${proxy.name} ${feature}`)).toEqual([
      'edge TFTP',
      'six TFTP',
      'edge DHCP',
    ]);
  });

  it('are none of interfaces that are not managed', () => {
    const [first] = host().interfaces;
    expect(wantedOf(site, host({ interfaces: [{ ...first!, managed: false }] }), know)).toEqual([]);
  });
});

describe('what is not known', () => {
  it('is waited for, and what is there stays', () => {
    facts = undefined;
    expect(of().faults).toEqual(['PROXY_UNREACHABLE ', 'PROXY_UNREACHABLE ']);
    expect(templatesOf(site, host(), know)).toBe('unknown');
    expect(menusOf(site, EDGE, know)).toEqual([]);
  });

  it('is not asked of proxies of ours', () => {
    facts = 'ours';
    expect([wantedOf(site, host(), know), templatesOf(site, host(), know)]).toEqual([[], undefined]);
  });

  it('keeps URLs from leading elsewhere', () => {
    const other: SmartProxy = { id: 2, name: 'other', url: 'https://other.example:8443' };
    site.put('smart_proxies', other);
    subnet({ template_proxy: 'other' });
    const known = facts;
    const asked: Knowledge = { ...know, facts: ({ name }) => (name === 'other' ? undefined : known) };
    const [tftp, dhcp] = wantedOf(site, host({ pxe_loader: 'iPXE Embedded' }), asked);
    expect([tftp?.fault?.values.url, dhcp?.fault?.values.url]).toEqual([other.url, other.url]);
    expect(menusOf(site, EDGE, asked)).toEqual([]);
  });
});

it('a menu for each loader that has one leads where machines of these subnets ask', () => {
  expect(menusOf(site, EDGE, know).map(({ template: kind, base }) => [kind, base])).toEqual([
    ['PXELinux', 'http://edge.example:8000'],
    ['PXEGrub2', 'http://edge.example:8000'],
  ]);
  subnet({ template_proxy: undefined as never });
  expect(menusOf(site, EDGE, know)[0]?.base).toBe(know.base);
});
