/**
 * The loop guard at work: takes what the trace is told and what is rendered, counts (boot/loops.ts), holds a machine
 * by writing that into the store, where `chainboot host release` takes it out again, and knows which iPXE a machine
 * is offered (boot/drivers.ts).
 */

import type { Answered, Question } from '../boot/answer.ts';
import type { Verdict } from '../boot/decide.ts';
import { type DriverChoice, DriverMemory, declaredDriver, driverOfFile } from '../boot/drivers.ts';
import type { Facts } from '../boot/facts.ts';
import { type Held, holdOf, holdReason, type Who } from '../boot/hold.ts';
import { type Loader, loaderFor } from '../boot/loaders.ts';
import type { Log } from '../boot/log.ts';
import { eventOfAnswer, eventOfStep } from '../boot/loop-events.ts';
import { type Loop, LoopCounter, type LoopEvent, type LoopLimits } from '../boot/loops.ts';
import { sentence } from '../boot/reason.ts';
import { RecentMap } from '../boot/recent.ts';
import type { Step } from '../boot/step.ts';
import { reasonOf } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import type { HeldMachine, Hold, Host, IpxeDriver, LoopKind, Subnet } from '../inventory/types.ts';
import type { Arch } from '../net/arch.ts';
import { parseIpv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import type { Change } from '../store/types.ts';
import type { Inventory, Planned } from './inventory.ts';

export type LoopGuardDeps = {
  readonly inventory: Inventory;
  /** The boot a machine is in, by its MAC, else by its address. */
  readonly bootOf: (machine: string) => string | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
};

export type LoopGuardOptions = {
  /** Undefined: nothing is counted, and what is held is served as if it were not. */
  readonly limits: LoopLimits | undefined;
  /** Whether a boot loader of this name is installed. */
  readonly hasLoader: (file: string) => boolean;
};

/** Machines without a host that are held at once, at most; the one held longest is let go for another. */
export const MAX_HELD_MACHINES = 256;
/** Of them, as many a minute: whoever makes up MAC addresses shall not keep the disk busy. */
const MAX_HOLDS_A_MINUTE = 30;
/** Addresses whose MAC was seen, at least; see recent.ts. */
const ADDRESSES = 10_000;

export class LoopGuard {
  private readonly deps: LoopGuardDeps;
  private readonly counter = new LoopCounter();
  private readonly drivers = new DriverMemory();
  /** Learned from requests to other DHCP servers, configurations and scripts: behind a foreign DHCP server a TFTP request has an address only. */
  private readonly macs = new RecentMap<Mac>(ADDRESSES);
  private readonly told = new RecentMap<number>(1000);
  private limits: LoopLimits | undefined;
  private hasLoader: LoopGuardOptions['hasLoader'] = () => false;
  private minute = { began: 0, holds: 0 };
  private readonly waiting: NewHold[] = [];
  private writing: Promise<void> | undefined;
  private written: Promise<unknown> = Promise.resolve();

  constructor(deps: LoopGuardDeps) {
    this.deps = deps;
  }

  configure({ limits, hasLoader }: LoopGuardOptions): void {
    this.limits = limits;
    this.hasLoader = hasLoader;
  }

  /** The hold of a machine, unless the guard is switched off. */
  holdOf(who: Who): Held | undefined {
    return this.limits && holdOf(this.deps.inventory.site, who);
  }

  /** Call with every step that is recorded. */
  observe(step: Step): void {
    const { mac, address } = step;
    if (mac !== undefined && address !== undefined && !isOurLease(step) && this.macs.get(address) !== mac)
      this.macs.set(address, mac);
    const event = eventOfStep(step);
    this.watchDriver(step, event);
    if (event !== undefined) this.count(this.whoIs(step), event);
  }

  /** Whose address it is, as far as was heard. */
  learn(address: string, mac: Mac): void {
    this.macs.set(address, mac);
  }

  /** Counts a script that was asked for; true when that closed a loop, so that the machine is to be answered anew. */
  async answered(question: Question, answered: Answered): Promise<boolean> {
    const who = this.whoIs({ host: answered.host, mac: answered.mac, address: question.claims.address });
    const event = eventOfAnswer(question, answered, who.host?.initiated_at ?? 0);
    if (event === undefined) return false;
    const holding = this.count(who, event);
    await holding;
    return holding !== undefined;
  }

  /** What a ROM is to be told. */
  verdict(facts: Facts, host: Host | undefined, subnet: Subnet | undefined): Verdict {
    const hold = this.holdOf({ host, mac: facts.mac })?.hold;
    if (hold === undefined) return { driver: this.driverOfRom(facts, host, subnet) };
    return { hold, shows: this.grubFor(facts.arch) };
  }

  /** A GRUB that is there; through shim, if that is, as it may be needed. */
  private grubFor(arch: Arch): Loader | undefined {
    const grubs = (['Grub2 UEFI SecureBoot', 'Grub2 UEFI'] as const).map((name) => loaderFor(arch, name));
    return grubs.find((grub) => grub?.loader.kind === 'PXEGrub2' && this.hasLoader(grub.loader.file))?.loader;
  }

  /** What a machine is told that is sent to its disk once more. */
  cameBack(host: Host): Loop | undefined {
    const loop = this.backFromDisk(host);
    if (loop !== undefined && this.told.get(host.name) === undefined)
      this.deps.log('warn', 'a machine comes back from its own disk again and again', { host: host.name });
    if (loop !== undefined) this.told.set(host.name, loop.count);
    return loop;
  }

  /** The same, of which nobody is told. */
  backFromDisk(host: Host): Loop | undefined {
    return this.limits && this.counter.cameBack(host.name, this.deps.now(), this.limits);
  }

  /** The iPXE that PXELINUX goes on with; `first` is the one its template starts. */
  driverOfChain(who: Who, first: IpxeDriver): DriverChoice | undefined {
    const declared = declaredDriver(this.deps.inventory.site, who.host, undefined);
    const key = who.mac ?? who.address;
    const configured = declared && ({ driver: declared, why: 'configured' } as const);
    if (key === undefined) return configured;
    return this.drivers.choose(key, declared, declared ?? first, this.deps.now());
  }

  /** Resolves when all holds are in the store. */
  async close(): Promise<void> {
    await this.written;
  }

  private driverOfRom(
    facts: Facts,
    host: Host | undefined,
    subnet: Subnet | undefined,
  ): DriverChoice | undefined {
    const declared = declaredDriver(this.deps.inventory.site, host, subnet);
    const configured = declared && ({ driver: declared, why: 'configured' } as const);
    if (!this.drivers.knows(facts.mac)) return configured;
    const first = loaderFor(facts.arch, host?.pxe_loader, configured)?.loader;
    const driver = first && driverOfFile(first.file);
    // A disguised iPXE has a link.
    if (driver === undefined || facts.disguised) return configured;
    return this.drivers.choose(facts.mac, declared, driver, this.deps.now());
  }

  /** An iPXE was fetched to the end, or asks for something itself. */
  private watchDriver(step: Step, event: LoopEvent | undefined): void {
    const { kind, stage, disguised } = step;
    const key = this.macOf(step) ?? step.address;
    if (key === undefined) return;
    // A held machine got another program under that name.
    if (event?.kind === 'loader' && event.by !== 'dhcp' && this.holdOf(this.whoIs(step)) === undefined)
      this.drivers.fetched(key, event.file, step.at);
    if (kind === 'tftp.error' || kind === 'http.error') this.drivers.failed(key, step.what ?? '', step.at);
    if (stage !== 'ipxe' && stage !== 'gpxe' && !disguised && kind !== 'http.script') return;
    if (this.drivers.isWaitedFor(key)) this.cameUp(key, step);
    const { address } = step;
    if (address !== undefined && address !== key && !isOurLease(step) && this.drivers.isWaitedFor(address))
      this.cameUp(address, step);
  }

  private cameUp(key: string, step: Step): void {
    const { host } = this.whoIs(step);
    const declared = declaredDriver(this.deps.inventory.site, host, this.subnetOf(step.address));
    if (!this.drivers.cameUp(key, declared)) return;
    this.deps.log('info', 'the other iPXE brought the link up; it is offered first from now on', {
      machine: key,
      ...(host && { host: host.name }),
    });
  }

  private subnetOf(address: string | undefined): Subnet | undefined {
    const ip = address === undefined ? undefined : parseIpv4(address);
    return ip === undefined ? undefined : this.deps.inventory.site.subnetOf(ip)?.subnet;
  }

  private macOf({ mac, address }: Pick<Step, 'mac' | 'address'>): Mac | undefined {
    return mac ?? (address === undefined ? undefined : this.macs.get(address));
  }

  private whoIs(seen: Pick<Step, 'host' | 'mac' | 'address'>): Who {
    const { site } = this.deps.inventory;
    const mac = this.macOf(seen);
    const named = seen.host === undefined ? undefined : site.get('hosts', seen.host);
    const host = named ?? (mac === undefined ? undefined : site.hostByMac(mac)?.host);
    return { host, mac, address: seen.address };
  }

  /** The writing of the hold, if this closes a loop. */
  private count(who: Who, event: LoopEvent): Promise<void> | undefined {
    const { limits } = this;
    const { host, mac, address } = who;
    const key = host?.name ?? mac ?? address;
    if (limits === undefined || key === undefined || holdOf(this.deps.inventory.site, who) !== undefined)
      return undefined;
    const now = this.deps.now();
    // Under its address it was counted while nothing else was known of it.
    if (address !== undefined && address !== key && event.kind !== 'loader') this.counter.forget(address);
    const loop = this.counter.happened(key, event, now, limits);
    if (loop === undefined || loop.loop === 'local') return undefined;
    return this.hold(who, { ...loop, loop: loop.loop }, now);
  }

  /** Never rejects: a machine that cannot be held goes on, and is counted anew. */
  private hold(who: Who, loop: Loop & { readonly loop: LoopKind }, at: number): Promise<void> | undefined {
    if (who.host === undefined && !this.mayHold(at)) return undefined;
    const boot = [who.mac, who.address].map((key) => key && this.deps.bootOf(key)).find((id) => id);
    const machine = who.host?.name ?? who.mac ?? who.address!;
    const hold: Hold = { ...loop, at, ...(boot !== undefined && { boot }) };
    this.waiting.push({ machine, hold, declared: who.host !== undefined });
    // After a power failure many go round at once: all of one turn are one transaction.
    this.writing ??= nextTurn().then(() => this.write());
    this.written = Promise.all([this.written, this.writing]);
    return this.writing;
  }

  private async write(): Promise<void> {
    const holds = this.waiting.splice(0);
    this.writing = undefined;
    try {
      await this.deps.inventory.change((site) => planned(site, holds));
      for (const { machine, hold } of holds) {
        const message = `a machine is held: ${sentence(holdReason(hold, machine))}`;
        this.deps.log('warn', message, { machine, ...(hold.boot !== undefined && { boot: hold.boot }) });
      }
    } catch (error) {
      const fields = { machines: holds.map(({ machine }) => machine), reason: reasonOf(error) };
      this.deps.log('error', 'machines that go in circles could not be held', fields);
    }
  }

  private mayHold(now: number): boolean {
    if (now - this.minute.began >= 60_000) this.minute = { began: now, holds: 0 };
    return this.minute.holds++ < MAX_HOLDS_A_MINUTE;
  }
}

/**
 * An address of ours, given or offered: whoever fetches from there is known by the lease, so that nothing need be
 * learned from it. An offer may be declined besides.
 */
function isOurLease({ kind, via }: Step): boolean {
  return kind === 'dhcp.offer' || (kind === 'dhcp.ack' && via === 'dhcp');
}

/** `declared`: the machine is a host. */
type NewHold = { readonly machine: string; readonly hold: Hold; readonly declared: boolean };

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The ids of those without a host are used again: a deleted record leaves a trace in the store, of which there shall be no more than of holds. */
function planned(site: Site, holds: readonly NewHold[]): Planned<void> {
  const changes: Change[] = [];
  const taken = new Map(site.list('holds').map((held) => [held.id, held]));
  for (const { machine, hold, declared } of holds) {
    const host = declared ? site.get('hosts', machine) : undefined;
    if (host !== undefined && host.hold === undefined)
      changes.push({ op: 'put', collection: 'hosts', record: { ...host, hold } });
    if (declared || site.get('holds', machine) !== undefined) continue;
    const record = { ...hold, id: idFor(taken), machine };
    taken.set(record.id, record);
    changes.push({ op: 'put', collection: 'holds', record });
  }
  return { changes, result: undefined };
}

/** A free one, else that of the machine held longest. */
function idFor(taken: ReadonlyMap<number, HeldMachine>): number {
  for (let id = 1; id <= MAX_HELD_MACHINES; id++) if (!taken.has(id)) return id;
  return [...taken.values()].reduce((a, b) => (b.at < a.at ? b : a)).id;
}
