import { describe, expect, it } from 'vitest';
import { bootFiles, fillPath, isUbuntuLive, mediumUri } from './bootfiles.ts';
import type { OperatingSystem } from './types.ts';

type System = Parameters<typeof bootFiles>[0];
const os = (
  family: OperatingSystem['family'],
  name: string,
  major: string,
  minor = '',
  release_name?: string,
): System => ({
  family,
  name,
  major,
  minor,
  ...(release_name !== undefined && { release_name }),
});

const centos = os('Redhat', 'CentOS', '7', '0');

describe('bootFiles', () => {
  it('names files on TFTP as Foreman does', () => {
    // The identifier is one that a Foreman made for this mirror.
    const uri = mediumUri({ path: 'http://mirror.centos.org/centos/$major/os/$arch' }, centos, 'x86_64', '');
    const files = bootFiles(centos, { name: 'CentOS mirror' }, 'x86_64', uri);
    expect(files?.kernel.tftp).toBe('boot/centos-mirror-nrm0GtSX1ZC5-vmlinuz');
    expect(files?.initrd.uri).toBe('http://mirror.centos.org/centos/7/os/x86_64/images/pxeboot/initrd.img');
  });

  it.each([
    [
      os('Debian', 'Debian', '12', '', 'bookworm'),
      'x86_64',
      'dists/bookworm/main/installer-amd64/current/images/netboot/debian-installer/amd64/linux',
    ],
    [
      os('Debian', 'Debian', '12', '', 'bookworm'),
      'aarch64',
      'dists/bookworm/main/installer-arm64/current/images/netboot/debian-installer/arm64/linux',
    ],
    [
      os('Debian', 'Ubuntu', '18', '04', 'bionic'),
      'x86_64',
      'dists/bionic/main/installer-amd64/current/images/netboot/ubuntu-installer/amd64/linux',
    ],
    [
      os('Debian', 'Ubuntu', '20', '04', 'focal'),
      'x86_64',
      'dists/focal/main/installer-amd64/current/legacy-images/netboot/ubuntu-installer/amd64/linux',
    ],
    [os('Debian', 'Ubuntu', '22.04', '', 'jammy'), 'x86_64', 'casper/vmlinuz'],
    [os('Redhat', 'Rocky', '9', '4'), 'aarch64', 'images/pxeboot/vmlinuz'],
    [os('Redhat', 'RedHat', '8', '2'), 's390x', 'images/kernel.img'],
    [os('Suse', 'SLES', '15', '5'), 'x86_64', 'boot/x86_64/loader/linux'],
    [os('Coreos', 'Flatcar', '3510', '2.1'), 'x86_64', 'amd64-usr/3510.2.1/flatcar_production_pxe.vmlinuz'],
  ])('%o on %s: %s', (system, architecture, path) => {
    expect(bootFiles(system, { name: 'm' }, architecture, 'http://m')?.kernel.uri).toBe(`http://m/${path}`);
  });

  it('has none for installers that are not a kernel and an initrd', () => {
    expect(bootFiles(os('Windows', 'Windows', '2022'), { name: 'm' }, 'x86_64', 'http://m')).toBeUndefined();
  });
});

describe('mediumUri', () => {
  it('fills in what the path leaves open', () => {
    const rocky = os('Redhat', 'Rocky', '9', '4');
    expect(fillPath('http://m/$version/$major/$minor/$arch/$release', rocky, 'x86_64')).toBe(
      'http://m/9.4/9/4/x86_64/',
    );
    expect(fillPath('http://m/$version', os('Debian', 'Debian', '12'), 'x86_64')).toBe('http://m/12');
  });

  it('is our own address for a directory', () => {
    expect(mediumUri({ path: '/srv/debian' }, centos, 'x86_64', 'http://192.0.2.1/media/x')).toBe(
      'http://192.0.2.1/media/x',
    );
  });
});

it.each([
  ['20', '04', false],
  ['20', '04.2', false],
  ['20', '04.3', true],
  ['20.04', '5', true],
  ['22.04', '', true],
  ['18', '04.6', false],
])('Ubuntu %s.%s boots from casper: %s', (major, minor, live) => {
  expect(isUbuntuLive(os('Debian', 'Ubuntu', major, minor))).toBe(live);
});
