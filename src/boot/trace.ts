/** Which boot a step belongs to: one boot is one attempt of one machine, from power-on to `built` or the disk. */

import type { Mac } from '../net/mac.ts';
import type { Step } from './step.ts';

/** How far a boot has come; a new DHCP transaction of an earlier stage then is a new power-on. */
type Progress = 'asked' | 'loader' | 'script' | 'kernel';

type OpenBoot = {
  readonly id: string;
  readonly started: number;
  last: number;
  seq: number;
  xid: number | undefined;
  progress: Progress;
};

export type Placed = { readonly boot: string; readonly seq: number; readonly started: number };

/** A machine that was silent for this long has started anew when it speaks again. */
const IDLE_MS = 15 * 60_000;
/** Open boots are forgotten beyond this number, oldest first: memory stays bounded in a storm of MACs. */
const MAX_OPEN = 20_000;

/** Files after which a machine runs an operating system of its own. */
const SYSTEM_FILE = /(^|\/)(linux|vmlinuz|initrd|initrd\.(gz|img|xz))$/;

export class BootTracker {
  private readonly open = new Map<string, OpenBoot>();
  private readonly macOfAddress = new Map<string, Mac>();

  place(step: Step): Placed {
    const key = this.keyOf(step);
    let boot = this.open.get(key);
    if (boot === undefined || startsAnew(boot, step)) boot = this.start(key, step);
    boot.last = step.at;
    if (step.xid !== undefined) boot.xid = step.xid;
    boot.progress = further(boot.progress, step);
    return { boot: boot.id, seq: boot.seq++, started: boot.started };
  }

  private keyOf(step: Step): string {
    if (step.mac !== undefined && step.address !== undefined && step.kind === 'dhcp.ack') {
      this.macOfAddress.set(step.address, step.mac);
      evictOldest(this.macOfAddress);
    }
    if (step.mac !== undefined) return step.mac;
    const known = step.address === undefined ? undefined : this.macOfAddress.get(step.address);
    return known ?? step.address ?? 'unknown';
  }

  private start(key: string, step: Step): OpenBoot {
    const suffix = key.replace(/[^0-9a-f]/g, '').slice(-6);
    const id = `${Math.floor(step.at).toString(36)}-${suffix}`;
    const boot: OpenBoot = { id, started: step.at, last: step.at, seq: 0, xid: undefined, progress: 'asked' };
    this.open.delete(key);
    this.open.set(key, boot);
    evictOldest(this.open);
    return boot;
  }
}

function evictOldest(map: Map<string, unknown>): void {
  if (map.size <= MAX_OPEN) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}

function startsAnew(boot: OpenBoot, step: Step): boolean {
  if (step.at - boot.last > IDLE_MS) return true;
  if (step.kind !== 'dhcp.offer' && step.kind !== 'dhcp.ignore') return false;
  if (step.xid === boot.xid) return false;
  // The installer's own DHCP belongs to the boot that started it.
  if (step.stage === 'os' || step.stage === 'installer') return false;
  if (step.stage === 'rom') return boot.progress !== 'asked';
  return boot.progress === 'script' || boot.progress === 'kernel';
}

function further(progress: Progress, step: Step): Progress {
  if (step.kind === 'tftp.file' && progress === 'asked') return 'loader';
  // The intermediate script asks DHCP again on every NIC: still the same boot.
  if (step.kind === 'http.script' && step.because.code !== 'script-intermediate') return 'script';
  if (step.kind === 'http.file' && step.what !== undefined && SYSTEM_FILE.test(step.what)) return 'kernel';
  return progress;
}
