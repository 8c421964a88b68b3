/**
 * Faults that are provoked for real, many on one network: one server, and a machine with real firmware for each fault. A
 * machine is pulled from its plug as soon as the trace has what its fault leaves there; what a rule waits for in silence
 * goes by while the next machine boots.
 */

import { expect } from 'vitest';
import type { Step } from '../../src/boot/step.ts';
import type { Nic } from '../../src/lab/qemu.ts';
import { type Mac, parseMac } from '../../src/net/mac.ts';
import { installing } from '../system/daemon.ts';
import type { Boot, Rig } from './rig.ts';

export type Fault = {
  /** By `proves`. */
  readonly title: string;
  /** Over those of a host in build mode; `none`: no host is declared. */
  readonly host?: object | 'none';
  readonly play: (machine: Patient) => Promise<void>;
  /** Where it is told; as the cause unless said. */
  readonly told?: 'notes';
};

/** `nic`: of its only card. */
type Power = Boot & { readonly nic?: Partial<Nic> };

/** Every BIOS machine has reached its kernel with this. */
const MEMORY_MB = 256;
/** As long as an emulated machine may take to its fault while others boot beside it. */
const PATIENCE = { timeout: 60_000, interval: 250 };

export class Patient {
  readonly rig: Rig;
  readonly mac: Mac;
  readonly name: string;
  readonly address: string;

  constructor(rig: Rig, n: number) {
    this.rig = rig;
    this.mac = macOf(n);
    this.name = nameOf(n);
    this.address = addressOf(n);
  }

  get steps(): readonly Step[] {
    return this.rig.steps.filter(({ mac, address }) => mac === this.mac || address === this.address);
  }

  /** Boots until `is` holds, and is then pulled from its plug. */
  async boots(is: () => boolean, { nic, ...boot }: Power = {}): Promise<void> {
    const nics = [this.rig.nic({ ...nic, mac: this.mac })];
    const machine = await this.rig.powerOn({ memoryMb: MEMORY_MB, ...boot, nics });
    await expect.poll(is, PATIENCE).toBe(true);
    await machine.powerOff();
  }

  /** As `boots`, until `count` steps of it are like this. */
  bootsTo(is: (step: Step) => boolean, boot?: Power, count = 1): Promise<void> {
    return this.boots(() => this.steps.filter(is).length >= count, boot);
  }

  /** A firewall on the server drops such packets of this machine, or to it; tells whether it has dropped any. */
  drops(hook: 'input' | 'output', match: string): () => boolean {
    const table = `inet ${this.name.replace('.', '-')}`;
    const who = `ip ${hook === 'input' ? 'saddr' : 'daddr'} ${this.address}`;
    for (const command of [
      `add table ${table}`,
      `add chain ${table} drops { type filter hook ${hook} priority 0 ; }`,
      `add rule ${table} drops ${who} ${match} counter drop`,
    ])
      this.rig.lab.exec(['nft', ...command.split(' ')]);
    return () => /packets [1-9]/.test(this.rig.lab.exec(['nft', 'list', 'table', ...table.split(' ')]));
  }
}

/** Far apart in more than one digit, so that none is taken for another mistyped. */
export function macOf(n: number): Mac {
  const byte = (value: number) => (value & 0xff).toString(16).padStart(2, '0');
  return parseMac(`52:54:${byte(0x10 + n * 17)}:${byte(3 + n * 29)}:${byte(n)}:40`)!;
}

function nameOf(n: number): string {
  return `vm${n}.lab`;
}

function addressOf(n: number): string {
  return `10.77.0.${50 + n}`;
}

export function hostsOf(faults: readonly Fault[]): readonly object[] {
  return faults.flatMap(({ host }, n) =>
    host === 'none' ? [] : [installing(nameOf(n), macOf(n), addressOf(n), host)],
  );
}

/** Two machines at a time: an iPXE that waits takes a whole processor. What a machine could not do, by its number. */
export async function playAll(rig: Rig, faults: readonly Fault[]): Promise<ReadonlyMap<number, unknown>> {
  const waiting = [...faults.entries()];
  const failed = new Map<number, unknown>();
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [n, { play }] = next;
      await play(new Patient(rig, n)).catch((error: unknown) => failed.set(n, error));
    }
  };
  await Promise.all([work(), work()]);
  return failed;
}

/** That `chainboot why MAC` tells what was provoked. */
export async function expectTold(rig: Rig, { title, told }: Fault, mac: string): Promise<void> {
  const code = title.slice(0, title.indexOf(':'));
  const patience = { timeout: 120_000, interval: 500 };
  if (told === undefined) await expect.poll(() => rig.why(mac).code, patience).toBe(code);
  else await expect.poll(() => rig.why(mac).notes.map((note) => note.code), patience).toContain(code);
}
