import { describe, expect, it } from 'vitest';
import { because } from './reason.ts';
import type { Step } from './step.ts';
import { BootTracker } from './trace.ts';

const MAC = '52:54:00:77:00:10';
const reason = because('rom-asks');
const dhcp = (stage: Step['stage'], xid: number, kind: Step['kind'] = 'dhcp.offer'): Partial<Step> => ({
  kind,
  stage,
  xid,
  mac: MAC,
  ...(kind === 'dhcp.ack' && { address: '10.77.0.50' }),
});
const script = (
  code: 'script-build' | 'script-intermediate' | 'script-local' = 'script-build',
): Partial<Step> => ({
  kind: 'http.script',
  mac: MAC,
  because: because(code),
});
const tftp: Partial<Step> = { kind: 'tftp.file', address: '10.77.0.50', what: 'undionly-ipxe.0' };
const kernelOf = (mac: string): Partial<Step> => ({ ...kernel, mac });
const kernel: Partial<Step> = { kind: 'http.file', address: '10.77.0.50', what: '/media/debian/linux' };

/** The number of the boot each step was placed in. */
function placed(steps: readonly Partial<Step>[], gap = 1000): number[] {
  const tracker = new BootTracker();
  const ids: string[] = [];
  return steps.map((step, i) => {
    const { boot } = tracker.place({
      at: 1_000_000 + i * gap,
      via: 'dhcp',
      kind: 'dhcp.offer',
      because: reason,
      ...step,
    });
    if (!ids.includes(boot)) ids.push(boot);
    return ids.indexOf(boot);
  });
}

describe('a boot', () => {
  it('holds the whole chain ROM → TFTP → iPXE → script → kernel → installer', () => {
    const chain = [
      dhcp('rom', 1),
      dhcp('rom', 1),
      dhcp('rom', 1, 'dhcp.ack'),
      tftp,
      dhcp('ipxe', 2),
      dhcp('ipxe', 2, 'dhcp.ack'),
      script(),
      kernel,
      dhcp('installer', 3),
      dhcp('installer', 3, 'dhcp.ack'),
      { kind: 'http.answers', mac: MAC } as const,
      { kind: 'http.built', mac: MAC } as const,
    ];
    expect(new Set(placed(chain))).toEqual(new Set([0]));
  });

  it('goes on when the intermediate script asks DHCP again', () => {
    expect(placed([dhcp('ipxe', 1), script('script-intermediate'), dhcp('ipxe', 2), script()])).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it('ends at the next power-on', () => {
    expect(
      placed([dhcp('ipxe', 1), script(), kernelOf(MAC), dhcp('ipxe', 2), script('script-local')]),
    ).toEqual([0, 0, 0, 1, 1]);
  });

  it('belongs to one machine: an address is followed to the MAC it was leased to', () => {
    expect(placed([dhcp('rom', 1), dhcp('rom', 1, 'dhcp.ack'), tftp, dhcp('rom', 2)])).toEqual([0, 0, 0, 1]);
    expect(placed([dhcp('rom', 1), { ...dhcp('rom', 1), mac: '52:54:00:77:00:99' }])).toEqual([0, 1]);
  });

  it('is a new one after a long silence', () => {
    expect(placed([dhcp('rom', 1), dhcp('rom', 1)], 16 * 60_000)).toEqual([0, 1]);
  });
});
