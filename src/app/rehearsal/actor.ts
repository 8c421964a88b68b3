/** One machine that is played: what the server answers it, kept in memory and nowhere else. */

import { createHash, randomBytes } from 'node:crypto';
import type { Answerer } from '../../boot/answer.ts';
import { sentence } from '../../boot/reason.ts';
import type { Recorder, Step } from '../../boot/step.ts';
import type { ChainbootError } from '../../errors.ts';
import type { Site } from '../../inventory/site.ts';
import { formatIpv4, type Ipv4 } from '../../net/ip.ts';
import type { Mac } from '../../net/mac.ts';
import type { LoopGuard } from '../../service/loop-guard.ts';
import type { Rendered } from '../../service/rehearsal/report.ts';
import { type BootRoom, bootRoom, type RoomGround, type RoomParts } from '../boot-room.ts';

export type ActorDeps = RoomGround & {
  readonly site: () => Site;
  readonly leases: (address: string) => Mac | undefined;
  readonly guard: LoopGuard;
  readonly log: RoomParts['log'];
};

/** Of a machine in an endless loop nobody wants to read more. */
const MAX_STEPS = 2000;

export class RehearsedMachine {
  /** In the trace; short, as it is for people. */
  readonly id = randomBytes(5).toString('hex');
  readonly mac: Mac;
  readonly room: BootRoom;
  readonly steps: Step[] = [];
  readonly rendered: Rendered[] = [];
  /** The last error that was answered. */
  error: ChainbootError | undefined;
  /** It goes in circles, and was told so instead. */
  held = false;
  #address: string;
  readonly #keeps: 'all' | 'forgetful';

  /** `forgetful`: one of very many, of which nobody reads what it was answered. */
  constructor(deps: ActorDeps, mac: Mac, address: Ipv4, keeps: 'all' | 'forgetful' = 'all') {
    this.#keeps = keeps;
    this.mac = mac;
    this.#address = formatIpv4(address);
    const { guard } = deps;
    this.room = bootRoom({
      ...deps,
      guard: {
        holdOf: (who) => guard.holdOf(who),
        driverOfChain: (who, first) => guard.driverOfChain(who, first),
        cameBack: (host) => guard.backFromDisk(host),
      },
      record: this.record,
      kept: (answer) => this.#kept(deps, answer),
      reports: {
        built: async () => ({ changed: false, rehearsed: true }),
        failed: async () => ({ changed: false, rehearsed: true }),
      },
    });
  }

  /** Of the machine that is played, whose requests come from an address of the server. */
  get address(): string {
    return this.#address;
  }

  leased(address: string): void {
    this.#address = address;
  }

  readonly record: Recorder = (step) => {
    if (this.#keeps === 'forgetful' || this.steps.length >= MAX_STEPS) return;
    // A boot server is asked from the address that the machine has; here it is asked over loopback.
    const isLoopback = step.kind.startsWith('dhcp.') && step.address === '127.0.0.1';
    const address = isLoopback ? this.#address : step.address;
    this.steps.push({ ...step, mac: step.mac ?? this.mac, address, rehearsal: this.id });
  };

  #kept({ refresh }: ActorDeps, answer: Answerer): Answerer {
    return async (question) => {
      await refresh();
      const answered = await answer(question);
      if (!answered.ok) {
        this.error = answered.error;
        return answered;
      }
      if (answered.held) this.held = true;
      if (this.#keeps === 'forgetful') return answered;
      const { text, template, because, identity } = answered;
      const bytes = new TextEncoder().encode(text);
      this.rendered.push({
        kind: question.kind,
        template,
        text,
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        sentence: sentence(because),
        identity: sentence(identity),
      });
      return answered;
    };
  }
}
