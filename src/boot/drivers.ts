/**
 * Which driver the iPXE that a machine is given uses: its own for the card, or that of the card's ROM (UNDI on BIOS,
 * SNP on UEFI). Either may bring no link up on some card, so a machine that fetched one and then starts over without
 * ever asking as iPXE is offered the other, once; what worked is remembered and offered first.
 */

import { effectiveHost } from '../inventory/hostgroup.ts';
import { type Site, subnetOfInterface } from '../inventory/site.ts';
import { type Host, type IpxeDriver, provisionInterface, type Subnet } from '../inventory/types.ts';
import { RecentMap } from './recent.ts';

/** `why`: declared for it; offered because the other brought nothing up; known to have worked. */
export type DriverChoice = { readonly driver: IpxeDriver; readonly why: 'configured' | 'other' | 'worked' };

/** As sentences call them. */
export const DRIVER_WORDS: Readonly<Record<IpxeDriver, string>> = {
  own: 'drivers of its own',
  rom: "the driver of the card's ROM",
};

export function otherDriver(driver: IpxeDriver): IpxeDriver {
  return driver === 'own' ? 'rom' : 'own';
}

/** The driver of an iPXE by the name it is fetched under; undefined for other programs. */
export function driverOfFile(name: string): IpxeDriver | undefined {
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  if (/^(undionly|snponly|snp)\b.*\.(0|k?k?pxe|efi)$/.test(base)) return 'rom';
  return /^ipxe\b.*\.(0|k?k?pxe|lkrn|efi)$/.test(base) ? 'own' : undefined;
}

/** The host's, its hostgroup's, else that of the subnet; undefined where nobody says. `here`: where it asks. */
export function declaredDriver(
  site: Site,
  host: Host | undefined,
  here: Subnet | undefined,
): IpxeDriver | undefined {
  if (host === undefined) return here?.ipxe_driver;
  const effective = effectiveHost(site, host);
  if (effective.ipxe_driver !== undefined) return effective.ipxe_driver;
  const nic = provisionInterface(effective);
  return (here ?? (nic && subnetOfInterface(site, nic)))?.ipxe_driver;
}

/** What is known of one machine's card. */
type Tried = {
  /** What was fetched and has not been heard of since, with the time it was fetched (epoch ms). */
  readonly silent: Map<IpxeDriver, number>;
  /** The last one that was fetched. */
  last: IpxeDriver | undefined;
  /** The one that came up although it was not the first choice; `declared` is what was declared then. */
  worked: { readonly driver: IpxeDriver; readonly declared: IpxeDriver | undefined } | undefined;
};

/** Machines that are remembered, at least; see recent.ts. */
const MACHINES = 10_000;
/** A machine that was off for longer starts with its first choice again. */
const SILENT_MS = 30 * 60_000;

/** What was seen of each machine's cards while the process lives. Keys are MACs, or addresses where only those are known. */
export class DriverMemory {
  private readonly machines = new RecentMap<Tried>(MACHINES);

  /** A loader was fetched to its last byte. */
  fetched(machine: string, file: string, now: number): void {
    const driver = driverOfFile(file);
    if (driver === undefined) return;
    const known = this.machines.get(machine) ?? { silent: new Map(), last: undefined, worked: undefined };
    known.silent.set(driver, now);
    known.last = driver;
    this.machines.set(machine, known);
  }

  /** One could not be fetched. If it was the other, it has had its turn: it may not be installed, or be too big for the ROM. */
  failed(machine: string, file: string, now: number): void {
    const driver = driverOfFile(file);
    const silent = this.machines.get(machine)?.silent;
    if (driver !== undefined && silent?.has(otherDriver(driver))) silent.set(driver, now);
  }

  /** Whether anything was seen of the machine. */
  knows(machine: string): boolean {
    return this.machines.get(machine) !== undefined;
  }

  /** An iPXE was fetched and has not been heard of. */
  isWaitedFor(machine: string): boolean {
    return this.machines.get(machine)?.last !== undefined;
  }

  /** The iPXE asked for something: its driver works. True when it was not the first choice, and this is new. */
  cameUp(machine: string, declared: IpxeDriver | undefined): boolean {
    const known = this.machines.get(machine);
    if (known?.last === undefined) return false;
    const { last, silent } = known;
    const wasSecond = silent.has(otherDriver(last));
    silent.clear();
    known.last = undefined;
    if (!wasSecond) return false;
    known.worked = { driver: last, declared };
    return true;
  }

  /**
   * What a machine that starts over is offered; `first` is what it gets where nothing is known of it. Changes
   * nothing, so that every question of one attempt has the same answer. When both were silent it is the first
   * again, and the loop guard has the last word.
   */
  choose(
    machine: string,
    declared: IpxeDriver | undefined,
    first: IpxeDriver,
    now: number,
  ): DriverChoice | undefined {
    const configured = declared && ({ driver: declared, why: 'configured' } as const);
    const known = this.machines.get(machine);
    if (known === undefined) return configured;
    const { silent, worked } = known;
    for (const [driver, at] of silent) if (now - at > SILENT_MS) silent.delete(driver);
    if (worked !== undefined && worked.declared === declared && worked.driver !== first && silent.size === 0)
      return { driver: worked.driver, why: 'worked' };
    const other = otherDriver(first);
    return silent.has(first) && !silent.has(other) ? { driver: other, why: 'other' } : configured;
  }
}
