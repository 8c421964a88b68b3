import { expect, it } from 'vitest';
import { because } from '../reason.ts';
import type { Step } from '../step.ts';
import { diagnose } from './silence.ts';

const LATER = 60_000;
let clock = 0;

function step(kind: Step['kind'], what?: string, code: Step['because']['code'] = 'transfer-complete'): Step {
  clock += 10;
  return { at: clock, kind, via: 'tftp', because: because(code), ...(what !== undefined && { what }) };
}

const file = (what: string) => step('tftp.file', what);
const miss = (what: string) => step('tftp.error', what, 'refused');
const code = (steps: readonly Step[], now = clock + LATER) => diagnose(steps, now)?.code;

it('knows a GRUB that shim did not start', () => {
  const steps = [file('grub2/shimx64.efi'), miss('grub2/revocations.efi'), file('grub2/grubx64.efi')];
  expect(diagnose(steps, clock + LATER)).toEqual(
    because('stopped-at-grub', { file: 'grub2/grubx64.efi', shim: 'grub2/shimx64.efi' }),
  );
  expect(code([...steps, file('grub/grub.cfg')])).toBeUndefined();
  expect(code([...steps, miss('grub/x86_64-efi/command.lst')])).toBeUndefined();
});

it('knows that a GRUB may not speak the HTTP it came by', () => {
  const shim = step('http.file', '/httpboot/grub2/shimx64.efi', 'loader-file');
  const grub = step('http.file', '/httpboot/grub2/grubx64.efi', 'loader-file');
  expect(code([shim, { ...grub, via: 'http' }])).toBe('stopped-at-grub-http');
});

it('knows a loader that the firmware did not start, and a shim without its GRUB', () => {
  expect(code([file('snponly.efi')])).toBe('stopped-at-loader');
  expect(code([file('grub2/shimx64.efi')])).toBe('stopped-at-loader');
  expect(code([file('grub2/shimx64.efi'), miss('grub2/grubx64.efi')])).toBe('stopped-without-grub');
});

it('says nothing of a machine that goes on, or that may', () => {
  expect(code([])).toBeUndefined();
  expect(code([file('snponly.efi'), step('dhcp.offer', 'http://192.0.2.1', 'ipxe-asks')])).toBeUndefined();
  expect(code([file('snponly.efi')], clock + 1000)).toBeUndefined();
  expect(code([step('tftp.file', 'snponly.efi', 'transfer-probe')])).toBeUndefined();
  expect(code([file('undionly.kpxe')])).toBeUndefined();
});

it('knows a machine that was sent to HTTPS and never came', () => {
  const url = 'https://10.77.0.1/httpboot/snponly.efi';
  const ack = step('dhcp.ack', url, 'http-rom-asks');
  expect(diagnose([ack], clock + LATER)).toEqual(because('stopped-before-tls', { url }));
  expect(code([ack, step('http.error', undefined, 'refused')])).toBeUndefined();
  expect(code([step('dhcp.ack', 'http://10.77.0.1/httpboot/snponly.efi', 'http-rom-asks')])).toBeUndefined();
});
