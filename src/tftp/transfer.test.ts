import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Action,
  begin,
  type Event,
  isRestart,
  lastBlock,
  type Outcome,
  type Plan,
  statistics,
  step,
  type Transfer,
} from './transfer.ts';

const PLAN: Plan = { size: 5000, blksize: 512, windowsize: 1, tsize: false, offer: false };

function plan(fields: Partial<Plan>): Plan {
  return { ...PLAN, ...fields };
}

/** Steps through events at given times and keeps every action. */
function play(of: Plan, events: readonly (readonly [at: number, event: Event])[]) {
  let [transfer, actions] = begin(of, 0);
  const all: Action[][] = [[...actions]];
  for (const [at, event] of events) {
    [transfer, actions] = step(transfer, event, at);
    all.push([...actions]);
  }
  return { transfer, actions: all, last: all.at(-1)! };
}

const ack = (block: number): Event => ({ kind: 'ack', block });
const TICK: Event = { kind: 'tick' };

describe('a transfer', () => {
  it('sends block after block, each when the one before was confirmed', () => {
    const { actions } = play(plan({ size: 1024 }), [
      [1, ack(1)],
      [2, ack(2)],
      [3, ack(3)],
    ]);
    expect(actions).toEqual([
      [{ kind: 'data', first: 1, count: 1 }],
      [{ kind: 'data', first: 2, count: 1 }],
      // 1024 is a multiple of 512: an empty block ends it
      [{ kind: 'data', first: 3, count: 1 }],
      [{ kind: 'end', outcome: { kind: 'complete' } }],
    ]);
  });

  it('offers options first and begins at ACK 0', () => {
    const { actions } = play(plan({ offer: true, windowsize: 4 }), [
      [1, ack(1)],
      [2, ack(0)],
    ]);
    expect(actions).toEqual([[{ kind: 'offer' }], [], [{ kind: 'data', first: 1, count: 4 }]]);
  });

  it('goes on after the block that arrived when the middle of a window was lost', () => {
    const { actions, transfer } = play(plan({ windowsize: 4 }), [[1, ack(2)]]);
    expect(actions[1]).toEqual([{ kind: 'data', first: 3, count: 4 }]);
    expect(transfer.retransmits).toBe(2);
  });

  it('takes the size probe of UEFI for what it is', () => {
    const refused: Event = { kind: 'error', code: 8, message: 'User aborted the transfer' };
    const { last } = play(plan({ offer: true, tsize: true }), [[1, refused]]);
    expect(last).toEqual([{ kind: 'end', outcome: { kind: 'probe' } }]);
  });

  it('is aborted by any other ERROR', () => {
    const full: Event = { kind: 'error', code: 3, message: 'Disk full' };
    const outcome = { kind: 'aborted', message: 'Disk full' };
    expect(play(plan({ offer: true }), [[1, full]]).last).toEqual([{ kind: 'end', outcome }]);
    const running = play(plan({ offer: true, tsize: true }), [
      [1, ack(0)],
      [2, full],
    ]);
    expect(running.last).toEqual([{ kind: 'end', outcome }]);
    const tooLarge = play(plan({ offer: true, tsize: true }), [[1, full]]);
    expect(tooLarge.last).toEqual([{ kind: 'end', outcome }]);
    const wordless = play(PLAN, [[1, { kind: 'error', code: 0, message: '' }]]);
    expect(wordless.last).toEqual([{ kind: 'end', outcome: { kind: 'aborted', message: 'error 0' } }]);
  });

  it('tells the client when it cannot go on', () => {
    const { last, transfer } = play(PLAN, [[1, { kind: 'fail', message: 'the disk is gone' }]]);
    expect(last).toEqual([
      { kind: 'error', code: 0, message: 'the disk is gone' },
      { kind: 'end', outcome: { kind: 'failed', message: 'the disk is gone' } },
    ]);
    expect(step(transfer, TICK, 1e9)[1]).toEqual([]);
  });

  it('answers a packet that is no ACK with ERROR 4', () => {
    expect(play(PLAN, [[1, { kind: 'illegal' }]]).last).toMatchObject([
      { kind: 'error', code: 4 },
      { kind: 'end', outcome: { kind: 'aborted' } },
    ]);
  });

  it('never answers a duplicate ACK with data', () => {
    for (const windowsize of [1, 4]) {
      const first = plan({ windowsize });
      const { actions } = play(first, [
        [1, ack(windowsize)],
        [2, ack(windowsize)],
        [2, ack(windowsize)],
        [2, ack(0)],
      ]);
      expect(actions.slice(2)).toEqual([[], [], []]);
    }
  });

  it('waits only some round trips more when a duplicate ACK hints at a lost window', () => {
    const { transfer } = play(plan({ windowsize: 4 }), [
      [10, ack(4)],
      [11, ack(4)],
    ]);
    expect(step(transfer, TICK, 20)[1]).toEqual([]);
    expect(step(transfer, TICK, 45)[1]).toEqual([{ kind: 'data', first: 5, count: 4 }]);
  });

  it('backs off, then gives up and says where', () => {
    let [transfer] = begin(plan({ windowsize: 2 }), 0);
    const sentAt: number[] = [];
    let outcome: Outcome | undefined;
    for (let now = 0; now < 120_000 && outcome === undefined; now += 50) {
      const [next, actions] = step(transfer, TICK, now);
      transfer = next;
      for (const action of actions) {
        if (action.kind === 'data') sentAt.push(now);
        if (action.kind === 'end') outcome = action.outcome;
      }
    }
    expect(sentAt).toEqual([1000, 3000, 7000, 15_000, 23_000, 31_000, 39_000]);
    expect(outcome).toEqual({ kind: 'timeout', block: 1, tries: 8 });
    expect(transfer.retransmits).toBe(14);
  });

  it('keeps to the interval that was negotiated', () => {
    const { transfer } = play(plan({ timeout: 3, offer: true }), []);
    expect(step(transfer, TICK, 2999)[1]).toEqual([]);
    const [again, actions] = step(transfer, TICK, 3000);
    expect(actions).toEqual([{ kind: 'offer' }]);
    expect(step(again, TICK, 5999)[1]).toEqual([]);
    expect(step(again, TICK, 6000)[1]).toEqual([{ kind: 'offer' }]);
  });

  it('does not hold a place for half an hour when the interval is 255 s', () => {
    let [transfer] = begin(plan({ timeout: 255 }), 0);
    let sends = 1;
    for (let now = 0; transfer.phase !== 'ended'; now += 5000) {
      const [next, actions] = step(transfer, TICK, now);
      transfer = next;
      sends += actions.filter((action) => action.kind === 'data').length;
    }
    expect(sends).toBe(2);
  });

  it('tells a restarted machine from a request sent twice', () => {
    const fresh = play(plan({ offer: true }), []).transfer;
    expect(isRestart(fresh, 60_000)).toBe(false);
    const running = play(plan({ offer: true }), [[500, ack(0)]]).transfer;
    expect(isRestart(running, 600)).toBe(false);
    expect(isRestart(running, 1500)).toBe(true);
  });

  it('rolls over after block 65535', () => {
    const big = plan({ size: 8 * 2 * 65_536 + 3, blksize: 8, windowsize: 7 });
    let [transfer, actions] = begin(big, 0);
    let expected = 1;
    for (let now = 1; transfer.phase !== 'ended'; now++) {
      const data = actions.find((action) => action.kind === 'data')!;
      if (data.first !== expected) expect(data.first).toBe(expected);
      expected = data.first + data.count;
      [transfer, actions] = step(transfer, ack((expected - 1) & 0xffff), now);
    }
    expect(statistics(transfer, 131_080)).toMatchObject({ bytes: big.size, blocks: 131_073, retransmits: 0 });
  });
});

