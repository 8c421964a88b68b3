/**
 * Notices machines that go round in circles. Fed with what happens to each machine, it counts what happens again
 * and again without progress; whoever drives it (service/loop-guard.ts) then holds the machine. Each loop has its
 * own kind of progress:
 *
 * - `loader`: the same first program, given out by DHCP or fetched, and no script is ever reached;
 * - `disguise`: the same, by an iPXE that asks as a ROM;
 * - `install`: installers that are started for one `host build` and never report built;
 * - `script`: the script of a host in build mode, and no kernel is ever started;
 * - `local`: a host that is to boot from its disk and comes back at once. It is told so, and never held: what
 *   looks like an empty disk may be a server that is rebooted often.
 */

import type { LoopKind } from '../inventory/types.ts';
import { RecentMap } from './recent.ts';

export type LoopLimits = {
  /** The same loader or script that often within `chainMs`. */
  readonly chains: number;
  readonly chainMs: number;
  /** Installations started within `installMs`. */
  readonly installs: number;
  readonly installMs: number;
};

export type LoopEvent =
  /** A program for the firmware was given out or fetched. `xid` tells a repeated DHCP message from another round. */
  | {
      readonly kind: 'loader';
      readonly file: string;
      readonly by: 'dhcp' | 'tftp' | 'http';
      readonly xid?: number | undefined;
      readonly disguised?: boolean | undefined;
    }
  /** The script, or a loader's configuration, of a host in build mode is asked for; `build` tells one `host build` from another. */
  | { readonly kind: 'script' | 'config'; readonly build: number }
  /** A machine is sent to its own disk, or shown a menu. */
  | { readonly kind: 'local' | 'menu' }
  /** Kernel, initrd or answers of an installation were fetched. */
  | { readonly kind: 'started' }
  /** The installer reported. */
  | { readonly kind: 'done' };

export type Loop = {
  readonly loop: LoopKind | 'local';
  readonly count: number;
  /** Of the first round that was counted, epoch milliseconds. */
  readonly since: number;
  readonly file?: string;
};

/** The same transaction within this time is a retransmission, not another round; some ROMs never change their xid. */
const RETRANSMISSION_MS = 10_000;
/** Machines that are remembered, at least; see recent.ts. */
const MACHINES = 10_000;
/** Of one machine: ways of getting a program, and rounds that are kept. */
const MAX_WAYS = 6;
const MAX_ROUNDS = 64;

type Way = { readonly name: string; xid: number | undefined; readonly times: number[] };

type Machine = {
  readonly ways: Way[];
  readonly scripts: number[];
  readonly installs: number[];
  readonly locals: number[];
  /** Whether what the newest script starts was seen. */
  started: boolean;
  build: number;
};

export class LoopCounter {
  private readonly machines = new RecentMap<Machine>(MACHINES);

  /** Counts, and answers with the loop that this closes; the machine then starts from nothing. */
  happened(machine: string, event: LoopEvent, now: number, limits: LoopLimits): Loop | undefined {
    const known = this.machines.get(machine) ?? this.enter(machine);
    const loop = closes(known, event, now, limits);
    if (loop !== undefined) this.forget(machine);
    return loop;
  }

  /** What a machine that is sent to its disk once more is told. */
  cameBack(machine: string, now: number, { chains, chainMs }: LoopLimits): Loop | undefined {
    const locals = this.machines.get(machine)?.locals;
    if (locals === undefined) return undefined;
    forgetOld(locals, now - chainMs);
    return locals.length < chains ? undefined : { loop: 'local', count: locals.length, since: locals[0]! };
  }

  forget(machine: string): void {
    if (this.machines.get(machine) !== undefined) this.machines.set(machine, blank());
  }

  private enter(machine: string): Machine {
    const made = blank();
    this.machines.set(machine, made);
    return made;
  }
}

function blank(): Machine {
  return { ways: [], scripts: [], installs: [], locals: [], started: false, build: 0 };
}

function closes(machine: Machine, event: LoopEvent, now: number, limits: LoopLimits): Loop | undefined {
  switch (event.kind) {
    case 'loader':
      return givenOut(machine, event, now, limits);
    case 'script':
    case 'config':
      return asked(machine, event, now, limits);
    case 'local':
      forgetOld(machine.locals, now - limits.chainMs);
      push(machine.locals, now);
      clear(machine.ways, machine.scripts);
      return undefined;
    case 'menu':
      clear(machine.ways);
      return undefined;
    case 'started':
      if (!machine.started) push(machine.installs, now);
      machine.started = true;
      clear(machine.ways, machine.scripts);
      return undefined;
    case 'done':
      machine.started = false;
      clear(machine.ways, machine.scripts, machine.installs, machine.locals);
      return undefined;
  }
}

/** Counted when it has happened: the next one is withheld. */
function givenOut(
  { ways }: Machine,
  { file, by, xid, disguised }: Extract<LoopEvent, { kind: 'loader' }>,
  now: number,
  { chains, chainMs }: LoopLimits,
): Loop | undefined {
  const name = `${by} ${file}`;
  let way = ways.find((each) => each.name === name);
  if (way === undefined) {
    if (ways.length >= MAX_WAYS) ways.shift();
    ways.push((way = { name, xid: undefined, times: [] }));
  }
  const { times } = way;
  const last = times.at(-1);
  if (last !== undefined && xid !== undefined && way.xid === xid && now - last < RETRANSMISSION_MS)
    return undefined;
  way.xid = xid;
  forgetOld(times, now - chainMs);
  push(times, now);
  if (times.length < chains) return undefined;
  return { loop: disguised ? 'disguise' : 'loader', count: times.length, since: times[0]!, file };
}

/** Counted when it is asked for: this one is withheld. */
function asked(
  machine: Machine,
  { kind, build }: Extract<LoopEvent, { kind: 'script' | 'config' }>,
  now: number,
  { chains, chainMs, installs, installMs }: LoopLimits,
): Loop | undefined {
  const { ways, scripts, locals } = machine;
  if (machine.build !== build) {
    machine.build = build;
    clear(scripts, machine.installs);
  }
  clear(locals);
  forgetOld(machine.installs, now - installMs);
  if (machine.installs.length >= installs)
    return { loop: 'install', count: machine.installs.length, since: machine.installs[0]! };
  machine.started = false;
  // A configuration may only be a step on the way to the next loader.
  if (kind === 'config') return undefined;
  clear(ways);
  forgetOld(scripts, now - chainMs);
  if (scripts.length >= chains) return { loop: 'script', count: scripts.length, since: scripts[0]! };
  push(scripts, now);
  return undefined;
}

function push(times: number[], now: number): void {
  if (times.length >= MAX_ROUNDS) times.shift();
  times.push(now);
}

function forgetOld(times: number[], before: number): void {
  while (times.length > 0 && times[0]! <= before) times.shift();
}

function clear(...lists: readonly unknown[][]): void {
  for (const list of lists) list.length = 0;
}
