import { describe, expect, it } from 'vitest';
import { host, NOW } from '../../test/fixtures.ts';
import { type Hold, type LoopKind, PXE_LOADERS } from '../inventory/types.ts';
import { ARCHES, archOf } from '../net/arch.ts';
import { decide, type Policy } from './decide.ts';
import type { Facts, Stage } from './facts.ts';
import type { Loader } from './loaders.ts';
import { sentence } from './reason.ts';

const policy: Policy = { mode: 'server', unknownHosts: 'menu', base: 'http://10.77.0.1', server: 0x0a4d0001 };
const facts = (stage: Stage, arch = 0): Facts => ({
  mac: '52:54:00:77:00:10',
  arch: archOf(arch),
  stage,
  via: 'dhcp',
});

describe('decide', () => {
  it.each([
    ['BIOS ROM', 'rom', 0, undefined, { kind: 'loader', over: 'tftp', file: 'undionly-ipxe.0' }, 'rom-asks'],
    ['BIOS ROM, PXELINUX wanted', 'rom', 0, 'PXELinux BIOS', { file: 'pxelinux.0' }, 'loader-of-host'],
    ['UEFI ROM', 'rom', 7, undefined, { file: 'snponly.efi' }, 'rom-asks'],
    ['UEFI ROM, HTTP wanted', 'rom', 7, 'Grub2 UEFI HTTP', { file: 'grub2/grubx64.efi' }, 'loader-by-tftp'],
    ['UEFI ROM, full iPXE wanted', 'rom', 7, 'iPXE Chain UEFI', { file: 'ipxe.efi' }, 'loader-of-host'],
    [
      'UEFI ROM, a BIOS loader wanted',
      'rom',
      7,
      'PXELinux BIOS',
      { file: 'snponly.efi' },
      'loader-wrong-firmware',
    ],
    [
      'UEFI HTTP',
      'rom',
      16,
      undefined,
      { over: 'http', url: 'http://10.77.0.1/httpboot/snponly.efi' },
      'http-rom-asks',
    ],
    ['arm64', 'rom', 11, undefined, { file: 'snponly-aa64.efi' }, 'rom-asks'],
    [
      'iPXE, whatever the loader',
      'ipxe',
      0,
      'PXELinux BIOS',
      { kind: 'script', url: 'http://10.77.0.1/unattended/iPXE' },
      'ipxe-asks',
    ],
    ['unknown architecture', 'rom', 4711, undefined, { kind: 'ignore' }, 'no-loader-for-arch'],
    ['loader None', 'ipxe', 0, 'None', { kind: 'ignore' }, 'loader-none'],
    ['an ordinary client', 'os', 0, undefined, { kind: 'address' }, 'not-a-boot'],
  ] as const)('%s', (_what, stage, arch, pxe_loader, expected, code) => {
    const decision = decide(facts(stage, arch), host({ pxe_loader }), policy);
    expect(decision).toMatchObject({ ...expected, because: { code } });
    expect(sentence(decision.because)).not.toMatch(/[{}]/);
  });

  it.each([
    ['BIOS', 0, undefined, 'own', 'configured', 'ipxe.pxe', 'loader-of-driver'],
    ['BIOS', 0, undefined, 'rom', 'configured', 'undionly-ipxe.0', 'loader-of-driver'],
    ['UEFI', 7, undefined, 'own', 'configured', 'ipxe.efi', 'loader-of-driver'],
    ['UEFI', 7, 'iPXE Embedded', 'own', 'configured', 'ipxe.efi', 'loader-of-driver'],
    ['a loader that names a build', 7, 'iPXE Chain UEFI', 'rom', 'configured', 'ipxe.efi', 'loader-of-host'],
    [
      'the same, which was silent',
      7,
      'iPXE Chain UEFI',
      'rom',
      'other',
      'snponly.efi',
      'loader-driver-other',
    ],
    ['the same, later', 7, 'iPXE Chain UEFI', 'rom', 'worked', 'snponly.efi', 'loader-driver-worked'],
    [
      'PXELINUX, whose configuration decides',
      0,
      'PXELinux BIOS',
      'rom',
      'other',
      'pxelinux.0',
      'loader-of-host',
    ],
    ['GRUB', 7, 'Grub2 UEFI', 'own', 'configured', 'grub2/grubx64.efi', 'loader-of-host'],
  ] as const)('picks the driver of the iPXE: %s', (_what, arch, pxe_loader, driver, why, file, code) => {
    const decision = decide(facts('rom', arch), host({ pxe_loader }), policy, { driver: { driver, why } });
    expect(decision).toMatchObject({ kind: 'loader', file, because: { code } });
    expect(sentence(decision.because)).not.toMatch(/[{}]/);
  });

  describe('held', () => {
    const hold = (loop: LoopKind): Hold => ({ loop, at: NOW, since: NOW - 1, count: 5, file: 'a.0' });
    const http = { disguised: true, ipxeFeatures: new Set(['http']) } as const;
    const script = { kind: 'script', url: 'http://10.77.0.1/unattended/iPXE' };
    const pxelinux = { kind: 'loader', over: 'tftp', file: 'pxelinux.0' };
    const grub = { kind: 'loader', file: 'grub2/grubx64.efi' };

    it.each([
      ['a BIOS ROM shows text with PXELINUX', facts('rom'), undefined, 'loader', pxelinux],
      [
        'so does a disguised iPXE without HTTP',
        { ...facts('rom'), disguised: true },
        undefined,
        'disguise',
        pxelinux,
      ],
      ['a disguised iPXE runs a script', { ...facts('rom'), ...http }, undefined, 'disguise', script],
      ['UEFI shows text with GRUB, if that is its loader', facts('rom', 7), 'Grub2 UEFI', 'loader', grub],
      ['UEFI with iPXE shows nothing', facts('rom', 7), undefined, 'loader', { kind: 'address' }],
      ['HTTP boot neither', facts('rom', 16), undefined, 'loader', { kind: 'address' }],
    ] as const)('%s', (_what, asks, pxe_loader, loop, expected) => {
      const decision = decide(asks, host({ pxe_loader }), policy, { hold: hold(loop) });
      expect(decision).toMatchObject({ ...expected, because: { code: `loop-${loop}` } });
    });

    it('a GRUB of the site shows UEFI text, whatever its loader is', () => {
      const shows: Loader = { file: 'grub2/grubx64.efi', firmware: 'uefi', kind: 'PXEGrub2' };
      const verdict = { hold: hold('loader'), shows };
      expect(decide(facts('rom', 7), undefined, policy, verdict)).toMatchObject(grub);
      expect(decide(facts('rom', 16), undefined, policy, verdict)).toMatchObject({
        url: 'http://10.77.0.1/httpboot/grub2/grubx64.efi',
      });
      expect(decide(facts('rom'), undefined, policy, verdict)).toMatchObject(pxelinux);
    });

    it('an iPXE gets its script as ever, and so does everyone whose loader is not to blame', () => {
      for (const loop of ['loader', 'install', 'script'] as const)
        expect(decide(facts('ipxe'), host(), policy, { hold: hold(loop) })).toMatchObject(script);
      for (const loop of ['install', 'script'] as const)
        expect(decide(facts('rom'), host(), policy, { hold: hold(loop) })).toMatchObject({
          file: 'undionly-ipxe.0',
          because: { code: 'rom-asks' },
        });
    });
  });

  it('puts the MAC into the URL where it keeps no leases', () => {
    const decision = decide(facts('ipxe'), host(), { ...policy, mode: 'proxy' });
    expect(decision).toMatchObject({
      url: 'http://10.77.0.1/unattended/iPXE?mac=52%3A54%3A00%3A77%3A00%3A10',
    });
  });

  it('leaves strangers and disabled hosts alone when told to', () => {
    expect(decide(facts('rom'), undefined, { ...policy, unknownHosts: 'ignore' })).toMatchObject({
      because: { code: 'unknown-ignored' },
    });
    expect(decide(facts('rom'), host({ enabled: false }), policy)).toMatchObject({
      because: { code: 'host-disabled' },
    });
    expect(decide(facts('rom'), undefined, policy)).toMatchObject({ kind: 'loader' });
  });

  it('never hands a loader to firmware that cannot run it', () => {
    for (const arch of ARCHES) {
      for (const pxe_loader of PXE_LOADERS) {
        const decision = decide(facts('rom', arch.code), host({ pxe_loader }), policy);
        if (decision.kind !== 'loader') continue;
        const name = decision.over === 'tftp' ? decision.file : decision.url;
        expect(name.endsWith('.efi')).toBe(arch.firmware === 'uefi');
      }
    }
  });
});