/** A receiver of RFC 1350 and 7440 that only remembers how far it came. */
class Client {
  received = 0;
  private confirmed = 0;
  private readonly of: Plan;
  private readonly last: number;
  constructor(of: Plan) {
    this.of = of;
    this.last = lastBlock(of);
  }

  get done(): boolean {
    return this.received === this.last;
  }

  /** A block arrives; the ACK it gives rise to. */
  data(block: number): number | undefined {
    // Again what was confirmed: the ACK may have been lost. Other old blocks are left alone.
    if (block <= this.received) return block === this.confirmed ? block : undefined;
    if (block === this.received + 1) {
      this.received++;
      if (this.received - this.confirmed < this.of.windowsize && !this.done) return undefined;
    }
    this.confirmed = this.received;
    return this.received;
  }
}

type Network = { readonly loss: number; readonly duplication: number; readonly delay: number };

/** The same numbers for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One transfer over a bad network in simulated time. */
function simulate(of: Plan, { loss, duplication, delay }: Network, seed: number) {
  const roll = random(seed);
  const client = new Client(of);
  let queue: { at: number; to: 'client' | 'server'; block: number }[] = [];
  let dataPackets = 0;
  let outcome: Outcome | undefined;
  let now = 0;
  const post = (to: 'client' | 'server', block: number) => {
    if (roll() < loss) return;
    const copies = roll() < duplication ? 2 : 1;
    for (let i = 0; i < copies; i++) queue.push({ at: now + delay, to, block });
  };
  const perform = (actions: readonly Action[]) => {
    for (const action of actions) {
      if (action.kind === 'end') outcome = action.outcome;
      if (action.kind === 'offer') post('client', 0);
      if (action.kind !== 'data') continue;
      dataPackets += action.count;
      for (let block = action.first; block < action.first + action.count; block++) post('client', block);
    }
  };
  let [transfer, actions] = begin(of, now);
  perform(actions);
  let clientDeadline = 700;
  while (outcome === undefined && now < 600_000) {
    const soonest = Math.min(transfer.deadline, clientDeadline, ...queue.map(({ at }) => at));
    now = Math.max(now, soonest);
    const due = queue.filter(({ at }) => at <= now);
    queue = queue.filter(({ at }) => at > now);
    for (const { to, block } of due) {
      if (to === 'server') {
        [transfer, actions] = step(transfer, { kind: 'ack', block: block & 0xffff }, now);
        perform(actions);
        continue;
      }
      clientDeadline = now + 700;
      const answer = block === 0 ? 0 : client.data(block);
      if (answer !== undefined) post('server', answer);
    }
    if (now >= clientDeadline) {
      clientDeadline = now + 700;
      if (client.received > 0) post('server', client.received);
    }
    [transfer, actions] = step(transfer, TICK, now);
    perform(actions);
  }
  return { client, transfer, outcome, dataPackets, now };
}

