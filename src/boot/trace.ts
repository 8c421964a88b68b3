/** Which boot a step belongs to: one boot is one attempt of one machine, from power-on to `built` or the disk. */

import type { Mac } from '../net/mac.ts';
import { RecentMap } from './recent.ts';
import type { Step } from './step.ts';

/** How far a boot has come; a new DHCP transaction of an earlier stage then is a new power-on. */
type Progress = 'asked' | 'loader' | 'script' | 'kernel';

type OpenBoot = {
  readonly id: string;
  last: number;
  seq: number;
  xid: number | undefined;
  progress: Progress;
  host: string | undefined;
};

export type Placed = { readonly boot: string; readonly seq: number };

/** A machine that was silent for this long has started anew when it speaks again. */
const IDLE_MS = 15 * 60_000;
/** Another card of the same machine (its UUID says so), or what was only known by its address, joins a boot so soon. */
const JOINS_MS = 2 * 60_000;
/** Open boots that are remembered, at least; see recent.ts. */
const MAX_OPEN = 20_000;

/** Files after which a machine runs an operating system of its own. */
const SYSTEM_FILE = /(^|\/)(linux|vmlinuz|initrd|initrd\.(gz|img|xz))$/;

export class BootTracker {
  /** By MAC; by address where that is all that is known. */
  private readonly open = new RecentMap<OpenBoot>(MAX_OPEN);
  private readonly macOfAddress = new RecentMap<Mac>(MAX_OPEN);
  private readonly macOfHost = new RecentMap<Mac>(MAX_OPEN);
  private readonly macOfUuid = new RecentMap<Mac>(MAX_OPEN);

  place(step: Step): Placed {
    const key = this.keyOf(step);
    let boot = this.open.get(key);
    if (boot === undefined || startsAnew(boot, step)) boot = this.start(key, step);
    boot.last = step.at;
    if (step.xid !== undefined) boot.xid = step.xid;
    boot.host = step.host ?? boot.host;
    boot.progress = further(boot.progress, step);
    return { boot: boot.id, seq: boot.seq++ };
  }

  /** The boot a machine is in, as far as it was seen. */
  bootOf(mac: Mac): string | undefined {
    return this.open.get(mac)?.id;
  }

  /** The same of whoever has an address. */
  bootAt(address: string): string | undefined {
    return this.open.get(this.macOfAddress.get(address) ?? address)?.id;
  }

  private keyOf(step: Step): string {
    // A boot of its own, whatever machine it plays.
    if (step.rehearsal !== undefined) return `rehearsal ${step.rehearsal}`;
    const { mac, address, host } = step;
    if (mac !== undefined) {
      this.join(mac, step);
      this.know(mac, step);
      return mac;
    }
    const known = address === undefined ? undefined : this.macOfAddress.get(address);
    // A token names its host from whatever address it comes.
    return known ?? (host === undefined ? undefined : this.macOfHost.get(host)) ?? address ?? 'unknown';
  }

  /** Whose address it is, as far as was heard. */
  learn(address: string, mac: Mac): void {
    this.macOfAddress.set(address, mac);
  }

  /** An offer may be declined, so that its address says nothing yet. */
  private know(mac: Mac, { address, host, uuid, kind }: Step): void {
    if (address !== undefined && kind !== 'dhcp.offer' && kind !== 'dhcp.foreign') this.learn(address, mac);
    if (host !== undefined) this.macOfHost.set(host, mac);
    if (uuid !== undefined) this.macOfUuid.set(uuid, mac);
  }

  /** A card that has no boot of its own goes on in the one of its machine. */
  private join(mac: Mac, step: Step): void {
    const own = this.open.get(mac);
    if (own !== undefined && step.at - own.last <= JOINS_MS) return;
    const { address, uuid, at, host } = step;
    const sister = uuid === undefined ? undefined : this.macOfUuid.get(uuid);
    for (const key of [sister, address]) {
      const boot = key === undefined || key === mac ? undefined : this.open.get(key);
      if (boot === undefined || at - boot.last > JOINS_MS) continue;
      // Clones have one UUID, and are not one machine.
      if (host !== undefined && boot.host !== undefined && host !== boot.host) continue;
      this.open.set(mac, boot);
      return;
    }
  }

  private start(key: string, step: Step): OpenBoot {
    const id = `${Math.floor(step.at).toString(36)}-${suffixOf(key)}`;
    const boot: OpenBoot = {
      id,
      last: step.at,
      seq: 0,
      xid: undefined,
      progress: 'asked',
      host: step.host,
    };
    this.open.set(key, boot);
    return boot;
  }
}

/** The last three bytes of a MAC; an address without its dots where no MAC is known. */
function suffixOf(key: string): string {
  if (key.length === 17 && key[2] === ':') return key.slice(9, 11) + key.slice(12, 14) + key.slice(15);
  return key.replace(/[^0-9a-z]/g, '');
}

function startsAnew(boot: OpenBoot, step: Step): boolean {
  // An installer may be silent for long; what it says then is no power-on.
  if (step.kind === 'syslog.line') return false;
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
  if (step.kind === 'http.beacon' && step.what === 'boot') return 'kernel';
  return progress;
}
