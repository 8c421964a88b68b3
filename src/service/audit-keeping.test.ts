import { expect, it, vi } from 'vitest';
import { memoryInventory } from '../store/memory/inventory.ts';
import { AuditKeeping } from './audit-keeping.ts';
import { Inventory } from './inventory.ts';

const DAY = 86_400_000;

it('deletes what is older than it is to be kept, however much that is', async () => {
  const store = memoryInventory();
  let now = 0;
  const inventory = await Inventory.open(store, {}, () => now);
  const model = (name: string) => ({ op: 'put' as const, collection: 'models' as const, record: { name } });
  const many = Array.from({ length: 250 }, (_, i) => model(`old-${i}`));
  await inventory.change(() => ({ changes: many, result: undefined }));
  now = 20 * DAY;
  await inventory.change(() => ({ changes: [model('new')], result: undefined }));

  const keeping = new AuditKeeping(store, { days: 10, now: () => now, log: () => {} });
  await vi.waitFor(async () => expect((await inventory.audits({ limit: 10 })).total).toBe(1));
  expect((await inventory.audits({ limit: 10 })).audits[0]?.name).toBe('new');
  await keeping.close();
});

it('a store that fails is told to the log, and nothing else happens', async () => {
  const log = vi.fn();
  const pruneAudits = () => Promise.reject(new Error('disk full'));
  await new AuditKeeping({ pruneAudits }, { days: 1, now: () => 0, log }).close();
  expect(log).toHaveBeenCalledWith('error', 'old audits cannot be removed', { reason: 'disk full' });
});