describe('over HTTPS', () => {
  const secure = { base: 'https://10.77.0.1', ipxe: true, uefi: false };
  const ipxe = (...features: string[]): Facts => ({ ...facts('ipxe'), ipxeFeatures: new Set(features) });
  const urlOf = (asks: Facts, given: Policy, pxe_loader?: string) => {
    const decision = decide(asks, host({ pxe_loader: pxe_loader as never }), given);
    return [decision.because.code, 'url' in decision ? decision.url : undefined];
  };

  it('boots an iPXE that can do TLS, where we have it and its builds trust us', () => {
    const able = ipxe('http', 'https');
    expect(urlOf(able, { ...policy, secure })).toEqual([
      'ipxe-asks-https',
      'https://10.77.0.1/unattended/iPXE',
    ]);
    const plain = ['ipxe-asks', 'http://10.77.0.1/unattended/iPXE'];
    expect(urlOf(able, policy)).toEqual(plain);
    expect(urlOf(able, { ...policy, secure: { ...secure, ipxe: false } })).toEqual(plain);
    expect(urlOf(ipxe('http'), { ...policy, secure })).toEqual(plain);
    expect(urlOf(facts('ipxe'), { ...policy, secure })).toEqual(plain);
  });

  it('boots UEFI firmware of links and hosts that are said to', () => {
    const rom = facts('rom', 16);
    const url = (scheme: string) => `${scheme}://10.77.0.1/httpboot/snponly.efi`;
    expect(urlOf(rom, { ...policy, secure })[1]).toBe(url('http'));
    expect(urlOf(rom, { ...policy, secure: { ...secure, uefi: true } })[1]).toBe(url('https'));
    expect(urlOf(facts('rom', 7), { ...policy, secure: { ...secure, uefi: true } })[1]).toBeUndefined();
  });

  it.each(PXE_LOADERS.filter((name) => name.includes('HTTPS')))(
    'boots hosts set to %s, where we have it',
    (name) => {
      expect(urlOf(facts('rom', 16), { ...policy, secure }, name)[1]).toMatch(/^https:/);
      expect(urlOf(facts('rom', 16), policy, name)[1]).toMatch(/^http:/);
    },
  );
});
