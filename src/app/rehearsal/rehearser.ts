/** Plays machines against the servers of this process: a whole boot each, which leaves nothing behind but a report. */

import type { Log } from '../../boot/log.ts';
import { sentence } from '../../boot/reason.ts';
import type { Step } from '../../boot/step.ts';
import { bootVirtually } from '../../client/boot.ts';
import type { Fetched } from '../../client/fetched.ts';
import type { BootOutcome } from '../../client/outcome.ts';
import type { Persona } from '../../client/personas.ts';
import { ChainbootError } from '../../errors.ts';
import { findTemplate, osOf } from '../../inventory/association.ts';
import { effectiveHost } from '../../inventory/hostgroup.ts';
import { Overlay } from '../../inventory/overlay.ts';
import type { Site } from '../../inventory/site.ts';
import type { Host } from '../../inventory/types.ts';
import { createWire } from '../../link/wire.ts';
import { type Ipv4, parseIpv4 } from '../../net/ip.ts';
import { requireHost } from '../../service/hosts.ts';
import type { RehearsalOptions, RehearsalReport, RehearsedStep } from '../../service/rehearsal/report.ts';
import type { RoomGround } from '../boot-room.ts';
import type { Core } from '../core.ts';
import type { ServedLink } from '../links.ts';
import { RehearsedMachine } from './actor.ts';
import { diagnosed } from './diagnosed.ts';
import { copiesOn, FLEET_RELAY, type FleetPlan } from './fleet.ts';
import { personaFor } from './persona.ts';
import { bootNic, placeOf } from './place.ts';
import type { Rehearsals } from './registry.ts';
import { Stage } from './stage.ts';
import { verdictOf } from './verdict.ts';

export type RehearserDeps = RoomGround & {
  readonly core: Pick<Core, 'inventory' | 'leases' | 'guard' | 'trace'>;
  readonly registry: Rehearsals;
  /** What is a request to this server: `10.0.0.1:80`, by address or name, and port. */
  readonly own: () => ReadonlySet<string>;
  readonly log: Log;
};

/** Of all machines that are played at once, in this process. */
const MAX_AT_ONCE = 8;
const TIMEOUT_MS = 120_000;

/** Of several rehearsals that go together. */
export type Run = {
  stage(served: ServedLink): Promise<Stage>;
  /** Of a thousand machines that boot nobody wants to read, and real boots would have to go from the trace for them. */
  readonly traced: 'all' | 'failing';
  /** What was fetched whole already. */
  readonly fetched: Map<string, Promise<Fetched>>;
  close(): Promise<void>;
};

export type Fleet = { readonly plan: FleetPlan; close(): Promise<void> };

export class Rehearser {
  readonly #deps: RehearserDeps;
  /** Not the one of the machines, on which their packets are captured. */
  readonly #wire = createWire();
  readonly #closed = new AbortController();
  #running = 0;
  #hasFleet = false;

  constructor(deps: RehearserDeps) {
    this.#deps = deps;
  }

  /** See `Rehearse`. */
  async rehearse(name: string, options: RehearsalOptions, signal?: AbortSignal): Promise<RehearsalReport> {
    const run = this.run('all');
    try {
      return await this.within(run, name, options, signal);
    } finally {
      await run.close();
    }
  }

  /** Switches off whatever is played. */
  close(): void {
    this.#closed.abort();
  }

  /** Names of the hosts that are in build mode. */
  async building(): Promise<readonly string[]> {
    const { inventory } = this.#deps.core;
    await inventory.refresh();
    return inventory.site.list('hosts').flatMap(({ name, build }) => (build ? [name] : []));
  }

  /** Rejects with NOT_FOUND. */
  async requireAll(hosts: readonly string[]): Promise<void> {
    const { inventory } = this.#deps.core;
    await inventory.refresh();
    for (const host of hosts) requireHost(inventory.site, host);
  }

