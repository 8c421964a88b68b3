/**
 * DHCP servers that are not ours and are kept in step: what each driver can do. A driver changes only what it made
 * itself (or what says so: a tag, a file of its own), and shows every change before it makes it.
 */

import type { Outline } from '../dhcp-config/outline.ts';
import type { Moved } from '../moving/moved.ts';
import type { Cidr } from '../net/cidr.ts';

/** One fixed address of a machine, as a server has it. */
export type Reservation = {
  /** Lower case, with colons. */
  readonly mac: string;
  /** Dotted; undefined: from the pool. */
  readonly ip?: string;
  /** What the server calls it. */
  readonly name: string;
};

/** What a server has now. */
export type Present = {
  /** Made by us, by name. */
  readonly ours: readonly Reservation[];
  /** Somebody else's: never touched, and in the way where MAC or address is the same. */
  readonly foreign: readonly Reservation[];
  /** Parts beside reservations (classes, the file to include), by name, as text that can be compared. */
  readonly parts: Readonly<Record<string, string>>;
};

/** What is to be added, changed or removed; `before` and `after` are one line or more, for people. */
export type DriverChange = {
  readonly op: 'add' | 'change' | 'remove';
  readonly what: 'reservation' | 'part';
  readonly name: string;
  readonly before?: string;
  readonly after?: string;
  readonly reservation?: Reservation;
  /** It was as we want it, and somebody else changed it since. */
  readonly drift?: true;
};

/** A reservation that we want and may not make. */
export type DriverConflict = {
  readonly host: string;
  readonly wanted: Reservation;
  /** Whose it is. */
  readonly foreign: Reservation;
};

export type DriverPlan = {
  readonly changes: readonly DriverChange[];
  readonly conflicts: readonly DriverConflict[];
};

/** What a driver needs; told by `chainboot check`. */
export type DriverNeed = {
  /** `the OMAPI port answers`, `hook libdhcp_host_cmds.so` */
  readonly need: string;
  readonly ok: boolean;
  /** It goes on without, in a way that is said here. */
  readonly instead?: string;
  /** What is wrong, and the command or line of configuration that mends it. */
  readonly problem?: string;
  readonly hint?: string;
};

/** It is not there, and nothing is done in its stead. */
export function isMissing({ ok, instead }: DriverNeed): boolean {
  return !ok && instead === undefined;
}

/** A lease that the other server has given. */
export type OutsideLease = {
  readonly mac: string;
  readonly ip: string;
  readonly hostname?: string;
  /** Epoch milliseconds; undefined: for ever. */
  readonly ends?: number;
};

/**
 * One server. Every method rejects with a ChainbootError that names the server (DHCP_SERVER_UNREACHABLE,
 * DHCP_SERVER_REFUSED, FILE_UNWRITABLE …), and has then changed nothing, or what `applied` was told of.
 */
export interface DhcpDriver {
  readonly name: string;
  needs(): Promise<readonly DriverNeed[]>;
  present(): Promise<Present>;
  /** Pure: what has to be done so that the server has what is wanted. */
  plan(wanted: Outline, present: Present): DriverPlan;
  /** In this order; each is told when it is done and will outlive a restart of the server. */
  apply(plan: DriverPlan, wanted: Outline, applied: (change: DriverChange) => void): Promise<void>;
  leases(): Promise<readonly OutsideLease[]>;
  /**
   * What others have declared there, as a site. `here`: networks whose netmasks are known. Rejects with IMPORT_UNREADABLE,
   * too.
   */
  existing(here: readonly Cidr[]): Promise<Moved>;
  close(): Promise<void>;
}
