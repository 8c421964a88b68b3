import { describe, expect, it } from 'vitest';
import { ChainbootError } from '../errors.ts';
import type { Answered, Question } from './answer.ts';
import { eventOfAnswer, eventOfStep } from './loop-events.ts';
import { because, type ReasonCode } from './reason.ts';
import type { Step } from './step.ts';

const step = (changes: Partial<Step>): Step => ({
  at: 0,
  kind: 'dhcp.ack',
  via: 'dhcp',
  because: because('rom-asks'),
  ...changes,
});
const tftp = (what: string, code: ReasonCode = 'transfer-complete') =>
  step({ kind: 'tftp.file', via: 'tftp', what, because: because(code) });
const http = (changes: Partial<Step>) =>
  step({
    kind: 'http.file',
    via: 'http',
    because: because('loader-file'),
    bytes: 9,
    detail: { status: 200 },
    ...changes,
  });
const rom = { stage: 'rom', what: 'undionly-ipxe.0', xid: 7 } as const;
const loader = { kind: 'loader', by: 'dhcp', file: 'undionly-ipxe.0', xid: 7 };
const started = { kind: 'started' };

describe('of a step', () => {
  it.each([
    ['the ACK of a ROM gives a loader out', step(rom), loader],
    ['its OFFER does not', step({ ...rom, kind: 'dhcp.offer' }), undefined],
    [
      'the OFFER of a proxy does, for BIOS',
      step({ ...rom, kind: 'dhcp.offer', via: 'proxy-dhcp', arch: 'BIOS x86' }),
      loader,
    ],
    [
      'but not for UEFI, which goes on to port 4011',
      step({ ...rom, kind: 'dhcp.offer', via: 'proxy-dhcp', arch: 'UEFI x86-64' }),
      undefined,
    ],
    [
      'HTTP boot does not',
      step({ ...rom, what: 'http://x/httpboot/ipxe.efi', xid: 1 }),
      { ...loader, file: 'ipxe.efi', xid: 1 },
    ],
    ['a disguise is told', step({ ...rom, disguised: true }), { ...loader, disguised: true }],
    [
      'an iPXE gets a script, which is no round',
      step({ stage: 'ipxe', what: 'http://x/unattended/iPXE' }),
      undefined,
    ],
    ['nor is a script for a held ROM', step({ stage: 'rom', what: 'http://x/unattended/iPXE' }), undefined],
    ['a ROM that gets nothing', step({ stage: 'rom' }), undefined],
    ['the installer asks for an address', step({ stage: 'installer', host: 'a' }), started],
    ['a stranger’s kitchen clock', step({ stage: 'installer' }), undefined],
    ['a loader by TFTP', tftp('undionly.kpxe'), { kind: 'loader', by: 'tftp', file: 'undionly.kpxe' }],
    ['only asked for its size', tftp('snponly.efi', 'transfer-probe'), undefined],
    ['a module', tftp('ldlinux.c32'), undefined],
    ['GRUB’s', tftp('grub2/x86_64-efi/net.mod'), undefined],
    ['a configuration', tftp('pxelinux.cfg/01-52-54-00-77-00-10'), undefined],
    ['GRUB’s', tftp('grub/grub.cfg'), undefined],
    ['a kernel by TFTP', tftp('boot/debian-vmlinuz'), started],
    [
      'a loader by HTTP',
      http({ what: '/httpboot/ipxe.efi' }),
      { kind: 'loader', by: 'http', file: 'ipxe.efi' },
    ],
    ['HEAD of it', http({ what: '/httpboot/ipxe.efi', bytes: 0 }), undefined],
    ['a part of it', http({ what: '/httpboot/ipxe.efi', detail: { status: 206 } }), undefined],
    ['a kernel by HTTP', http({ because: because('boot-file'), what: '/media/debian/linux' }), started],
    [
      'answers',
      step({ kind: 'http.answers', what: '/unattended/provision', because: because('script-build') }),
      started,
    ],
    [
      'a configuration by HTTP',
      step({ kind: 'http.answers', what: '/unattended/PXELinux', because: because('script-build') }),
      undefined,
    ],
    ['built', step({ kind: 'http.built' }), { kind: 'done' }],
    ['failed', step({ kind: 'http.failed' }), { kind: 'done' }],
    ['an error', step({ kind: 'http.error' }), undefined],
  ] as const)('%s', (_what, given, event) => {
    const found = eventOfStep(given);
    if (event === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(event);
  });
});

describe('of an answer', () => {
  const question = (changes: Partial<Question> = {}): Question => ({
    kind: 'iPXE',
    claims: { address: '192.0.2.7', macs: [] },
    bootstrap: false,
    base: 'http://192.0.2.1',
    ...changes,
  });
  const answered = (code: ReasonCode): Answered => ({
    ok: true,
    text: '',
    template: 't',
    because: because(code),
    identity: because('by-lease'),
  });

  it.each([
    ['iPXE', 'script-build', { kind: 'script', build: 5 }],
    ['PXELinux', 'script-build', { kind: 'config', build: 5 }],
    ['PXELinux', 'script-driver-other', { kind: 'config', build: 5 }],
    ['PXEGrub2', 'script-local', { kind: 'local' }],
    ['iPXE', 'loop-local', { kind: 'local' }],
    ['iPXE', 'script-unknown', { kind: 'menu' }],
    ['iPXE', 'script-intermediate', undefined],
    ['iPXE', 'loop-script', undefined],
    ['provision', 'script-build', undefined],
  ] as const)('%s, %s', (kind, code, event) => {
    expect(eventOfAnswer(question({ kind }), answered(code), 5)).toEqual(event);
  });

  it('that is a retry or an error is none', () => {
    expect(eventOfAnswer(question({ retry: true }), answered('script-build'), 5)).toBeUndefined();
    const error = new ChainbootError('HOST_NO_OS', { host: 'a' });
    const failed: Answered = { ok: false, error, because: because('refused', { sentence: 'x' }) };
    expect(eventOfAnswer(question(), failed, 5)).toBeUndefined();
  });
});