  /** For several machines, which share what one DHCP server knows and what was fetched. Close it. */
  run(traced: Run['traced']): Run {
    const { core, log, links } = this.#deps;
    const { inventory, leases, guard } = core;
    const stages = new Map<string, Promise<Stage>>();
    const deps = { wire: this.#wire, site: inventory.site, leases, log };
    const stage = (served: ServedLink) => {
      const known = stages.get(served.link.name);
      if (known !== undefined) return known;
      const verdict = (facts: Parameters<typeof guard.verdict>[0], host: Host | undefined) =>
        guard.verdict(facts, host, inventory.site.subnetOf(facts.relay ?? served.link.address)?.subnet);
      const opened = Stage.open(
        { ...deps, verdict },
        links().find(({ link }) => link.name === served.link.name) ?? served,
      );
      stages.set(served.link.name, opened);
      return opened;
    };
    const close = async () => {
      await Promise.all(
        [...stages.values()].map(async (opened) => (await opened.catch(() => undefined))?.close()),
      );
    };
    return { stage, traced, fetched: new Map(), close };
  }

  /** Machines for somebody else to play. Rejects with NOT_FOUND, REHEARSAL_REFUSED, REHEARSAL_BUSY. Close it. */
  async openFleet(
    count: number,
    named: readonly string[] | undefined,
    as: string | undefined,
  ): Promise<Fleet> {
    // The limits of the server are those of one fleet.
    if (this.#hasFleet) throw new ChainbootError('REHEARSAL_BUSY', {});
    this.#hasFleet = true;
    try {
      const { core, log, registry, links, own } = this.#deps;
      const names = named ?? (await this.building());
      const { site: base } = core.inventory;
      const site = new Overlay(base);
      const copies = copiesOn(
        site,
        names.map((name) => requireHost(base, name)),
        count,
        Date.now(),
      );
      const verdict = () => ({});
      const leases = { load: async () => [] };
      const served = links().find(({ policy }) => policy?.mode === 'server') ?? links()[0]!;
      const stage = await Stage.open({ wire: this.#wire, site, leases, verdict, log }, served);
      const machines = copies.map((host) => {
        const ip = addressOf(host.interfaces[0]?.ip);
        const ground = { ...this.#deps, site: () => site, leases: stage.macOf, guard: core.guard };
        const machine = new RehearsedMachine(ground, host.mac, ip, 'forgetful');
        stage.enter({ mac: host.mac, address: ip, record: machine.record }, undefined);
        const { name: persona } = personaFor(effectiveHost(site, host), as);
        return { key: registry.enter(machine), mac: host.mac, as: persona, host: host.name };
      });
      const trust = this.#deps.trust();
      const plan: FleetPlan = {
        machines,
        dhcp: stage.pathBehind(FLEET_RELAY),
        tftpPort: this.#deps.config().tftp.port,
        own: [...own()],
        ...(trust !== undefined && { trust }),
      };
      const close = async () => {
        for (const { key } of machines) registry.leave(key);
        await stage.close();
        this.#hasFleet = false;
      };
      return { plan, close };
    } catch (error) {
      this.#hasFleet = false;
      throw error;
    }
  }

  /** Rejects as `Rehearse` says. */
  async within(
    run: Run,
    name: string,
    options: RehearsalOptions,
    signal?: AbortSignal,
  ): Promise<RehearsalReport> {
    if (this.#running >= MAX_AT_ONCE) throw new ChainbootError('REHEARSAL_BUSY', {});
    this.#running++;
    try {
      const { inventory } = this.#deps.core;
      await inventory.refresh();
      const host = requireHost(inventory.site, name);
      return await this.#play(run, host, options, signal);
    } finally {
      this.#running--;
    }
  }

  async #play(
    run: Run,
    host: Host,
    { as, timeoutMs = TIMEOUT_MS }: RehearsalOptions,
    signal: AbortSignal | undefined,
  ): Promise<RehearsalReport> {
    const { core, registry, own, links } = this.#deps;
    const { site } = core.inventory;
    const effective = effectiveHost(site, host);
    const persona = personaFor(effective, as);
    const nic = bootNic(host);
    if (nic === undefined)
      throw new ChainbootError('REHEARSAL_REFUSED', { reason: `${host.name} has no interface with a MAC` });
    const { served, relay } = placeOf(site, links(), nic);
    const stage = await run.stage(served);
    const address = addressOf(nic.ip);
    const machine = new RehearsedMachine(
      { ...this.#deps, site: () => core.inventory.site, leases: stage.macOf, guard: core.guard },
      nic.mac,
      address,
    );
    const actor = { mac: nic.mac, address, record: machine.record };
    const dhcp = stage.enter(actor, relay);
    const key = registry.enter(machine);
    try {
      const ours = own();
      const outcome = await bootVirtually({
        persona,
        mac: nic.mac,
        dhcp,
        tftpPort: this.#deps.config().tftp.port,
        ...(host.uuid !== undefined && { uuid: host.uuid }),
        ...(this.#deps.trust() !== undefined && { trust: this.#deps.trust()! }),
        onLease: async ({ address: given }) => machine.leased(given),
        rehearsal: { key, isServer: (name, port) => ours.has(`${name}:${port}`), fetched: run.fetched },
        installer: host.build ? 'if-told' : false,
        timeoutMs,
        signal: AbortSignal.any([this.#closed.signal, ...(signal === undefined ? [] : [signal])]),
      });
      const notes = [stage.note, relay && `it is played behind the relay ${relay}`].filter(
        (note) => note !== undefined,
      );
      return this.#reported(run, { site, host, effective, persona, machine, outcome, notes });
    } finally {
      registry.leave(key);
      stage.leave(actor);
    }
  }

  #reported(
    { traced }: Run,
    { site, host, effective, persona, machine, outcome, notes }: Played,
  ): RehearsalReport {
    const { error, held } = machine;
    const hasAnswers = expectsAnswers(site, effective);
    const { kernel, initrds, cmdline, installer, steps: events } = outcome;
    const verdict = verdictOf({
      host,
      outcome,
      error,
      held,
      refused: refusalOf(machine.steps),
      dhcp: dhcpReason(machine.steps),
      hasAnswers,
    });
    if (traced === 'all' || !verdict.boots)
      for (const step of machine.steps) this.#deps.core.trace.record(step);
    const warnings = events.flatMap(({ kind, text }) => (kind === 'warning' ? [text] : []));
    return {
      id: machine.id,
      host: host.name,
      mac: machine.mac,
      as: persona.name,
      machine: persona.summary,
      ...verdict,
      notes: [...notes, ...warnings],
      steps: machine.steps.map(worded),
      rendered: machine.rendered,
      files: [
        ...(kernel === undefined ? [] : [{ role: 'kernel' as const, ...kernel }]),
        ...initrds.map((initrd) => ({ role: 'initrd' as const, ...initrd })),
      ],
      ...(cmdline !== undefined && { cmdline }),
      ...(installer !== undefined && {
        answers: { kind: installer.kind, url: installer.answersUrl, built_url: installer.builtUrl },
      }),
      events,
      ...(!verdict.boots && { diagnosis: diagnosed(machine.id, machine.steps, effective, machine.mac) }),
      took: outcome.took,
    };
  }
}

type Played = {
  readonly site: Site;
  readonly host: Host;
  /** With what it inherits. */
  readonly effective: Host;
  readonly persona: Persona;
  readonly machine: RehearsedMachine;
  readonly outcome: BootOutcome;
  readonly notes: readonly string[];
};

/** Where nobody says, one of TEST-NET-2 (RFC 5737). */
const SOME_ADDRESS: Ipv4 = 0xc6336440;

function addressOf(ip: string | undefined): Ipv4 {
  return (ip === undefined ? undefined : parseIpv4(ip)) ?? SOME_ADDRESS;
}

function expectsAnswers(site: Site, host: Host): boolean {
  const os = osOf(site, host);
  return os !== undefined && host.build && findTemplate(site, os, 'provision', host) !== undefined;
}

function refusalOf(steps: readonly Step[]): { readonly code: string; readonly sentence: string } | undefined {
  const last = steps.findLast(({ kind }) => kind === 'http.error');
  const code = last?.detail?.error;
  return typeof code === 'string' ? { code, sentence: sentence(last!.because) } : undefined;
}

function dhcpReason(steps: readonly Step[]): string | undefined {
  const last = steps.findLast(({ kind }) => kind.startsWith('dhcp.'));
  if (last === undefined) return undefined;
  return sentence(last.kind === 'dhcp.ack' ? last.because : (last.lease ?? last.because));
}

function worded(step: Step): RehearsedStep {
  const { because, lease } = step;
  return {
    ...step,
    sentence: sentence(because),
    ...(lease !== undefined && { lease_sentence: sentence(lease) }),
  };
}
