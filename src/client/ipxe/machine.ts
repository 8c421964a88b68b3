/** The machine an iPXE script runs on: what the interpreter needs of the world, and how a run can end. */

import type { Ipv4 } from '../../net/ip.ts';
import type { Mac } from '../../net/mac.ts';
import type { Uuid } from '../../net/uuid.ts';
import type { Tell } from '../events.ts';
import type { BootFailure } from '../failure.ts';
import type { Fetch, Fetched } from '../fetched.ts';

/** What DHCP told a NIC. */
export type Configured = {
  readonly ip: Ipv4;
  /** `siaddr`, of the proxy if one answered. */
  readonly nextServer: Ipv4;
  /** Boot file name or URL; empty when there is none. */
  readonly filename: string;
  /** Every option of the answer by number. */
  readonly options: ReadonlyMap<number, Uint8Array>;
};

export type IpxeWorld = {
  readonly platform: 'pcbios' | 'efi';
  readonly buildarch: string;
  readonly uuid: Uuid;
  /** net0, net1, …; undefined where a number is not used. */
  readonly macs: readonly (Mac | undefined)[];
  /** Rejects with a BootFailure. */
  readonly dhcp: (mac: Mac) => Promise<Configured>;
  readonly fetch: Fetch;
  /** Rejects when the boot is over. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly tell: Tell;
  readonly signal: AbortSignal;
};

export type Image = {
  readonly name: string;
  readonly file: Fetched;
  /** Arguments; of a kernel its command line. */
  args: string;
};

/** An image with its place in what is booted. */
export type IpxeEnd =
  | {
      readonly kind: 'kernel';
      readonly kernel: Image;
      readonly initrds: readonly Image[];
      /** The loader puts the initrd where an EFI kernel finds it, whatever its command line says (GRUB). */
      readonly handsOver?: boolean;
    }
  /** A program for the firmware: another loader. */
  | { readonly kind: 'program'; readonly image: Image }
  | { readonly kind: 'local'; readonly how: string }
  /** Somebody has to press a key. */
  | { readonly kind: 'person'; readonly what: string }
  | { readonly kind: 'reboot' };

/** How a script (or a line, or a command) went; `final` ends everything, however deep the script was chained. */
export type RunResult =
  /** `exited`: it said `exit 0` rather than come to its last line. */
  | { readonly kind: 'ok'; readonly exited: boolean }
  | { readonly kind: 'failed'; readonly failure: BootFailure }
  | { readonly kind: 'final'; readonly end: IpxeEnd };

/** What a command makes of the script it stands in. */
export type Flow =
  | { readonly kind: 'next' }
  | { readonly kind: 'goto'; readonly label: string }
  | { readonly kind: 'exit'; readonly status: number }
  /** End this script and run the image in its place. */
  | { readonly kind: 'replace'; readonly image: Image; readonly autofree: boolean }
  | Extract<RunResult, { kind: 'final' }>;

export const NEXT: Flow = { kind: 'next' };

export function final(end: IpxeEnd): Extract<RunResult, { kind: 'final' }> {
  return { kind: 'final', end };
}
