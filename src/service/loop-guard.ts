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
import { loaderFor } from '../boot/loaders.ts';
import type { Log } from '../boot/log.ts';
import { eventOfAnswer, eventOfStep } from '../boot/loop-events.ts';
import { type Loop, LoopCounter, type LoopEvent, type LoopLimits } from '../boot/loops.ts';
import { sentence } from '../boot/reason.ts';
import { RecentMap } from '../boot/recent.ts';
import type { Step } from '../boot/step.ts';
import { reasonOf } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import type { Hold, Host, IpxeDriver, LoopKind, Subnet } from '../inventory/types.ts';
import { parseIpv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';
import type { Inventory, Planned } from './inventory.ts';

export type LoopGuardDeps = {
  readonly inventory: Inventory;
  readonly bootOf: (mac: Mac) => string | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
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
  /** Learned from configurations and scripts: behind a foreign DHCP server a TFTP request has an address only. */
  private readonly macs = new RecentMap<Mac>(ADDRESSES);
  private readonly told = new RecentMap<number>(1000);
  private limits: LoopLimits | undefined;
  private minute = { began: 0, holds: 0 };
  private writing: Promise<unknown> = Promise.resolve();

  constructor(deps: LoopGuardDeps) {
    this.deps = deps;
  }

  /** Undefined: nothing is counted, and what is held is served as if it were not. */
  configure(limits: LoopLimits | undefined): void {
    this.limits = limits;
  }

  /** The hold of a machine, unless the guard is switched off. */
  holdOf(who: Who): Held | undefined {
    return this.limits && holdOf(this.deps.inventory.site, who);
  }

  /** Call with every step that is recorded. */
  observe(step: Step): void {
    const { mac, address } = step;
    if (mac !== undefined && address !== undefined) this.macs.set(address, mac);
    this.watchDriver(step);
    const event = eventOfStep(step);
    if (event === undefined) return;
    this.count(this.whoIs(step), event);
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
    return { hold, driver: this.driverOfRom(facts, host, subnet) };
  }

  /** What a machine is told that is sent to its disk once more. */
  cameBack(host: Host): Loop | undefined {
    const { limits } = this;
    const loop = limits && this.counter.cameBack(host.name, this.deps.now(), limits);
    if (loop !== undefined && this.told.get(host.name) === undefined)
      this.deps.log('warn', 'a machine comes back from its own disk again and again', { host: host.name });
    if (loop !== undefined) this.told.set(host.name, loop.count);
    return loop;
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
    await this.writing;
  }

  private driverOfRom(
    facts: Facts,
    host: Host | undefined,
    subnet: Subnet | undefined,
  ): DriverChoice | undefined {
    const declared = declaredDriver(this.deps.inventory.site, host, subnet);
    const configured = declared && ({ driver: declared, why: 'configured' } as const);
    const first = loaderFor(facts.arch, host?.pxe_loader, configured)?.loader;
    const driver = first && driverOfFile(first.file);
    // A disguised iPXE has a link.
    if (driver === undefined || facts.disguised) return configured;
    return this.drivers.choose(facts.mac, declared, driver, this.deps.now());
  }

  /** An iPXE was fetched to the end, or asks for something itself. */
  private watchDriver(step: Step): void {
    const { kind, because, what, stage, disguised } = step;
    if (kind === 'tftp.file' || kind === 'http.file') {
      const whole = because.code === 'transfer-complete' || because.code === 'loader-file';
      const key = this.macOf(step) ?? step.address;
      if (whole && what !== undefined && key !== undefined) this.drivers.fetched(key, what, step.at);
      return;
    }
    const isIpxe = stage === 'ipxe' || stage === 'gpxe' || disguised || kind === 'http.script';
    if (!isIpxe) return;
    const mac = this.macOf(step);
    const { host } = this.whoIs(step);
    const declared = declaredDriver(this.deps.inventory.site, host, this.subnetOf(step.address));
    for (const key of [mac, step.address])
      if (key !== undefined && this.drivers.cameUp(key, declared) && mac !== undefined)
        this.sayWorked(mac, host);
  }

  private sayWorked(mac: Mac, host: Host | undefined): void {
    this.deps.log('info', 'the other iPXE brought the link up; it is offered first from now on', {
      mac,
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
    const holding = this.hold(who, { ...loop, loop: loop.loop }, now);
    this.writing = Promise.all([this.writing, holding]);
    return holding;
  }

  /** Never rejects: a machine that cannot be held goes on, and is counted anew. */
  private async hold(who: Who, loop: Loop & { readonly loop: LoopKind }, at: number): Promise<void> {
    const boot = who.mac === undefined ? undefined : this.deps.bootOf(who.mac);
    const hold: Hold = { ...loop, at, ...(boot !== undefined && { boot }) };
    const machine = who.host?.name ?? who.mac ?? who.address!;
    if (who.host === undefined && !this.mayHold(at)) return;
    try {
      const { inventory } = this.deps;
      await inventory.change((site) =>
        who.host === undefined ? holdMachine(site, machine, hold) : holdHost(site, machine, hold),
      );
      this.deps.log('warn', `a machine is held: ${sentence(holdReason(hold, machine))}`, {
        machine,
        ...(boot !== undefined && { boot }),
      });
    } catch (error) {
      this.deps.log('error', 'a machine that goes in circles could not be held', {
        machine,
        reason: reasonOf(error),
      });
    }
  }

  private mayHold(now: number): boolean {
    if (now - this.minute.began >= 60_000) this.minute = { began: now, holds: 0 };
    return this.minute.holds++ < MAX_HOLDS_A_MINUTE;
  }
}

function holdHost(site: Site, name: string, hold: Hold): Planned<void> {
  const host = site.get('hosts', name);
  if (host === undefined || host.hold !== undefined) return { changes: [], result: undefined };
  return { changes: [{ op: 'put', collection: 'hosts', record: { ...host, hold } }], result: undefined };
}

/** Ids are used again: a deleted record leaves a trace in the store, and there shall be no more of those than of holds. */
function holdMachine(site: Site, machine: string, hold: Hold): Planned<void> {
  if (site.get('holds', machine) !== undefined) return { changes: [], result: undefined };
  const held = site.list('holds');
  const taken = new Set(held.map(({ id }) => id));
  const free = Array.from({ length: MAX_HELD_MACHINES }, (_, i) => i + 1).find((id) => !taken.has(id));
  const id = free ?? held.reduce((a, b) => (b.at < a.at ? b : a)).id;
  return {
    changes: [{ op: 'put', collection: 'holds', record: { ...hold, id, machine } }],
    result: undefined,
  };
}
