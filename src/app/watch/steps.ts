/** What others answer to machines that boot, as steps of their traces. */

import type { Neighbour } from '../../boot/neighbour.ts';
import { because } from '../../boot/reason.ts';
import type { Recorder, Step } from '../../boot/step.ts';
import type { Heard } from '../../dhcp/watch.ts';
import { formatIpv4 } from '../../net/ip.ts';
import type { Mac } from '../../net/mac.ts';

export function stepOf(
  { client, server, message, xid, sightings }: Heard,
  neighbour: Neighbour,
  at: number,
): Step {
  const { link, offers } = sightings[0]!;
  const { mac, vendor, role } = neighbour;
  const named = mac === undefined ? formatIpv4(server) : `${formatIpv4(server)} (${mac})`;
  const offered = [offers.address, offers.bootFile && `the boot file ${offers.bootFile}`]
    .filter(Boolean)
    .join(' and ');
  return {
    at,
    kind: 'dhcp.foreign',
    via: role === 'proxy-dhcp' ? 'proxy-dhcp' : 'dhcp',
    because:
      message === 'NAK'
        ? because('foreign-refused', { server: named })
        : because('foreign-answer', { server: named, message, offered: offered || 'nothing' }),
    mac: client,
    link,
    xid,
    ...(offers.address !== undefined && { address: offers.address }),
    ...(offers.bootFile !== undefined && { what: offers.bootFile }),
    detail: {
      server: formatIpv4(server),
      message,
      role,
      ...(mac !== undefined && { server_mac: mac }),
      ...(vendor !== undefined && { vendor }),
      ...(neighbour.conflicts !== undefined && { conflicts: neighbour.conflicts }),
    },
  };
}

/** A machine that asked as firmware does is booting for that long. */
const BOOTING_MS = 120_000;
/** Another server's answer may be read before the question that came first. */
const WAITING_MS = 2000;
const MOST = 4096;

/** Laptops and printers have no boots: only machines that ask as firmware does are traced. */
export class BootingMachines {
  readonly #asked = new Map<Mac, number>();
  readonly #waiting = new Map<Mac, Step[]>();

  asked(mac: Mac, now: number, record: Recorder): void {
    this.#asked.delete(mac);
    this.#asked.set(mac, now);
    if (this.#asked.size > MOST) this.#asked.delete(this.#asked.keys().next().value!);
    const waiting = this.#waiting.get(mac);
    if (waiting === undefined) return;
    this.#waiting.delete(mac);
    for (const step of waiting) if (now - step.at < WAITING_MS) record(step);
  }

  answered(step: Step, record: Recorder): void {
    const mac = step.mac!;
    const asked = this.#asked.get(mac);
    if (asked !== undefined && step.at - asked < BOOTING_MS) {
      record(step);
      return;
    }
    const waiting = this.#waiting.get(mac)?.slice(-7) ?? [];
    this.#waiting.delete(mac);
    this.#waiting.set(mac, [...waiting, step]);
    if (this.#waiting.size > MOST) this.#waiting.delete(this.#waiting.keys().next().value!);
  }
}
