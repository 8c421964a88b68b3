import fc from 'fast-check';
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

describe('steps of one machine', () => {
  const OTHER = '52:54:00:77:00:11';
  const UUID = '5a5a5a5a-0000-4000-8000-000000000001';

  it('are one boot whichever of its cards asks', () => {
    const first = { ...dhcp('rom', 1), uuid: UUID };
    const second = { ...dhcp('rom', 2), uuid: UUID, mac: OTHER };
    expect(placed([first, second, { ...first, xid: 3 }])).toEqual([0, 0, 0]);
    expect(placed([first, { ...second, uuid: '5a5a5a5a-0000-4000-8000-000000000002' }])).toEqual([0, 1]);
    // An hour later it was switched on again.
    expect(placed([first, second], 3_600_000)).toEqual([0, 1]);
  });

  it('are not one boot when clones share a UUID', () => {
    const clone = (host: string, mac: string, xid: number) => ({
      ...dhcp('rom', xid),
      uuid: UUID,
      mac,
      host,
    });
    expect(placed([clone('a', MAC, 1), clone('b', OTHER, 2)])).toEqual([0, 1]);
  });

  it('join the boot that was known by the address alone', () => {
    const script: Partial<Step> = { kind: 'http.script', mac: MAC, address: '10.77.0.50' };
    expect(placed([tftp, script, kernel])).toEqual([0, 0, 0]);
  });

  it('are found by the host that a token names, from whatever address', () => {
    const asked: Partial<Step> = { kind: 'http.script', mac: MAC, host: 'web1', address: '10.77.0.50' };
    expect(placed([asked, { kind: 'http.answers', host: 'web1', address: '192.0.2.9' }])).toEqual([0, 0]);
  });

  it('are found by what was heard of its address', () => {
    const tracker = new BootTracker();
    const at = (step: Partial<Step>): Step => ({
      at: 1,
      kind: 'dhcp.offer',
      via: 'dhcp',
      because: reason,
      ...step,
    });
    const { boot } = tracker.place(at({ mac: MAC }));
    tracker.learn('10.77.0.50', MAC);
    expect(tracker.place(at(tftp)).boot).toBe(boot);
  });
});

it('no two machines share a boot, in whatever order they speak', () => {
  const machine = fc.integer({ min: 0, max: 5 });
  const kinds = ['dhcp.offer', 'dhcp.ack', 'tftp.file', 'http.script', 'http.file', 'http.answers'] as const;
  const spoken = fc.record({
    machine,
    kind: fc.constantFrom(...kinds),
    stage: fc.constantFrom('rom', 'ipxe', 'installer'),
    by: fc.constantFrom('mac', 'address', 'host', 'all'),
    xid: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(spoken, { maxLength: 60 }), (all) => {
      const tracker = new BootTracker();
      const owner = new Map<string, number>();
      for (const [i, { machine: n, kind, stage, by, xid }] of all.entries()) {
        const mac = `52:54:00:77:00:0${n}`;
        const step: Step = {
          at: i * 1000,
          kind,
          via: 'dhcp',
          because: reason,
          stage: stage as Step['stage'],
          xid: xid * 10 + n,
          ...((by === 'mac' || by === 'all') && { mac, uuid: `5a5a5a5a-0000-4000-8000-00000000000${n}` }),
          ...((by === 'address' || by === 'all') && { address: `10.77.0.${n}` }),
          ...((by === 'host' || by === 'all') && { host: `host${n}` }),
          ...(by === 'host' && { address: `192.0.2.${n}` }),
        };
        const { boot } = tracker.place(step);
        expect(owner.get(boot) ?? n).toBe(n);
        owner.set(boot, n);
      }
    }),
    { numRuns: 300 },
  );
});
