import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { host, NOW } from '../../test/fixtures.ts';
import type { Host } from '../inventory/types.ts';
import { memoryInventory } from '../store/memory/inventory.ts';
import type { InventoryStore } from '../store/types.ts';
import { hostBuilt } from './hosts.ts';
import { Inventory } from './inventory.ts';
import { TokenExpiry } from './token-expiry.ts';

const machine = (id: number, expires_at: number | undefined): Host => ({
  ...host({ id, name: `h${id}.lab`, interfaces: [] }),
  token: { value: `t${id}`, ...(expires_at !== undefined && { expires_at }) },
});

async function watched(hosts: readonly Host[], store: InventoryStore = memoryInventory()) {
  await store.transact(0, () => hosts.map((record) => ({ op: 'put', collection: 'hosts', record }) as const));
  const inventory = await Inventory.open(store, {});
  const logged: unknown[] = [];
  const log = (level: string, _message: string, values?: { readonly host?: unknown }) => {
    logged.push(values?.host ?? level);
  };
  const expiry = new TokenExpiry({ inventory, now: Date.now, log: log as never });
  const stored = () => inventory.site.list('hosts').toSorted((a, b) => a.id - b.id);
  const ends = () => stored().map(({ build_end }) => build_end?.how);
  return { inventory, expiry, logged, stored, ends };
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('tokens that run out', () => {
  it('are recorded and told once, each at its time; those without end and those of hosts built never', async () => {
    const { inventory, expiry, logged, stored, ends } = await watched([
      machine(1, NOW + 60_000),
      machine(2, NOW + 120_000),
      machine(3, undefined),
      machine(4, NOW + 90_000),
    ]);
    await hostBuilt(inventory, 'h4.lab', { now: NOW });
    await vi.advanceTimersByTimeAsync(59_000);
    expect(ends()).toEqual([undefined, undefined, undefined, 'built']);
    await vi.advanceTimersByTimeAsync(2000);
    expect(ends()).toEqual(['expired', undefined, undefined, 'built']);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(ends()).toEqual(['expired', 'expired', undefined, 'built']);
    expect(stored().map(({ build }) => build)).toEqual([true, true, true, false]);
    expect(logged).toEqual(['h1.lab', 'h2.lab']);
    expect(vi.getTimerCount()).toBe(0);
    await expiry.close();
  });

  it('while nobody looked are recorded at the start, and one timer waits for the rest', async () => {
    const many = Array.from({ length: 2500 }, (_, i) => machine(i + 1, NOW - 2500 + i));
    const { expiry, ends } = await watched([...many, machine(9000, NOW + 3_600_000)]);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ends().filter((how) => how === 'expired')).toHaveLength(2500);
    expect(vi.getTimerCount()).toBe(1);
    await expiry.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of a build that begins later are known, also when another process began it', async () => {
    const store = memoryInventory();
    const { inventory, expiry, ends } = await watched([], store);
    await store.transact(0, () => [{ op: 'put', collection: 'hosts', record: machine(1, NOW + 5000) }]);
    expect(vi.getTimerCount()).toBe(0);
    await inventory.refresh();
    await vi.advanceTimersByTimeAsync(6000);
    expect(ends()).toEqual(['expired']);
    await expiry.close();
  });

  it('are recorded later when the database cannot be written', async () => {
    const store = memoryInventory();
    let broken = false;
    const { expiry, logged, ends } = await watched([machine(1, NOW + 5000)], {
      ...store,
      transact: (revision, plan) =>
        broken ? Promise.reject(new Error('disk full')) : store.transact(revision, plan),
    });
    broken = true;
    await vi.advanceTimersByTimeAsync(6000);
    expect(logged).toEqual(['error']);
    broken = false;
    await vi.advanceTimersByTimeAsync(70_000);
    expect(ends()).toEqual(['expired']);
    await expiry.close();
  });
});
