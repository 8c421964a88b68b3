/**
 * Faults that are provoked for real, many at once: the built program on loopback, and a machine for each fault, which does
 * what it does and stops where the fault stops it. Then `chainboot why` is asked as a user would ask; where a rule waits for
 * an hour of silence, the clock of the asking (and nothing else) is put forward with faketime.
 */

import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { expect, type TestContext } from 'vitest';
import { type BootOptions, bootVirtually } from '../../src/client/boot.ts';
import type { BootEvent } from '../../src/client/events.ts';
import type { BootOutcome } from '../../src/client/outcome.ts';
import { type Persona, personaOf } from '../../src/client/personas.ts';
import { type Mac, parseMac } from '../../src/net/mac.ts';
import { type Asked, ask, type Told } from './ask.ts';
import { type Daemon, installing, MAIN } from './daemon.ts';

export const LO = '127.0.0.1';
export const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.220', to: '127.0.0.250' };

export type Fault = {
  /** By `proves`. */
  readonly title: string;
  /** Over those of a host in build mode; `none`: no host is declared. */
  readonly host?: object | 'none';
  readonly play?: (machine: Player) => Promise<unknown>;
  /** Who is asked about, if not its MAC address. */
  readonly asked?: (machine: Player) => string;
  /** How much later: `+2 hours`. */
  readonly later?: string;
  /** Where it is told; as the cause unless said. */
  readonly told?: 'also' | 'notes';
  /** Programs that it takes; their Debian packages have the same names. */
  readonly needs?: readonly string[];
};

export type Power = Partial<BootOptions> & {
  /** It stops for good at the first event that fits. */
  readonly dies?: (event: BootEvent) => boolean;
};

/** Far apart in more than one digit, so that none is taken for another mistyped. */
export function macOf(n: number): Mac {
  const byte = (value: number) => (value & 0xff).toString(16).padStart(2, '0');
  return parseMac(`52:54:${byte(0x10 + n * 17)}:${byte(3 + n * 29)}:${byte(n)}:40`)!;
}

export class Player {
  readonly mac: Mac;
  readonly name: string;
  readonly address: string;
  readonly daemon: Daemon;

  constructor(daemon: Daemon, n: number) {
    this.daemon = daemon;
    this.mac = macOf(n);
    this.name = `vm${n}.lab`;
    this.address = `127.0.0.${10 + n}`;
  }

  /** Never rejects. */
  powerOn(persona: string | Persona, { dies, ...options }: Power = {}): Promise<BootOutcome> {
    const off = new AbortController();
    return bootVirtually({
      persona: typeof persona === 'string' ? personaOf(persona)! : persona,
      mac: this.mac,
      dhcp: { via: 'server', address: LO, port: this.daemon.ports.dhcp },
      tftpPort: this.daemon.ports.tftp,
      timeoutMs: 60_000,
      installer: true,
      signal: off.signal,
      ...options,
      onEvent: (event) => {
        if (dies?.(event)) off.abort();
      },
    });
  }

  /** From its address, as the program that runs on it. */
  ask(path: string, options: Partial<Asked> = {}): Promise<Told> {
    return ask({ url: `${this.daemon.url}${path}`, from: this.address, ...options });
  }

  /** One line to our syslog receiver, from its address. */
  async log(line: string): Promise<void> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, this.address, resolve));
    const port = syslogPort(this.daemon);
    await new Promise<void>((resolve) => socket.send(line, port, LO, () => resolve()));
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}

const syslogPorts = new WeakMap<Daemon, number>();

/** Where the daemon takes lines of syslog. */
export function setSyslogPort(daemon: Daemon, port: number): void {
  syslogPorts.set(daemon, port);
}

function syslogPort(daemon: Daemon): number {
  return syslogPorts.get(daemon) ?? 514;
}

export const until =
  (kind: BootEvent['kind'], text: RegExp | string = '') =>
  (event: BootEvent): boolean =>
    event.kind === kind && (typeof text === 'string' ? event.text.includes(text) : text.test(event.text));

export function hostsOf(faults: readonly Fault[]): readonly object[] {
  return faults.flatMap(({ host }, n) =>
    host === 'none' ? [] : [installing(`vm${n}.lab`, macOf(n), `127.0.0.${10 + n}`, host)],
  );
}

/** The first program that is not here. */
function missing({ needs = [], later }: Fault): string | undefined {
  const programs = later === undefined ? needs : ['faketime', ...needs];
  return programs.find((program) => spawnSync(program, ['--version']).error !== undefined);
}

/** All machines at once, a few at a time. Rejects with what a machine could not do. */
export async function playAll(daemon: Daemon, faults: readonly Fault[]): Promise<void> {
  const waiting = faults.map((fault, n) => async () => missing(fault) ?? fault.play?.(new Player(daemon, n)));
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next();
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(work));
}

type Diagnosis = {
  readonly code: string;
  readonly also: readonly { readonly code: string }[];
  readonly notes: readonly { readonly code: string }[];
};

export function why(daemon: Daemon, who: string, later?: string): Diagnosis {
  const asked = [process.execPath, MAIN, '--config', daemon.configFile, 'why', who, '--json'];
  const [file, ...args] =
    later === undefined ? asked : ['faketime', '-m', '--exclude-monotonic', later, ...asked];
  const { stdout, stderr, error } = spawnSync(file!, args, { encoding: 'utf8', timeout: 60_000 });
  if (error !== undefined) throw error;
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Diagnosis;
}

/** Our own patience with a machine that says nothing more ends within half a minute. */
const PATIENCE = { interval: 500, timeout: 50_000 };

/** That `chainboot why` tells what was provoked. */
export async function expectTold(daemon: Daemon, fault: Fault, n: number, ctx?: TestContext): Promise<void> {
  const tool = missing(fault);
  if (tool !== undefined) ctx?.skip(`${tool} (Debian package ${tool})`);
  const { title, asked, later, told } = fault;
  const code = title.slice(0, title.indexOf(':'));
  const machine = new Player(daemon, n);
  const who = asked?.(machine) ?? machine.mac;
  const diagnosis = () => why(daemon, who, later);
  if (told === undefined) await expect.poll(() => diagnosis().code, PATIENCE).toBe(code);
  else await expect.poll(() => diagnosis()[told].map((one) => one.code), PATIENCE).toContain(code);
}