describe('a sweep of transfers', () => {
  const sizes = (blksize: number) => [
    0,
    1,
    blksize - 1,
    blksize,
    blksize + 1,
    10 * blksize,
    37 * blksize + 5,
  ];
  const cases = [8, 512, 1432, 65464].flatMap((blksize) =>
    [1, 2, 4, 16, 64].flatMap((windowsize) =>
      sizes(blksize).map((size) => plan({ size, blksize, windowsize, offer: windowsize > 1 })),
    ),
  );

  it('arrives whole and costs no packet too many on a good network', () => {
    for (const of of cases) {
      const { outcome, dataPackets, transfer } = simulate(of, { loss: 0, duplication: 0, delay: 1 }, 1);
      expect(outcome, JSON.stringify(of)).toEqual({ kind: 'complete' });
      expect(dataPackets).toBe(lastBlock(of));
      expect(statistics(transfer, 0)).toMatchObject({ bytes: of.size, retransmits: 0 });
    }
  });

  it('arrives whole on a network that loses and duplicates', () => {
    for (const [i, of] of cases.entries()) {
      for (const loss of [0.02, 0.15]) {
        const network = { loss, duplication: 0.05, delay: 1 + (i % 30) };
        const { client, outcome, transfer } = simulate(of, network, 1000 + i);
        // The last ACK may be lost as often as the client cares to send it: then only the server misses it.
        expect(client.done, JSON.stringify({ of, network, outcome })).toBe(true);
        if (outcome?.kind === 'complete') expect(statistics(transfer, 0).bytes).toBe(of.size);
      }
    }
  });

  it('rolls over after block 65535 on a network that loses and duplicates', () => {
    for (const windowsize of [1, 7, 64]) {
      const of = plan({ size: 8 * 66_000 + 3, blksize: 8, windowsize });
      const { client, outcome, transfer } = simulate(
        of,
        { loss: 0.003, duplication: 0.01, delay: 1 },
        windowsize,
      );
      expect(client.done, `window ${windowsize}: ${JSON.stringify(outcome)}`).toBe(true);
      expect(transfer.retransmits).toBeGreaterThan(0);
    }
  });

  it('sends nothing twice when every packet of the network is doubled', () => {
    for (const windowsize of [1, 4, 16]) {
      for (const delay of [0.2, 5, 50]) {
        const of = plan({ size: 400 * 512, windowsize });
        const { outcome, dataPackets } = simulate(of, { loss: 0, duplication: 1, delay }, 7);
        expect(outcome).toEqual({ kind: 'complete' });
        expect(dataPackets, `window ${windowsize}, delay ${delay}`).toBeLessThan(1.02 * 401);
      }
    }
  });
});

