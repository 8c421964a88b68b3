/** What the program needs of its databases: small interfaces, each with a contract test run for every engine. */

import type { Lease } from '../boot/lease.ts';
import type { Step } from '../boot/step.ts';
import type { Collection, Json, Records, TemplateKind } from '../inventory/types.ts';

/** A record before the store gave it an id. */
export type Draft<T> = Omit<T, 'id'> & { readonly id?: number };

export type Change =
  | {
      readonly [C in Collection]: {
        readonly op: 'put';
        readonly collection: C;
        readonly record: Draft<Records[C]>;
      };
    }[Collection]
  | { readonly op: 'delete'; readonly collection: Collection; readonly id: number };

/** A change as it was stored. */
export type Stored =
  | {
      readonly [C in Collection]: { readonly op: 'put'; readonly collection: C; readonly record: Records[C] };
    }[Collection]
  | { readonly op: 'delete'; readonly collection: Collection; readonly id: number };

/** Who changed something, and by which door. */
export type Actor = {
  /** Login; undefined for machines and for whoever has the database in hand. */
  readonly user?: string;
  /** Address it came from. */
  readonly remote?: string;
  readonly via: 'api' | 'cli' | 'apply' | 'import' | 'boot' | 'clock';
  /** Why, in their own words. */
  readonly comment?: string;
};

/** One change of one record. */
export type Audit = Actor & {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly action: 'create' | 'update' | 'destroy';
  readonly collection: Collection;
  readonly record: number;
  /** What the record was called. */
  readonly name: string;
  /** Field → before, after; secrets are `[redacted]`. */
  readonly changes: Readonly<Record<string, readonly [before: Json, after: Json]>>;
};

export type AuditEntry = Omit<Audit, 'id'>;

export type AuditQuery = {
  readonly collection?: Collection | undefined;
  readonly record?: number | undefined;
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  readonly action?: Audit['action'] | undefined;
  /** Epoch milliseconds: not before. */
  readonly since?: number | undefined;
  /** Of none of these. */
  readonly except?: readonly Collection[] | undefined;
  /** Older than the one of this number, for the next piece of a long list: nothing is counted, `total` is 0. */
  readonly before?: number | undefined;
  readonly limit: number;
  readonly offset?: number | undefined;
};

export interface InventoryStore {
  /** Everything stored after the given revision (0: everything), with the revision it brings one to. */
  since(revision: number): Promise<{ readonly revision: number; readonly changes: readonly Stored[] }>;
  /**
   * One transaction that no other process can interleave with: `plan` is called with everything stored after
   * `revision` and answers with the changes to make; if it throws, nothing is changed.
   */
  transact(
    revision: number,
    plan: (news: readonly Stored[]) => readonly Change[],
    /** What the audit is told of the changes that were made, in the same transaction. */
    audit?: (made: readonly Stored[]) => readonly AuditEntry[],
  ): Promise<{
    readonly revision: number;
    readonly news: readonly Stored[];
    readonly made: readonly Stored[];
  }>;
  /** Newest first. */
  audits(query: AuditQuery): Promise<{ readonly total: number; readonly audits: readonly Audit[] }>;
  /** Deletes audits from before a time, `atMost` so many, and says how many. */
  pruneAudits(before: number, atMost: number): Promise<number>;
  close(): Promise<void>;
}

/** Leases are durable once `commit` resolves; dhcp/ sends no ACK before. */
export interface LeaseStore {
  /** The newest state of every lease. */
  load(): Promise<readonly Lease[]>;
  /** Many calls of one event-loop turn share one write and one fdatasync. Rejects with LEASES_UNWRITABLE. */
  commit(leases: readonly Lease[]): Promise<void>;
  close(): Promise<void>;
}

export type BootRow = {
  readonly id: string;
  readonly started: number;
  readonly updated: number;
  readonly mac?: string;
  readonly host?: string;
  /** Number of steps. */
  readonly steps: number;
  /** No machine did this: it was played. */
  readonly rehearsal?: true;
};

export type BootQuery = {
  readonly mac?: string | undefined;
  readonly host?: string | undefined;
  /** Epoch milliseconds: begun then or later. */
  readonly since?: number | undefined;
  /** Rehearsals, too. */
  readonly rehearsals?: boolean | undefined;
};

export type StoredStep = Step & { readonly boot: string; readonly seq: number };
/** A step and its place. Ids of boots sort by the time they began. */
export type PlacedStep = { readonly boot: string; readonly seq: number; readonly step: Step };

export interface BootStore {
  append(steps: readonly PlacedStep[]): Promise<void>;
  /** Newest first. */
  boots(
    query: BootQuery & { readonly limit: number; readonly offset?: number | undefined },
  ): Promise<readonly BootRow[]>;
  count(query: BootQuery): Promise<number>;
  steps(boot: string, afterSeq?: number): Promise<readonly StoredStep[]>;
  /**
   * Steps of all boots in the order they were stored, after a cursor; for followers. Each comes with the cursor behind
   * it. -1: nothing but the cursor of now.
   */
  tail(
    cursor: number,
    limit: number,
  ): Promise<{
    readonly cursor: number;
    readonly steps: readonly (StoredStep & { readonly cursor: number })[];
  }>;
  /**
   * Deletes the oldest boots beyond `keep` and those that were last heard of before `since` (epoch milliseconds),
   * `atMost` so many, and says how many.
   */
  prune(keep: number, since: number, atMost: number): Promise<number>;
  close(): Promise<void>;
}

/** What a host received of a template the last time it was served one. */
export type Rendering = {
  /** Id of the host. */
  readonly host: number;
  readonly kind: TemplateKind;
  readonly template: string;
  /** Undefined when it was too long to be kept. */
  readonly text?: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Where in the trace. */
  readonly boot?: string;
};

/** Renderings kept for a host, the oldest going first. */
export const RENDERINGS_PER_HOST = 16;

export interface RenderingStore {
  /** One of a host and template takes the place of an older one. Those of hosts that are gone are left out. */
  put(renderings: readonly Rendering[]): Promise<void>;
  /** Newest first; they go when the host is deleted. */
  of(host: number, kind: TemplateKind): Promise<readonly Rendering[]>;
}
