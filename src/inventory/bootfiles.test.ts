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

const medium = { name: 'm', path: 'http://m' };
const centos = os('Redhat', 'CentOS', '7', '0');

describe('bootFiles', () => {
  it('names files on TFTP as Foreman does', () => {
    // The identifier is one that a Foreman made for this mirror.
    const medium = { name: 'CentOS mirror', path: 'http://mirror.centos.org/centos/$major/os/$arch' };
    const files = bootFiles(centos, medium, 'x86_64', '');
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
    [os('Coreos', 'Flatcar', '0'), 'aarch64', 'arm64-usr/current/flatcar_production_pxe.vmlinuz'],
    [os('Coreos', 'CoreOS', '2512', '3.0'), 'x86_64', 'amd64-usr/2512.3.0/coreos_production_pxe.vmlinuz'],
    [
      os('Fcos', 'FCOS', '32', '20200907.3.0', 'stable'),
      'x86_64',
      'prod/streams/stable/builds/32.20200907.3.0/x86_64/fedora-coreos-32.20200907.3.0-live-kernel-x86_64',
    ],
    [
      os('Fcos', 'FCOS', '42', '20250914.3.0', 'stable'),
      'aarch64',
      'prod/streams/stable/builds/42.20250914.3.0/aarch64/fedora-coreos-42.20250914.3.0-live-kernel.aarch64',
    ],
    [
      os('Rhcos', 'RHCOS', '4', '6', '1'),
      'x86_64',
      'pub/openshift-v4/x86_64/dependencies/rhcos/4.6/4.6.1/rhcos-live-kernel-x86_64',
    ],
    [
      os('Rhcos', 'RHCOS', '4', '20', '0'),
      'x86_64',
      'pub/openshift-v4/x86_64/dependencies/rhcos/4.20/4.20.0/rhcos-live-kernel.x86_64',
    ],
    [os('Talos', 'Talos', '1', '8.0'), 'aarch64', 'vmlinuz-arm64'],
    [os('Windows', 'Windows', '2022'), 'x86_64', 'wimboot'],
    [os('Xenserver', 'XenServer', '8', '2'), 'x86_64', 'boot/vmlinuz'],
    [os('Rancheros', 'RancherOS', '1', '5'), 'x86_64', 'vmlinuz'],
    [os('Solaris', 'Solaris', '5', '10'), 'x86_64', 'Solaris_10/Tools/Boot/multiboot'],
    [os('AIX', 'AIX', '7', '2'), 'ppc64', 'boot/ppc64/loader/powerpc'],
  ])('%o on %s: %s', (system, architecture, path) => {
    expect(bootFiles(system, medium, architecture, '')?.kernel.uri).toBe(`http://m/${path}`);
  });

  it('takes the accents off the name of a medium', () => {
    const munich = { ...medium, name: 'Spiegel München / Süd' };
    expect(bootFiles(centos, munich, 'x86_64', '')?.kernel.tftp).toMatch(
      /^boot\/spiegel-munchen-sud-\w{12}-/,
    );
  });

  it('knows what families need besides', () => {
    const windows = bootFiles(os('Windows', 'Windows', '2022'), medium, 'x86_64', '');
    expect(windows?.others.bootwim).toMatchObject({ name: 'boot.wim', uri: 'http://m/sources/boot.wim' });
    expect(windows?.others.bootwim?.tftp).toMatch(/^boot\/windows-x86_64-m-\w{12}\/boot\.wim$/);
    const xen = bootFiles(os('Xenserver', 'XenServer', '8', '2'), medium, 'x86_64', '');
    expect(xen?.others.xen?.tftp).toMatch(/^boot\/m-\w{12}-xen\.gz$/);
    expect(Object.keys(xen?.others ?? {})).toEqual(['xen', 'mboot']);
  });

  it('knows files that are put in place by hand', () => {
    const files = bootFiles(os('Freebsd', 'FreeBSD', '13', '2'), medium, 'x86_64', '');
    expect(files).toEqual({
      kernel: { name: 'memdisk', tftp: 'memdisk' },
      initrd: { name: 'FreeBSD-amd64-13.2-mfs.img', tftp: 'boot/FreeBSD-amd64-13.2-mfs.img' },
      others: {},
    });
  });

  it('has none for installers that are not a kernel and an initrd', () => {
    expect(bootFiles(os('Gentoo', 'Gentoo', '2022'), medium, 'x86_64', '')).toBeUndefined();
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

  it.each([
    ['HTTP://Mirror.Example.COM', '', 'http://mirror.example.com/'],
    ['http://m:80/x', 'y', 'http://m/x/y'],
    ['https://m:80/x/', 'y', 'https://m:80/x//y'],
    ['http://U:P@m', '?a=b', 'http://U:P@m/?a=b'],
    ['http://m', '$major/$arch', 'http://m/7/x86_64'],
    ['nfs://server:/export', '', 'nfs://server:/export'],
  ])('%s and %j are joined as Foreman joins them', (path, below, url) => {
    expect(mediumUri({ path }, centos, 'x86_64', '', below)).toBe(url);
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
