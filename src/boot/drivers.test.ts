import { describe, expect, it } from 'vitest';
import { host, site } from '../../test/fixtures.ts';
import { DriverMemory, declaredDriver, driverOfFile } from './drivers.ts';

const MAC = '52:54:00:77:00:10';

describe('driverOfFile', () => {
  it.each([
    ['undionly-ipxe.0', 'rom'],
    ['undionly.kpxe', 'rom'],
    ['undionly.kkpxe', 'rom'],
    ['snponly.efi', 'rom'],
    ['snponly-aa64.efi', 'rom'],
    ['/httpboot/snponly.efi', 'rom'],
    ['ipxe.efi', 'own'],
    ['ipxe-x64.efi', 'own'],
    ['ipxe.lkrn', 'own'],
    ['ipxe.pxe', 'own'],
    ['pxelinux.0', undefined],
    ['grub2/grubx64.efi', undefined],
    ['autoexec.ipxe', undefined],
  ] as const)('%s', (file, driver) => {
    expect(driverOfFile(file)).toBe(driver);
  });
});

describe('declaredDriver', () => {
  const group = { id: 1, name: 'web', parameters: {}, provisioning_templates: [] } as const;

  it('is the host’s, else its hostgroup’s, else the subnet’s', () => {
    const all = site();
    const subnet = { ...all.get('subnets', 'lab')!, ipxe_driver: 'own' } as const;
    all.put('subnets', subnet);
    expect(declaredDriver(all, undefined, undefined)).toBeUndefined();
    expect(declaredDriver(all, undefined, subnet)).toBe('own');
    expect(declaredDriver(all, host(), undefined)).toBe('own');
    all.put('hostgroups', { ...group, ipxe_driver: 'rom' });
    expect(declaredDriver(all, host({ hostgroup: 'web' }), subnet)).toBe('rom');
    expect(declaredDriver(all, host({ hostgroup: 'web', ipxe_driver: 'own' }), subnet)).toBe('own');
  });
});

describe('an iPXE that is never heard of', () => {
  it('is followed by the other, once', () => {
    const memory = new DriverMemory();
    expect(memory.choose(MAC, undefined, 'rom', 0)).toBeUndefined();
    memory.fetched(MAC, 'undionly.kpxe', 0);
    const other = { driver: 'own', why: 'other' };
    expect(memory.choose(MAC, undefined, 'rom', 1000)).toEqual(other);
    expect(memory.choose(MAC, undefined, 'rom', 2000)).toEqual(other);
    memory.fetched(MAC, 'ipxe.pxe', 3000);
    expect(memory.choose(MAC, undefined, 'rom', 4000)).toBeUndefined();
  });

  it('is not followed for ever by one that cannot be fetched', () => {
    const memory = new DriverMemory();
    memory.failed(MAC, 'undionly.kpxe', 0);
    memory.fetched(MAC, 'undionly.kpxe', 0);
    memory.failed(MAC, 'undionly.kpxe', 0);
    memory.failed(MAC, 'pxelinux.0', 0);
    expect(memory.choose(MAC, undefined, 'rom', 1000)?.driver).toBe('own');
    memory.failed(MAC, 'ipxe.pxe', 2000);
    expect(memory.choose(MAC, undefined, 'rom', 3000)).toBeUndefined();
  });

  it('is forgotten when it comes up after all', () => {
    const memory = new DriverMemory();
    memory.fetched(MAC, 'snponly.efi', 0);
    expect(memory.cameUp(MAC, undefined)).toBe(false);
    expect(memory.choose(MAC, undefined, 'rom', 1000)).toBeUndefined();
  });

  it('is forgotten in time', () => {
    const memory = new DriverMemory();
    memory.fetched(MAC, 'snponly.efi', 0);
    expect(memory.choose(MAC, undefined, 'rom', 31 * 60_000)).toBeUndefined();
  });

  it('gives way for good to the one that worked, until something else is declared', () => {
    const memory = new DriverMemory();
    memory.fetched(MAC, 'snponly.efi', 0);
    memory.fetched(MAC, 'ipxe.efi', 1000);
    expect(memory.cameUp(MAC, undefined)).toBe(true);
    expect(memory.cameUp(MAC, undefined)).toBe(false);
    expect(memory.choose(MAC, undefined, 'rom', 1e9)).toEqual({ driver: 'own', why: 'worked' });
    expect(memory.choose(MAC, 'rom', 'rom', 1e9)).toEqual({ driver: 'rom', why: 'configured' });
    memory.fetched(MAC, 'ipxe.efi', 1e9);
    expect(memory.choose(MAC, undefined, 'rom', 1e9)).toBeUndefined();
  });

  it('is no business of other machines and other files', () => {
    const memory = new DriverMemory();
    memory.fetched(MAC, 'pxelinux.0', 0);
    memory.fetched('52:54:00:77:00:11', 'snponly.efi', 0);
    expect(memory.choose(MAC, 'rom', 'rom', 0)).toEqual({ driver: 'rom', why: 'configured' });
  });
});
