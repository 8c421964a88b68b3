/** Does somebody else answer DHCP? As the running server heard it. */

import { neighboursFile } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { loadNeighbours } from '../store/neighbours.ts';
import { type Finding, finding } from './finding.ts';

/** Who was silent for longer may be gone. */
const RECENT_MS = 24 * 3_600_000;

export async function checkNeighbours(config: Config): Promise<readonly Finding[]> {
  const recent = loadNeighbours(neighboursFile(config)).filter(
    ({ lastSeen }) => Date.now() - lastSeen < RECENT_MS,
  );
  const found = recent.flatMap(({ link, address, mac, conflicts }) => {
    if (conflicts === undefined) return [];
    const who = mac === undefined ? address : `${address} (${mac})`;
    const does = conflicts === 'addresses' ? 'gives out addresses' : 'names boot files';
    const message = `${who} ${does} on ${link} too: turn it off there, or let this server be a proxy (mode: proxy)`;
    return [
      finding(
        'error',
        `second-${conflicts === 'addresses' ? 'dhcp-server' : 'boot-server'}`,
        message,
        'chainboot neighbours',
      ),
    ];
  });
  return found.length > 0 ? found : [finding('ok', 'neighbours', 'nobody was heard who is in the way')];
}
