/**
 * Chainload loops: a loader that is handed to the same machine again and again without a script being asked
 * for. Told by DHCP alone, and bounded in memory however many machines ask.
 */

import type { Mac } from '../net/mac.ts';

/** As often within the window as a machine may be given the same loader. */
export const LOOP_COUNT = 5;
export const LOOP_WINDOW_MS = 120_000;

/** The same transaction within this time is a retransmission, not another round; some ROMs never change their xid. */
const RETRANSMISSION_MS = 10_000;
/** Machines of one generation; two are kept. */
const GENERATION = 10_000;

type Rounds = { file: string; xid: number; times: number[] };

export class LoopCounter {
  private young = new Map<Mac, Rounds>();
  private old = new Map<Mac, Rounds>();

  /** Call when the machine was really given the loader (ACK, or a proxy's last word). */
  handedOut(mac: Mac, file: string, xid: number, now: number): void {
    const rounds = this.find(mac);
    if (rounds === undefined || rounds.file !== file) {
      this.keep(mac, { file, xid, times: [now] });
      return;
    }
    const last = rounds.times[rounds.times.length - 1]!;
    if (rounds.xid === xid && now - last < RETRANSMISSION_MS) return;
    rounds.xid = xid;
    rounds.times.push(now);
    if (rounds.times.length > LOOP_COUNT) rounds.times.shift();
  }

  /** True when the loader was handed out as often as it may be within the window. */
  isLooping(mac: Mac, file: string, now: number): boolean {
    const rounds = this.find(mac);
    if (rounds === undefined || rounds.file !== file || rounds.times.length < LOOP_COUNT) return false;
    return now - rounds.times[0]! < LOOP_WINDOW_MS;
  }

  /** The machine got as far as asking for a script: no loop. */
  reachedScript(mac: Mac): void {
    this.young.delete(mac);
    this.old.delete(mac);
  }

  private find(mac: Mac): Rounds | undefined {
    return this.young.get(mac) ?? this.old.get(mac);
  }

  private keep(mac: Mac, rounds: Rounds): void {
    if (this.young.size >= GENERATION) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(mac, rounds);
  }
}
