/**
 * Machines that let our offers go by. Firmware differs in what it takes: a card that hears no frame to an address it
 * does not have yet, a ROM that wants another form of a proxy's answer, or none beside another server's. So a machine that
 * was offered something several times and took nothing is answered in the next form; what it takes stays.
 */

import { RecentMap } from '../boot/recent.ts';
import type { Mac } from '../net/mac.ts';

/**
 * Of a server's answer: `unicast` is a frame to the card, `broadcast` reaches whoever listens. Of a proxy's: `direct`
 * names the file and says that there is no menu (43.6), `boot-server` names nothing, so that the machine asks port 4011,
 * `plain` names the file without option 43.
 */
export type Form = 'unicast' | 'broadcast' | 'direct' | 'boot-server' | 'plain';

/** The first suits the firmware that was seen; see quirks.ts for why there are others. */
export const FORMS = {
  server: ['unicast', 'broadcast'],
  biosProxy: ['direct', 'boot-server', 'plain'],
  uefiProxy: ['boot-server', 'plain', 'direct'],
} as const satisfies Record<string, readonly Form[]>;

/** Offers in one form that a machine may let go by. A proxy's are counted by attempt, as its client also waits for others. */
const PATIENCE = { server: 4, proxy: 3 } as const;
/** After this time without an offer, a machine is tried anew from the first form. */
const FORGET_MS = 15 * 60_000;
const MACHINES = 10_000;

type Known = { form: number; offers: number; xid: number; last: number };

/** What an offer is sent as, and how many in the form before were let go by. */
export type Turn = { readonly form: Form; readonly refused: number };

export class Refusals {
  private readonly machines = new RecentMap<Known>(MACHINES);

  /** The form for the next offer; `refused` says how many offers in the form before it were let go by. */
  next(mac: Mac, forms: readonly Form[], role: 'server' | 'proxy', xid: number, now: number): Turn {
    const known = this.machines.get(mac);
    if (known === undefined || now - known.last > FORGET_MS) {
      this.machines.set(mac, { form: 0, offers: 1, xid, last: now });
      return { form: forms[0]!, refused: 0 };
    }
    const again = role === 'proxy' && known.xid === xid;
    known.xid = xid;
    known.last = now;
    if (!again && known.offers >= PATIENCE[role]) {
      known.form = (known.form + 1) % forms.length;
      known.offers = 0;
    }
    if (!again) known.offers++;
    return { form: forms[known.form % forms.length]!, refused: known.form === 0 ? 0 : PATIENCE[role] };
  }

  /** The form of the last offer; undefined for a machine that was offered nothing. */
  current(mac: Mac, forms: readonly Form[]): Form | undefined {
    const known = this.machines.get(mac);
    return known && forms[known.form % forms.length];
  }

  /** The machine took an offer: it asks for what it was offered, or fetches it. */
  taken(mac: Mac): void {
    const known = this.machines.get(mac);
    if (known !== undefined) known.offers = 0;
  }
}
