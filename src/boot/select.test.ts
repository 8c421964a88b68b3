import { describe, expect, it } from 'vitest';
import { host, NOW, site, template } from '../../test/fixtures.ts';
import type { Host } from '../inventory/types.ts';
import type { Identity } from './identify.ts';
import { because, sentence } from './reason.ts';
import { select } from './select.ts';

const identified = (entry: Host): Identity => ({
  kind: 'host',
  host: entry,
  because: because('by-token', { host: entry.name }),
});
const UNKNOWN: Identity = { kind: 'unknown', evidence: 'address 10.0.0.1', because: because('unidentified') };
const options = { now: NOW, bootstrap: false };

describe('select', () => {
  it.each([
    ['iPXE in build mode', 'iPXE', identified(host()), 'Preseed default iPXE', 'script-build'],
    [
      'iPXE out of build mode',
      'iPXE',
      identified(host({ build: false })),
      'iPXE default local boot',
      'script-local',
    ],
    ['iPXE of a stranger', 'iPXE', UNKNOWN, 'iPXE global default', 'script-unknown'],
    ['provision in build mode', 'provision', identified(host()), 'Preseed default', 'script-build'],
    [
      'a shipped template by title prefix',
      'PXELinux',
      identified(host()),
      'PXELinux chain iPXE',
      'script-build',
    ],
    [
      'PXELINUX out of build mode',
      'PXELinux',
      identified(host({ build: false })),
      'PXELinux default local boot',
      'script-local',
    ],
    ['PXELINUX of a stranger', 'PXELinux', UNKNOWN, 'PXELinux global default', 'script-unknown'],
    ['GRUB of a stranger', 'PXEGrub2', UNKNOWN, 'PXEGrub2 global default', 'script-unknown'],
  ] as const)('%s', (_what, kind, identity, name, code) => {
    expect(select(kind, identity, site(), options)).toMatchObject({
      kind: 'template',
      template: { name },
      because: { code },
    });
  });

  it('gives the intermediate script to whoever bootstraps, known or not (foreman #32563)', () => {
    for (const identity of [UNKNOWN, identified(host())]) {
      const selection = select('iPXE', identity, site(), { now: NOW, bootstrap: true });
      expect(selection).toMatchObject({ template: { name: 'iPXE intermediate script' } });
    }
  });

  it.each([
    ['provision out of build mode', 'provision', identified(host({ build: false })), 'HOST_NOT_IN_BUILD'],
    ['provision of a stranger', 'provision', UNKNOWN, 'HOST_UNKNOWN'],
    [
      'a host without operating system',
      'iPXE',
      identified(host({ operatingsystem: undefined })),
      'HOST_NO_OS',
    ],
    ['a kind without template', 'finish', identified(host()), 'TEMPLATE_MISSING'],
    [
      'an expired token, even when the MAC identifies',
      'iPXE',
      identified(host({ token: { value: 'x', expires_at: NOW - 1 } })),
      'TOKEN_EXPIRED',
    ],
  ] as const)('refuses %s', (_what, kind, identity, code) => {
    expect(select(kind, identity, site(), options)).toMatchObject({ kind: 'error', code });
  });

  it('looks for system and template in the hostgroup', () => {
    const index = site();
    index.put('hostgroups', {
      id: 1,
      name: 'web',
      operatingsystem: 'Debian 12',
      provisioning_templates: ['Special'],
      parameters: { local_boot_ipxe: 'Preseed default iPXE' },
    });
    index.put('provisioning_templates', template('Special', 'provision', 30));
    const grouped = host({ operatingsystem: undefined, hostgroup: 'web' });
    expect(select('provision', identified(grouped), index, options)).toMatchObject({
      template: { name: 'Special' },
    });
    expect(select('iPXE', identified({ ...grouped, build: false }), index, options)).toMatchObject({
      template: { name: 'Preseed default iPXE' },
    });
  });

  it.each([
    ['rom', 'configured', 'PXELinux chain iPXE UNDI', 'script-driver'],
    ['rom', 'other', 'PXELinux chain iPXE UNDI', 'script-driver-other'],
    ['rom', 'worked', 'PXELinux chain iPXE UNDI', 'script-driver-worked'],
    ['own', 'configured', 'PXELinux chain iPXE', 'script-build'],
  ] as const)('makes PXELINUX go on with the %s driver (%s)', (driver, why, name, code) => {
    const all = site();
    all.put('provisioning_templates', template('PXELinux chain iPXE UNDI', 'PXELinux', -21));
    const chosen = { ...options, driver: () => ({ driver, why }) };
    const selection = select('PXELinux', identified(host()), all, chosen);
    expect(selection).toMatchObject({ kind: 'template', template: { name }, because: { code } });
    if (selection.kind === 'template') expect(sentence(selection.because)).not.toMatch(/[{}]/);
  });

  it('leaves other templates as they are, whatever the driver', () => {
    const chosen = { ...options, driver: () => ({ driver: 'rom', why: 'other' }) as const };
    const all = site();
    all.put('provisioning_templates', template('My own', 'PXELinux', 30, ['Debian']));
    expect(select('PXELinux', identified(host()), all, chosen)).toMatchObject({
      template: { name: 'My own' },
    });
  });

  describe('a held machine', () => {
    const hold = { loop: 'script', at: NOW, since: NOW - 1, count: 5 } as const;
    const held = { ...options, held: { machine: 'web01', hold } };

    it('is told so by whatever says what to boot', () => {
      for (const kind of ['iPXE', 'PXELinux', 'PXEGrub2'] as const)
        for (const identity of [identified(host()), identified(host({ build: false })), UNKNOWN])
          expect(select(kind, identity, site(), held)).toMatchObject({
            kind: 'held',
            because: { code: 'loop-script' },
          });
    });

    it('is not disturbed while it installs, and may try every card', () => {
      expect(select('provision', identified(host()), site(), held)).toMatchObject({ kind: 'template' });
      expect(select('iPXE', UNKNOWN, site(), { ...held, bootstrap: true })).toMatchObject({
        because: { code: 'script-intermediate' },
      });
    });
  });

  it('honours a host’s own local boot template', () => {
    const own = host({ build: false, parameters: { local_boot_iPXE: 'Preseed default iPXE' } });
    expect(select('iPXE', identified(own), site(), options)).toMatchObject({
      template: { name: 'Preseed default iPXE' },
    });
  });
});
