/**
 * The DHCP records a Foreman made here, one small file each. They are no hosts of the inventory: Foreman is where they are
 * looked after, and `apply`, exports and audits of this server need not know machines that are declared elsewhere.
 */

import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../boot/log.ts';
import { reasonOf } from '../errors.ts';
import type { Mac } from '../net/mac.ts';
import { PART, Tree } from './tree.ts';

const RESERVATION = z.strictObject({
  /** Address of the subnet: `192.0.2.0`. */
  network: z.string(),
  mac: z.string(),
  ip: z.string(),
  name: z.string(),
  hostname: z.string(),
  nextServer: z.string().optional(),
  filename: z.string().optional(),
  /** Other cards of the same bond, which may share the address. */
  related: z.array(z.string()).default([]),
  /** Whatever else was sent: kept and told back. */
  more: z.record(z.string(), z.string()).default({}),
});
export type Reservation = Readonly<z.output<typeof RESERVATION>>;

export class Reservations {
  readonly #files: Tree;
  readonly #log: Log;
  readonly #all = new Map<string, Reservation>();
  readonly #byMac = new Map<Mac, readonly Reservation[]>();
  readonly #byIp = new Map<string, readonly Reservation[]>();
  /** Changes are made one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(files: Tree, log: Log) {
    this.#files = files;
    this.#log = log;
  }

  /** A file that cannot be read is left where it is, and the log tells. */
  static async open(directory: string, log: Log): Promise<Reservations> {
    const opened = new Reservations(new Tree(directory), log);
    await mkdir(directory, { recursive: true });
    for (const file of await readdir(directory)) await opened.#load(directory, file);
    return opened;
  }

  async #load(directory: string, file: string): Promise<void> {
    const path = join(directory, file);
    if (file.endsWith(PART)) return rm(path, { force: true });
    try {
      this.#index(RESERVATION.parse(JSON.parse(await readFile(path, 'utf8'))));
    } catch (error) {
      this.#log('error', 'a DHCP record of a Foreman cannot be read', {
        file: path,
        reason: reasonOf(error),
      });
    }
  }

  list(): Iterable<Reservation> {
    return this.#all.values();
  }

  /** The one made last, when there are several in different subnets. */
  byMac(mac: Mac): Reservation | undefined {
    return this.#byMac.get(mac)?.at(-1);
  }

  allOfMac(mac: Mac): readonly Reservation[] {
    return this.#byMac.get(mac) ?? [];
  }

  /** Cards of one bond share it. */
  byIp(ip: string): readonly Reservation[] {
    return this.#byIp.get(ip) ?? [];
  }

  /** Nothing else changes meanwhile. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Within `exclusively`. Rejects with FILE_UNWRITABLE. */
  async put(reservation: Reservation): Promise<void> {
    await this.#files.put(fileOf(reservation), `${JSON.stringify(reservation)}\n`);
    this.#drop(reservation);
    this.#index(reservation);
  }

  /** Within `exclusively`. Rejects with FILE_UNWRITABLE. */
  async remove(reservation: Reservation): Promise<void> {
    await this.#files.remove(fileOf(reservation));
    this.#drop(reservation);
  }

  #index(reservation: Reservation): void {
    const { mac, ip } = reservation;
    this.#all.set(keyOf(reservation), reservation);
    this.#byMac.set(mac, [...this.allOfMac(mac), reservation]);
    this.#byIp.set(ip, [...this.byIp(ip), reservation]);
  }

  #drop(reservation: Reservation): void {
    const key = keyOf(reservation);
    const known = this.#all.get(key);
    if (known === undefined) return;
    this.#all.delete(key);
    without(this.#byMac, known.mac, known);
    without(this.#byIp, known.ip, known);
  }
}

function without(index: Map<string, readonly Reservation[]>, key: string, gone: Reservation): void {
  const left = (index.get(key) ?? []).filter((other) => other !== gone);
  if (left.length === 0) index.delete(key);
  else index.set(key, left);
}

function keyOf({ network, mac }: Pick<Reservation, 'network' | 'mac'>): string {
  return `${network} ${mac}`;
}

function fileOf({ network, mac }: Reservation): string {
  return `${network}_${mac.replaceAll(':', '-')}.json`;
}
