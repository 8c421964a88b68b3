import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleetReport, playFleet, type Sample, samplesOf } from './fleet.ts';
import type { BootOutcome } from './outcome.ts';

const outcome = (fields: Partial<BootOutcome> = {}): BootOutcome => ({
  reached: 'installed',
  why: 'it is done',
  initrds: [],
  scripts: [],
  console: [],
  steps: [],
  took: 10,
  ...fields,
});

describe('a fleet', () => {
  it('knows the phases of a boot', () => {
    const file = (url: string, at: number) =>
      ({
        kind: url.startsWith('tftp') ? 'tftp.file' : 'http.file',
        text: '',
        url,
        at,
        took: 2,
        bytes: 5,
      }) as const;
    const steps = [
      { kind: 'dhcp.discover', text: '', at: 1 },
      // Sent again: the first one counts.
      { kind: 'dhcp.discover', text: '', at: 1001 },
      { kind: 'dhcp.ack', text: '', at: 1005 },
      file('tftp://127.0.0.1/pxelinux.0', 1010),
      file('http://127.0.0.1/httpboot/snponly.efi', 1011),
      file('http://127.0.0.1/unattended/iPXE?mac=1', 1012),
      file('http://127.0.0.1/media/x/linux', 1013),
      file('http://127.0.0.1/media/x/initrd.gz', 1014),
      file('http://127.0.0.1/unattended/provision?token=1', 1015),
      file('http://127.0.0.1/unattended/built?token=1', 1016),
    ] as const;
    const kernel = { url: 'http://127.0.0.1/media/x/linux', bytes: 5, sha256: '' };
    const initrds = [{ url: 'http://127.0.0.1/media/x/initrd.gz', bytes: 5, sha256: '' }];
    const samples = samplesOf({ steps, kernel, initrds }, 100);
    expect(samples.map(({ phase }) => phase)).toEqual([
      'dhcp',
      'tftp',
      'loader',
      'script',
      'kernel',
      'initrd',
      'answers',
      'report',
    ]);
    expect(samples[0]).toEqual({ phase: 'dhcp', end: 1105, took: 1004, bytes: 0 });
  });

  it('plays every machine once, and tells those that did not boot', async () => {
    const done: number[] = [];
    const result = await playFleet({
      machines: [1, 2, 3],
      boot: async (machine) =>
        outcome(machine === 2 ? { reached: 'failed', code: 'tftp-silent', why: 'no' } : {}),
      onDone: (count) => done.push(count),
    });
    expect(done).toEqual([1, 2, 3]);
    const report = fleetReport(result, ({ reached }) => reached === 'installed');
    expect(report).toMatchObject({ machines: 3, booted: 2 });
    expect(report.failures).toEqual([{ code: 'tftp-silent', count: 1, example: 'no' }]);
  });

  it('keeps its percentiles in order, and within what was measured', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1 }), (times) => {
        const samples = times.map((took): Sample => ({ phase: 'script', end: took, took, bytes: 1 }));
        const [phase] = fleetReport({ ended: [], samples, took: 1000 }, () => true).phases;
        const { p50, p95, p99, max, count } = phase!;
        expect([count, max]).toEqual([times.length, Math.max(...times)]);
        expect(p50 <= p95 && p95 <= p99 && p99 <= max && times.includes(p50)).toBe(true);
        expect(times.filter((took) => took <= p50).length * 2).toBeGreaterThanOrEqual(times.length);
      }),
    );
  });
});
