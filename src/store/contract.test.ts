/** Every engine keeps the same promises. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { because } from '../boot/reason.ts';
import { memoryBoots } from './memory/boots.ts';
import { memoryInventory } from './memory/inventory.ts';
import { memoryRenderings } from './memory/renderings.ts';
import { openServingSqlite, openSqlite, type SqliteStore } from './sqlite/open.ts';
import {
  type AuditQuery,
  type BootStore,
  type Change,
  type InventoryStore,
  type PlacedStep,
  RENDERINGS_PER_HOST,
  type Rendering,
  type RenderingStore,
  type StoredStep,
} from './types.ts';

type Engine = {
  readonly inventory: InventoryStore;
  readonly boots: BootStore;
  readonly renderings: RenderingStore;
};

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

function sqliteFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'chainboot-store-'));
  cleanup.push(() => rmSync(directory, { recursive: true }));
  return join(directory, 'sub', 'chainboot.db');
}

function sqlite(file = sqliteFile()): Engine {
  return closing(openSqlite(file));
}

function closing(store: SqliteStore): Engine {
  cleanup.push(() => store.close());
  return store;
}

const engines: readonly (readonly [string, () => Engine])[] = [
  ['sqlite', () => sqlite()],
  ['sqlite with a thread', () => closing(openServingSqlite(sqliteFile(), () => undefined))],
  [
    'memory',
    () => {
      const inventory = memoryInventory();
      return { inventory, boots: memoryBoots(), renderings: memoryRenderings(inventory) };
    },
  ],
];

const domain = (name: string, id?: number): Change => ({
  op: 'put',
  collection: 'domains',
  record: { name, parameters: {}, ...(id !== undefined && { id }) },
});

const step = (boot: string, seq: number, at: number, fields: Partial<StoredStep> = {}): PlacedStep => {
  const { boot: _boot, seq: _seq, ...rest } = stored(boot, seq, at, fields);
  return { boot, seq, step: rest };
};

const stored = (boot: string, seq: number, at: number, fields: Partial<StoredStep> = {}): StoredStep => ({
  boot,
  seq,
  at,
  kind: 'dhcp.offer',
  via: 'dhcp',
  because: because('rom-asks'),
  ...fields,
});

describe.each(engines)('%s inventory', (_name, open) => {
  it('gives ids that rise and never come back', async () => {
    const { inventory } = open();
    const first = await inventory.transact(0, () => [domain('a'), domain('b')]);
    expect(first.made.map((made) => (made.op === 'put' ? made.record.id : 0))).toEqual([1, 2]);
    const { revision } = await inventory.transact(first.revision, () => [
      { op: 'delete', collection: 'domains', id: 2 },
    ]);
    const again = await inventory.transact(revision, () => [domain('c')]);
    expect(again.made).toEqual([
      { op: 'put', collection: 'domains', record: { id: 3, name: 'c', parameters: {} } },
    ]);
  });

  it('tells its audits piece by piece, the newest first, those of some collections left out', async () => {
    const { inventory } = open();
    const entry = (collection: 'domains' | 'users', record: number) =>
      ({ at: record, action: 'create', via: 'api', collection, record, name: 'x', changes: {} }) as const;
    const entries = [entry('domains', 1), entry('users', 2), entry('domains', 3), entry('domains', 4)];
    await inventory.transact(
      0,
      () => [],
      () => entries,
    );
    const of = async (query: Omit<AuditQuery, 'limit'>, limit = 2) => {
      const { total, audits } = await inventory.audits({ ...query, limit });
      return [total, audits.map(({ id }) => id)];
    };
    expect(await of({})).toEqual([4, [4, 3]]);
    expect(await of({ offset: 1 })).toEqual([4, [3, 2]]);
    expect(await of({ before: 3 })).toEqual([0, [2, 1]]);
    expect(await of({ except: ['users', 'usergroups'] }, 9)).toEqual([3, [4, 3, 1]]);
    expect(await of({ except: [], collection: 'users' })).toEqual([1, [2]]);
    expect(await of({}, 0)).toEqual([4, []]);
  });

  it('tells what is new since a revision, deletions too', async () => {
    const { inventory } = open();
    const { revision } = await inventory.transact(0, () => [domain('a'), domain('b')]);
    expect(await inventory.since(revision)).toEqual({ revision, changes: [] });
    await inventory.transact(revision, () => [
      domain('renamed', 1),
      { op: 'delete', collection: 'domains', id: 2 },
    ]);
    const news = await inventory.since(revision);
    expect(news.changes).toEqual([
      { op: 'put', collection: 'domains', record: { id: 1, name: 'renamed', parameters: {} } },
      { op: 'delete', collection: 'domains', id: 2 },
    ]);
    expect(news.revision).toBeGreaterThan(revision);
  });

  it('changes nothing when the plan throws', async () => {
    const { inventory } = open();
    await expect(
      inventory.transact(0, () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect((await inventory.since(0)).changes).toEqual([]);
  });
});

describe.each(engines)('%s boots', (_name, open) => {
  it('keeps steps in order and sums boots up, newest first', async () => {
    const { boots } = open();
    await boots.append([
      step('b1', 0, 1000, { mac: 'aa' }),
      step('b1', 1, 2500),
      step('b2', 0, 3000, { mac: 'bb', host: 'web' }),
    ]);
    await boots.append([step('b1', 2, 4000, { host: 'db' })]);
    expect(await boots.boots({ limit: 10 })).toEqual([
      { id: 'b2', started: 3000, updated: 3000, steps: 1, mac: 'bb', host: 'web' },
      { id: 'b1', started: 1000, updated: 4000, steps: 3, mac: 'aa', host: 'db' },
    ]);
    expect((await boots.boots({ limit: 10, mac: 'aa' })).map((row) => row.id)).toEqual(['b1']);
    expect((await boots.boots({ limit: 10, host: 'web' })).map((row) => row.id)).toEqual(['b2']);
    expect(await boots.steps('b1', 0)).toEqual([
      stored('b1', 1, 2500),
      stored('b1', 2, 4000, { host: 'db' }),
    ]);
  });

  it('lets a follower read every step once', async () => {
    const { boots } = open();
    await boots.append([step('old', 0, 1)]);
    const start = await boots.tail(-1, 10);
    await boots.append([step('a', 0, 2), step('a', 1, 3), step('b', 0, 4)]);
    const first = await boots.tail(start.cursor, 2);
    const second = await boots.tail(first.cursor, 2);
    expect([...first.steps, ...second.steps].map((entry) => `${entry.boot}${entry.seq}`)).toEqual([
      'a0',
      'a1',
      'b0',
    ]);
    expect((await boots.tail(second.cursor, 2)).steps).toEqual([]);
  });

  it('tells the cursor behind each step, from which another follower goes on', async () => {
    const { boots } = open();
    const { cursor } = await boots.tail(-1, 0);
    await boots.append([step('a', 0, 2), step('a', 1, 3)]);
    await boots.append([step('b', 0, 4)]);
    const seen: { boot: string; seq: number; cursor: number }[] = [];
    for (let at = cursor; ; ) {
      const news = await boots.tail(at, 10);
      if (news.steps.length === 0) break;
      seen.push(...news.steps);
      at = news.cursor;
    }
    expect(seen.map(({ boot, seq }) => `${boot}${seq}`)).toEqual(['a0', 'a1', 'b0']);
    for (const [i, { cursor: behind }] of seen.entries()) {
      const [next] = (await boots.tail(behind, 10)).steps;
      expect(next === undefined ? undefined : `${next.boot}${next.seq}`).toBe(['a1', 'b0', undefined][i]);
    }
  });

  it('lists page by page, by time, and rehearsals only when they are wanted', async () => {
    const { boots } = open();
    await boots.append([
      step('1', 0, 1000, { mac: 'aa' }),
      step('2', 0, 2000, { mac: 'aa', rehearsal: 'r' }),
      step('3', 0, 3000, { mac: 'bb' }),
      step('4', 0, 4000, { mac: 'aa' }),
    ]);
    const ids = async (query: Parameters<typeof boots.boots>[0]) =>
      (await boots.boots(query)).map(({ id }) => id);
    expect(await ids({ limit: 2 })).toEqual(['4', '3']);
    expect(await ids({ limit: 2, offset: 2 })).toEqual(['1']);
    expect(await ids({ limit: 9, rehearsals: true, mac: 'aa' })).toEqual(['4', '2', '1']);
    expect((await boots.boots({ limit: 9, rehearsals: true }))[2]).toMatchObject({
      id: '2',
      rehearsal: true,
    });
    expect(await ids({ limit: 9, since: 3000 })).toEqual(['4', '3']);
    expect([await boots.count({}), await boots.count({ mac: 'aa', rehearsals: true })]).toEqual([3, 3]);
  });

  it('prunes boots that were last heard of long ago', async () => {
    const { boots } = open();
    await boots.append([step('a', 0, 1000), step('b', 0, 2000), step('a', 1, 9000), step('c', 0, 8000)]);
    expect(await boots.prune(10, 8000, 100)).toBe(1);
    expect((await boots.boots({ limit: 10 })).map(({ id }) => id)).toEqual(['c', 'a']);
    expect((await boots.steps('a')).map(({ seq }) => seq)).toEqual([0, 1]);
  });

  it('prunes the oldest boots with their steps', async () => {
    const { boots } = open();
    await boots.append([step('a', 0, 1), step('a2', 0, 1.5), step('b', 0, 2), step('c', 0, 3)]);
    expect(await boots.prune(2, 0, 1)).toBe(1);
    expect((await boots.boots({ limit: 10 })).map((row) => row.id)).toEqual(['c', 'b', 'a2']);
    expect(await boots.prune(2, 0, 100)).toBe(1);
    expect(await boots.prune(2, 0, 100)).toBe(0);
    expect((await boots.boots({ limit: 10 })).map((row) => row.id)).toEqual(['c', 'b']);
    expect(await boots.steps('a')).toEqual([]);
  });
});

describe.each(engines)('%s renderings', (_name, open) => {
  const host = (name: string): Change => ({
    op: 'put',
    collection: 'hosts',
    record: { name, build: false, enabled: true, parameters: {}, interfaces: [] },
  });
  const rendering = (at: number, fields: Partial<Rendering> = {}): Rendering => ({
    host: 1,
    kind: 'provision',
    template: 'Kickstart default',
    text: `text of ${at}`,
    at,
    ...fields,
  });

  async function opened(): Promise<Engine> {
    const engine = open();
    await engine.inventory.transact(0, () => [host('a'), host('b')]);
    return engine;
  }

  it('keeps the newest of a host and template', async () => {
    const { renderings } = await opened();
    await renderings.put([rendering(5, { boot: 'b1' }), rendering(9, { host: 2 })]);
    await renderings.put([rendering(7), rendering(6)]);
    expect(await renderings.of(1, 'provision')).toEqual([rendering(7)]);
    expect(await renderings.of(2, 'provision')).toEqual([rendering(9, { host: 2 })]);
    expect(await renderings.of(1, 'iPXE')).toEqual([]);
  });

  it('keeps several templates of a kind, the newest first, and not the text of a long one', async () => {
    const { renderings } = await opened();
    const { text: _text, ...long } = rendering(8, { template: 'long' });
    await renderings.put([rendering(5), long, rendering(6, { kind: 'iPXE', template: 'x' })]);
    expect(await renderings.of(1, 'provision')).toEqual([long, rendering(5)]);
  });

  it('keeps so many of a host and no more', async () => {
    const { renderings } = await opened();
    const many = Array.from({ length: RENDERINGS_PER_HOST + 3 }, (_, i) =>
      rendering(i, { template: `t${i}` }),
    );
    await renderings.put([...many, rendering(1, { host: 2 })]);
    const kept = await renderings.of(1, 'provision');
    expect(kept.map(({ at }) => at)).toEqual(
      many
        .map(({ at }) => at)
        .reverse()
        .slice(0, RENDERINGS_PER_HOST),
    );
    expect(await renderings.of(2, 'provision')).toHaveLength(1);
  });

  it('forgets those of a host that is deleted, and takes none for it any more', async () => {
    const { inventory, renderings } = await opened();
    await renderings.put([rendering(1), rendering(1, { host: 2 })]);
    await inventory.transact(1, () => [{ op: 'delete', collection: 'hosts', id: 1 }]);
    expect(await renderings.of(1, 'provision')).toEqual([]);
    await renderings.put([rendering(2), rendering(2, { host: 3 })]);
    expect(await renderings.of(1, 'provision')).toEqual([]);
    expect(await renderings.of(3, 'provision')).toEqual([]);
    expect(await renderings.of(2, 'provision')).toHaveLength(1);
  });
});

describe('sqlite across processes', () => {
  it('plans see what another connection stored, and survive a reopen', async () => {
    const file = sqliteFile();
    const one = sqlite(file);
    const two = sqlite(file);
    await one.inventory.transact(0, () => [domain('a')]);
    const seen: unknown[] = [];
    await two.inventory.transact(0, (news) => {
      seen.push(...news);
      return [domain('b')];
    });
    expect(seen).toHaveLength(1);
    expect((await sqlite(file).inventory.since(0)).changes).toHaveLength(2);
  });

  it('says which file cannot be opened', () => {
    expect(() => openSqlite('/etc/hostname/chainboot.db')).toThrow(
      expect.objectContaining({ code: 'STORE_UNAVAILABLE' }),
    );
  });
});
