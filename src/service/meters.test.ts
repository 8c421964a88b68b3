import { expect, it } from 'vitest';
import { because } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import { Registry } from '../ops/metrics.ts';
import { bootMeters } from './meters.ts';

const step = (kind: Step['kind'], code: Step['because']['code'], more: Partial<Step> = {}): Step => ({
  at: 0,
  kind,
  via: 'http',
  because: because(code),
  ...more,
});

it('counts each step in its phase, and rehearsals in none', () => {
  const registry = new Registry();
  const meters = bootMeters(registry);
  const steps = [
    step('dhcp.offer', 'rom-asks'),
    step('dhcp.ignore', 'host-disabled'),
    step('tftp.file', 'transfer-complete', { what: 'undionly-ipxe.0', bytes: 80_000, took: 40 }),
    step('tftp.file', 'transfer-probe', { what: 'snponly.efi' }),
    step('tftp.error', 'transfer-timeout', { what: 'ipxe.efi' }),
    step('tftp.file', 'transfer-complete', { what: 'pxelinux.cfg/01-52-54-00-00-00-01' }),
    step('http.script', 'script-build', { what: '/unattended/iPXE' }),
    step('http.script', 'script-error', { what: '/unattended/iPXE' }),
    step('http.file', 'boot-file', {
      what: '/media/x/linux',
      bytes: 5,
      detail: { status: 200, aborted: true },
    }),
    step('http.answers', 'script-build', { what: '/unattended/PXELinux' }),
    step('http.error', 'refused', { what: '/unattended/provision' }),
    step('http.built', 'build-done', { what: '/unattended/built' }),
    step('http.failed', 'build-failed', { what: '/unattended/failed' }),
  ];
  for (const each of [...steps, step('http.built', 'build-done', { rehearsal: 'r1' })]) meters.observe(each);
  meters.failed('tftp-blocked');
  const text = registry.expose();
  expect(text.split('\n').filter((line) => line.startsWith('chainboot_phase_total{'))).toEqual([
    'chainboot_phase_total{phase="dhcp",outcome="ok"} 1',
    'chainboot_phase_total{phase="dhcp",outcome="ignored"} 1',
    'chainboot_phase_total{phase="loader",outcome="ok"} 1',
    'chainboot_phase_total{phase="loader",outcome="probe"} 1',
    'chainboot_phase_total{phase="loader",outcome="failed"} 1',
    'chainboot_phase_total{phase="config",outcome="ok"} 2',
    'chainboot_phase_total{phase="script",outcome="ok"} 1',
    'chainboot_phase_total{phase="script",outcome="failed"} 1',
    'chainboot_phase_total{phase="files",outcome="aborted"} 1',
    'chainboot_phase_total{phase="answers",outcome="failed"} 1',
    'chainboot_phase_total{phase="report",outcome="ok"} 1',
    'chainboot_phase_total{phase="report",outcome="failed"} 1',
  ]);
  expect(text).toContain('chainboot_phase_bytes_total{phase="loader"} 80000\n');
  expect(text).toContain('chainboot_phase_seconds_bucket{phase="loader",le="0.1"} 1\n');
  expect(text).toContain('chainboot_boot_failures_total{rule="tftp-blocked"} 1\n');
});