describe('any events', () => {
  const event: fc.Arbitrary<Event> = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 0, max: 60 }).map(ack) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 65_535 }).map(ack) },
    { weight: 5, arbitrary: fc.constant(TICK) },
    fc.constantFrom<Event>(
      { kind: 'error', code: 8, message: 'x' },
      { kind: 'illegal' },
      { kind: 'restart' },
      { kind: 'fail', message: 'y' },
    ),
  );
  const plans = fc.record({
    size: fc.integer({ min: 0, max: 30_000 }),
    blksize: fc.constantFrom(8, 512, 1468),
    windowsize: fc.integer({ min: 1, max: 64 }),
    tsize: fc.boolean(),
    offer: fc.boolean(),
  });

  it('keep the window within the file, end once, and stay ended', () => {
    const timed = fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), event), { maxLength: 80 });
    fc.assert(
      fc.property(plans, timed, (of, events) => {
        let now = 0;
        let [transfer, actions] = begin(of, now);
        let ends = 0;
        for (const [wait, one] of events) {
          const before: Transfer = transfer;
          now += wait;
          [transfer, actions] = step(transfer, one, now);
          expect(transfer.acked).toBeGreaterThanOrEqual(before.acked);
          expect(transfer.sent).toBeLessThanOrEqual(lastBlock(of));
          expect(transfer.sent - transfer.acked).toBeLessThanOrEqual(of.windowsize);
          expect(transfer.phase === 'ended' || transfer.deadline > now || one.kind !== 'tick').toBe(true);
          for (const action of actions) {
            if (action.kind === 'end') ends++;
            if (action.kind !== 'data') continue;
            expect(action.first).toBe(transfer.acked + 1);
            expect(action.count).toBeGreaterThanOrEqual(1);
            expect(action.first + action.count - 1).toBe(transfer.sent);
          }
          if (before.phase === 'ended') expect([transfer, actions]).toEqual([before, []]);
        }
        expect(ends).toBe(transfer.phase === 'ended' ? 1 : 0);
        expect(statistics(transfer, now).bytes).toBeLessThanOrEqual(of.size);
      }),
    );
  });
});
