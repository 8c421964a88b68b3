import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoopCounter, type LoopEvent, type LoopLimits } from './loops.ts';

const MINUTE = 60_000;
const LIMITS: LoopLimits = { chains: 5, chainMs: 20 * MINUTE, installs: 3, installMs: 360 * MINUTE };
const MAC = '52:54:00:77:00:10';

const loader = (changes: Partial<Extract<LoopEvent, { kind: 'loader' }>> = {}): LoopEvent => ({
  kind: 'loader',
  file: 'undionly-ipxe.0',
  by: 'dhcp',
  ...changes,
});
const script: LoopEvent = { kind: 'script', build: 1 };
const config: LoopEvent = { kind: 'config', build: 1 };
const started: LoopEvent = { kind: 'started' };

class Machine {
  readonly counter = new LoopCounter();
  now = 0;

  /** The names of the loops that closed. */
  round(events: readonly LoopEvent[], times = 1, apart = 20_000): (string | undefined)[] {
    const closed: (string | undefined)[] = [];
    for (let i = 0; i < times; i++) {
      this.now += apart;
      closed.push(...events.map((event) => this.counter.happened(MAC, event, this.now, LIMITS)?.loop));
    }
    return closed.filter((loop) => loop !== undefined);
  }
}

describe('a loader that goes round', () => {
  it('is a loop at the fifth time, with what was counted', () => {
    const { counter } = new Machine();
    for (let i = 1; i < 5; i++)
      expect(counter.happened(MAC, loader({ xid: i }), i * 20_000, LIMITS)).toBeUndefined();
    expect(counter.happened(MAC, loader({ xid: 5 }), 100_000, LIMITS)).toEqual({
      loop: 'loader',
      count: 5,
      since: 20_000,
      file: 'undionly-ipxe.0',
    });
  });

  it('is one as well when only its fetching is seen', () => {
    expect(new Machine().round([loader({ by: 'tftp' })], 5)).toEqual(['loader']);
  });

  it('goes round with others: PXELINUX, its configuration, iPXE, and again', () => {
    const chain = [
      loader({ file: 'pxelinux.0' }),
      loader({ file: 'pxelinux.0', by: 'tftp' }),
      config,
      loader({ by: 'tftp' }),
    ];
    expect(new Machine().round(chain, 5)).toEqual(['loader']);
  });

  it('is a disguise when an iPXE asks as a ROM', () => {
    expect(new Machine().round([loader({ disguised: true })], 5)).toEqual(['disguise']);
  });

  it('is none when a script, a disk or a kernel is reached in between, or when it is slow', () => {
    for (const progress of [script, { kind: 'local' }, { kind: 'menu' }, started] as const)
      expect(new Machine().round([loader(), progress], 4)).toEqual([]);
    expect(new Machine().round([loader()], 30, 6 * MINUTE)).toEqual([]);
  });

  it('counts a retransmission once, but a ROM that never changes its xid each time', () => {
    const machine = new Machine();
    expect(machine.round([loader({ xid: 7 })], 20, 100)).toEqual([]);
    expect(machine.round([loader({ xid: 7 })], 4)).toEqual(['loader']);
  });

  it('keeps counting in a storm of other machines', () => {
    const machine = new Machine();
    machine.round([loader()], 4);
    for (let i = 0; i < 9_999; i++) machine.counter.happened(`mac ${i}`, loader(), machine.now, LIMITS);
    expect(machine.round([loader()])).toEqual(['loader']);
  });
});

describe('an installation that is started again and again', () => {
  const attempt = [loader(), script, started, started];

  it('is a loop when the fourth script is asked for, hours later too', () => {
    const machine = new Machine();
    expect(machine.round(attempt, 3, 40 * MINUTE)).toEqual([]);
    expect(machine.round([loader(), script], 1, 40 * MINUTE)).toEqual(['install']);
  });

  it('is found behind PXELINUX without iPXE as well', () => {
    const machine = new Machine();
    expect(machine.round([loader({ file: 'pxelinux.0' }), config, started], 3, 10 * MINUTE)).toEqual([]);
    expect(machine.round([config])).toEqual(['install']);
  });

  it('is none when each reports built and a human asks for the next', () => {
    const machine = new Machine();
    for (let build = 1; build <= 12; build++)
      expect(machine.round([loader(), { kind: 'script', build }, started, { kind: 'done' }])).toEqual([]);
  });

  it('is none when a human asks anew for one that never ends', () => {
    const machine = new Machine();
    for (let build = 1; build <= 12; build++)
      expect(machine.round([loader(), { kind: 'script', build }, started])).toEqual([]);
  });

  it('counts one start for all files and answers of an installer', () => {
    expect(new Machine().round([script, ...Array(50).fill(started)], 3)).toEqual([]);
  });
});

describe('a script that goes round', () => {
  it('is a loop when it is asked for the sixth time without a kernel', () => {
    const machine = new Machine();
    expect(machine.round([script], 5, 10)).toEqual([]);
    expect(machine.round([script], 1, 10)).toEqual(['script']);
  });

  it('is none when the kernel comes', () => {
    expect(new Machine().round([script, started], 3)).toEqual([]);
  });
});

describe('a machine that comes back from its disk', () => {
  it('is told from the sixth time on, and never held', () => {
    const machine = new Machine();
    expect(machine.round([loader(), { kind: 'local' }], 5, MINUTE)).toEqual([]);
    expect(machine.counter.cameBack(MAC, machine.now, LIMITS)).toEqual({
      loop: 'local',
      count: 5,
      since: MINUTE,
    });
    expect(machine.round([loader(), { kind: 'local' }], 50, MINUTE)).toEqual([]);
  });

  it('is not told once the time is over, or after it was put into build mode', () => {
    const machine = new Machine();
    machine.round([{ kind: 'local' }], 5, MINUTE);
    expect(machine.counter.cameBack(MAC, machine.now + 20 * MINUTE, LIMITS)).toBeUndefined();
    machine.round([{ kind: 'local' }], 5, MINUTE);
    machine.round([script]);
    expect(machine.counter.cameBack(MAC, machine.now, LIMITS)).toBeUndefined();
  });
});

it('closes no loop without as many rounds as the limits say, whatever happens', () => {
  const events = fc.oneof(
    fc.constantFrom<LoopEvent>(
      script,
      config,
      started,
      { kind: 'local' },
      { kind: 'menu' },
      { kind: 'done' },
    ),
    fc.record({
      kind: fc.constant('loader' as const),
      file: fc.constantFrom('a.0', 'b.efi', 'c', 'd', 'e', 'f', 'g'),
      by: fc.constantFrom('dhcp' as const, 'tftp' as const, 'http' as const),
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(events, fc.nat(30 * MINUTE)), { maxLength: 60 }), (happenings) => {
      const counter = new LoopCounter();
      let now = 0;
      for (const [event, pause] of happenings) {
        now += pause;
        const loop = counter.happened(MAC, event, now, LIMITS);
        if (loop === undefined) continue;
        expect(loop.count).toBe(loop.loop === 'install' ? 3 : 5);
        expect(now - loop.since).toBeLessThan(loop.loop === 'install' ? LIMITS.installMs : LIMITS.chainMs);
      }
    }),
  );
});
