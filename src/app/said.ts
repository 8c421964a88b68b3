/** What machines say themselves, on its way into the trace: the syslog receiver, and a bound on what is kept. */

import type { LeaseLookup } from '../boot/lease.ts';
import type { Log } from '../boot/log.ts';
import { isSaid, SaidCounter } from '../boot/said.ts';
import type { Recorder } from '../boot/step.ts';
import type { Config } from '../config/schema.ts';
import type { Site } from '../inventory/site.ts';
import type { Wire } from '../link/types.ts';
import { RateLimit } from '../service/auth/rate-limit.ts';
import type { Trace } from '../service/trace.ts';
import { type Sender, SyslogReceiver } from '../syslog/receiver.ts';
import type { ServedLink } from './links.ts';

/** Of one machine. Debian's installer writes some 3000 lines in ten minutes, hundreds of them in its first seconds. */
const LINES = { burst: 1000, perSecond: 50 };
/** What option 7 can name: it carries no port. */
const WELL_KNOWN_PORT = 514;

type Boots = Pick<Trace, 'bootOf' | 'bootAt'>;

/** Around a recorder: of what machines say, so much of each boot is kept. */
export function boundedWords(record: Recorder, trace: Boots): Recorder {
  const counter = new SaidCounter();
  return (step) => {
    if (!isSaid(step) || step.rehearsal !== undefined) return record(step);
    const { mac, address = '' } = step;
    const boot = (mac === undefined ? undefined : trace.bootOf(mac)) ?? trace.bootAt(address) ?? address;
    const kept = counter.kept(boot, step);
    if (kept !== undefined) record(kept);
  };
}

export type SyslogParts = {
  readonly wire: Wire;
  readonly links: readonly ServedLink[];
  readonly config: Config;
  readonly site: () => Site;
  readonly macOf: LeaseLookup;
  readonly trace: Boots;
  readonly record: Recorder;
  readonly log: Log;
};

/** Undefined where it is turned off. */
export async function openSyslog(parts: SyslogParts): Promise<SyslogReceiver | undefined> {
  const { config, links, wire, record, log } = parts;
  if (!config.syslog.enabled) return undefined;
  return SyslogReceiver.open({
    wire,
    links: links.filter(({ rehearsalOf }) => rehearsalOf === undefined).map(({ link }) => link),
    port: config.syslog.port,
    senderAt: (address) => senderAt(address, parts),
    limit: new RateLimit(LINES, Date.now),
    record,
    now: Date.now,
    log,
  });
}

/** Who holds a lease of ours, whose address is declared, or who was heard booting with it. */
function senderAt(address: string, { macOf, site, trace }: SyslogParts): Sender | undefined {
  const leased = macOf(address);
  const host = leased === undefined ? site().hostByIp(address)?.host : site().hostByMac(leased)?.host;
  const mac = leased ?? site().hostByIp(address)?.nic.mac;
  if (mac === undefined && host === undefined && trace.bootAt(address) === undefined) return undefined;
  return { ...(mac !== undefined && { mac }), ...(host !== undefined && { host: host.name }) };
}

/** Whether option 7 may name this server on a link. */
export function isLogServer(syslog: SyslogReceiver | undefined, link: string): boolean {
  return syslog?.takes(link, WELL_KNOWN_PORT) ?? false;
}
