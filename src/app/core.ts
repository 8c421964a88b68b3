/** What lives as long as the process: stores, inventory, trace, renderers. */

import type { Log } from '../boot/log.ts';
import { leasesFile } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { ProvisioningTemplate } from '../inventory/types.ts';
import { AuditKeeping } from '../service/audit-keeping.ts';
import { Authenticator } from '../service/auth/authenticate.ts';
import { Inventory, type Shipped } from '../service/inventory.ts';
import { LoopGuard } from '../service/loop-guard.ts';
import { Renderings } from '../service/renderings.ts';
import { BootSpans } from '../service/spans.ts';
import { TokenExpiry } from '../service/token-expiry.ts';
import { Trace } from '../service/trace.ts';
import { openLeaseJournal } from '../store/leases/journal.ts';
import { openServingSqlite, type SqliteStore } from '../store/sqlite/open.ts';
import type { BootStore, LeaseStore } from '../store/types.ts';
import { loadLibrary } from '../template/library.ts';
import { RenderPool } from '../template/pool.ts';
import { type Meters, openMeters } from './meters.ts';
import { watchStalled } from './stalled.ts';

export type Core = {
  readonly inventory: Inventory;
  readonly leases: LeaseStore;
  readonly trace: Trace;
  /** What the trace has written. */
  readonly boots: BootStore;
  readonly renderings: Renderings;
  readonly pool: RenderPool;
  readonly guard: LoopGuard;
  /** Outlives a reload: it keeps the sessions. */
  readonly auth: Authenticator;
  readonly meters: Meters;
  close(): Promise<void>;
};

/**
 * What comes with the program: templates and partition tables, and what clients of a Foreman take to be there, as it is
 * in one that was just installed.
 */
export function shippedRecords(): Shipped {
  return {
    ...loadLibrary(new URL('../../templates/', import.meta.url)),
    architectures: ['x86_64', 'aarch64', 'i386'].map((name, i) => ({ id: -1 - i, name })),
    organizations: [{ id: -1, name: 'Default Organization', parameters: {} }],
    locations: [{ id: -1, name: 'Default Location', parameters: {} }],
  };
}

/** `proxy`: the inventory is that of another server, which also notices what happens with time. */
export type Role = 'server' | 'proxy';

/** Rejects with STORE_UNAVAILABLE, STORE_CORRUPT or LEASES_UNWRITABLE; what was opened is closed again. */
export async function openCore(config: Config, log: Log, role: Role = 'server'): Promise<Core> {
  const leases = () => openLeaseJournal(leasesFile(config), log);
  return openCoreOn(openServingSqlite(config.database, log), leases, config, log, role);
}

/** On stores that are open; they are closed with it, and when it rejects. */
export async function openCoreOn(
  store: SqliteStore,
  openLeases: () => Promise<LeaseStore>,
  config: Config,
  log: Log,
  role: Role = 'server',
): Promise<Core> {
  try {
    const inventory = await Inventory.open(store.inventory, shippedRecords());
    const leases = await openLeases();
    const meters = openMeters(inventory);
    const spans = new BootSpans();
    const site = () => inventory.site;
    const stalled = watchStalled({ boots: store.boots, site, failed: meters.failed, log });
    const trace = new Trace(store.boots, {
      keep: config.trace.keep,
      days: config.trace.keep_days,
      now: Date.now,
      log,
      onStep: (placed) => {
        meters.observe(placed.step);
        spans.observe(placed);
        stalled.observe(placed);
      },
    });
    const bootOf = (mac: string) => trace.bootOf(mac);
    const renderings = new Renderings(store.renderings, { log, bootOf });
    const guard = new LoopGuard({ inventory, bootOf, now: Date.now, log });
    const expiry = role === 'server' ? new TokenExpiry({ inventory, now: Date.now, log }) : undefined;
    const { keep_days: days } = config.audit;
    const audits = new AuditKeeping(store.inventory, { days, now: Date.now, log });
    const pool = new RenderPool({
      workers: config.templates.workers,
      timeoutMs: config.templates.timeout_ms,
    });
    keepLibrary(inventory, pool);
    const auth = new Authenticator({ site: () => inventory.site, now: Date.now, log });
    inventory.onChange((changes) => auth.observe(changes));
    // The first machine to boot need not wait for the threads.
    void pool.warm();
    const close = async () => {
      stalled.close();
      await Promise.all([
        trace.close(),
        renderings.close(),
        pool.close(),
        leases.close(),
        guard.close(),
        expiry?.close(),
        audits.close(),
      ]);
      spans.close();
      meters.close();
      await store.close();
    };
    return { inventory, leases, trace, boots: store.boots, renderings, pool, guard, auth, meters, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The workers hold the templates' texts: give them new ones when any has changed. */
function keepLibrary(inventory: Inventory, pool: RenderPool): void {
  let known: readonly ProvisioningTemplate[] = [];
  const update = () => {
    const now = inventory.site.list('provisioning_templates');
    if (now.length === known.length && now.every((template, i) => template === known[i])) return;
    known = now;
    pool.setLibrary(now);
  };
  update();
  inventory.onChange(update);
}
