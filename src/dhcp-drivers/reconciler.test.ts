import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Outline } from '../dhcp-config/outline.ts';
import { ChainbootError } from '../errors.ts';
import { planOf, type Wanted } from './plan.ts';
import { Reconciler } from './reconciler.ts';
import type { DhcpDriver, Reservation } from './types.ts';

const A = { name: 'a.lab', mac: '52:54:00:00:00:01', ip: '10.0.0.1' };
const B = { name: 'b.lab', mac: '52:54:00:00:00:02', ip: '10.0.0.2' };

/** A server in memory, which keeps the contract of drivers. */
class Server implements DhcpDriver {
  readonly name = 'mem';
  ours: Reservation[] = [];
  foreign: Reservation[] = [];
  fault: Error | undefined;
  /** Breaks off after so many changes. */
  breaksAfter = Number.POSITIVE_INFINITY;
  /** Each round waits for it. */
  gate: Promise<void> = Promise.resolve();
  rounds = 0;
  isClosed = false;

  async needs() {
    return [];
  }
  async present() {
    this.rounds++;
    await this.gate;
    if (this.fault !== undefined) throw this.fault;
    return { ours: this.ours, foreign: this.foreign, parts: {} };
  }
  plan(wanted: Outline, present: Awaited<ReturnType<Server['present']>>) {
    return planOf({ reservations: wanted.hosts, parts: {} }, present);
  }
  async apply(...[{ changes }, , applied]: Parameters<DhcpDriver['apply']>) {
    let left = this.breaksAfter;
    for (const change of changes) {
      if (left-- <= 0) throw unreachable();
      this.ours = this.ours.filter(({ name }) => name !== change.name);
      if (change.op !== 'remove') this.ours.push(change.reservation!);
      applied(change);
    }
  }
  async leases() {
    return [];
  }
  async existing() {
    return { site: {}, places: {}, notes: [] };
  }
  async close() {
    this.isClosed = true;
  }
}

function unreachable(): ChainbootError {
  return new ChainbootError('DHCP_SERVER_UNREACHABLE', { server: 'mem', reason: 'ECONNREFUSED' });
}

let server: Server;
let hosts: readonly (typeof A)[];
let record: Wanted;
let said: string[];
let counted: string[];
let reconciler: Reconciler;

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  hosts = [A];
  record = { reservations: [], parts: {} };
  said = [];
  counted = [];
  reconciler = new Reconciler({
    driver: server,
    made: {
      read: async () => record,
      write: async (made) => {
        record = made;
      },
    },
    wanted: () => ({ server: '10.0.0.9', script: 'http://10.0.0.9/', rules: [], hosts, subnets: [] }),
    log: (level, message) => said.push(`${level}: ${message}`),
    now: Date.now,
    onChange: (op, drift) => counted.push(drift ? `${op} drift` : op),
  });
});

afterEach(async () => {
  await reconciler.close();
  vi.useRealTimers();
});

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a DHCP server is kept in step', () => {
  it('at the start, when the inventory has changed, and by the minute', async () => {
    reconciler.start();
    await wait(0);
    expect(server.ours).toEqual([A]);
    expect(reconciler.state).toMatchObject({ name: 'mem', ok: true, conflicts: [] });
    hosts = [A, B];
    // A swarm of changes is one round.
    for (let i = 0; i < 50; i++) reconciler.touch();
    const before = server.rounds;
    await wait(500);
    expect(server.ours).toEqual([A, B]);
    expect(server.rounds).toBe(before + 1);
    hosts = [B];
    await wait(60_000);
    expect(server.ours).toEqual([B]);
    expect(counted).toEqual(['add', 'add', 'remove']);
  });

  it('with what changes while a round is on its way, soon after it', async () => {
    let open: () => void = () => {};
    server.gate = new Promise((resolve) => {
      open = resolve;
    });
    reconciler.start();
    await wait(0);
    hosts = [A, B];
    reconciler.touch();
    await wait(100);
    open();
    await wait(500);
    expect(server.ours).toEqual([A, B]);
  });

  it('and what somebody else changed is put right, and told', async () => {
    reconciler.start();
    await wait(0);
    server.ours = [{ ...A, ip: '10.0.0.77' }];
    await wait(60_000);
    expect(server.ours).toEqual([A]);
    expect(reconciler.state.mended).toBe(1);
    expect(said).toContain('warn: what somebody else changed at a DHCP server is mended');
    expect(counted).toEqual(['add', 'change drift']);
  });

  it('but nothing that is in the way is touched; it is told once', async () => {
    server.foreign = [{ name: 'printer', mac: '52:54:00:00:00:99', ip: A.ip }];
    reconciler.start();
    await wait(120_000);
    expect(server.ours).toEqual([]);
    expect(reconciler.state.conflicts).toMatchObject([{ host: 'a.lab', foreign: { name: 'printer' } }]);
    expect(said.filter((line) => line.startsWith('warn: a reservation is not made'))).toHaveLength(1);
  });
});

describe('a server that is away', () => {
  it('is asked again, ever less often, told once, and in step when it is back', async () => {
    server.fault = unreachable();
    reconciler.start();
    await wait(0);
    expect(reconciler.state).toMatchObject({ ok: false, error: { code: 'DHCP_SERVER_UNREACHABLE' } });
    await wait(2000);
    await wait(4000);
    expect(server.rounds).toBe(3);
    // Changes do not make it be asked more often.
    for (let i = 0; i < 50; i++) reconciler.touch();
    await wait(1000);
    expect(server.rounds).toBe(3);
    await wait(600_000);
    expect(server.rounds).toBeLessThan(20);
    expect(said.filter((line) => line.startsWith('error'))).toHaveLength(1);
    server.fault = undefined;
    await wait(60_000);
    expect(server.ours).toEqual([A]);
    expect(reconciler.state).toMatchObject({ ok: true });
    expect(reconciler.state).not.toHaveProperty('error');
    expect(said).toContain('info: the DHCP server is in step again');
  });

  it('in the middle of the work has what was written down', async () => {
    hosts = [A, B];
    server.breaksAfter = 1;
    await expect(reconciler.sync()).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
    expect(record.reservations).toEqual(expect.arrayContaining([A, B]));
    server.breaksAfter = Number.POSITIVE_INFINITY;
    await reconciler.sync();
    expect(server.ours).toEqual([A, B]);
    expect(record.reservations.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([A, B]);
  });
});

it('keeps what another process has written down meanwhile', async () => {
  const apply = server.apply.bind(server);
  server.apply = async (...args) => {
    record = { ...record, reservations: [...record.reservations, B] };
    await apply(...args);
  };
  await reconciler.sync();
  expect(record.reservations).toEqual(expect.arrayContaining([A, B]));
});

it('has an end, after the round that is on its way', async () => {
  reconciler.start();
  await wait(0);
  await reconciler.close();
  expect(server.isClosed).toBe(true);
  const { rounds } = server;
  reconciler.touch();
  await wait(120_000);
  expect(server.rounds).toBe(rounds);
});
