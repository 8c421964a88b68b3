import { describe, expect, it } from 'vitest';
import { host } from '../../test/fixtures.ts';
import { PXE_LOADERS } from '../inventory/types.ts';
import { ARCHES, archOf } from '../net/arch.ts';
import { decide, type Policy } from './decide.ts';
import type { Facts, Stage } from './facts.ts';
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
