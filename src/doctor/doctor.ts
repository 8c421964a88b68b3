/** Everything that is looked at, in the order in which it gets into the way of a boot. */

import type { Config } from '../config/schema.ts';
import { reasonOf } from '../errors.ts';
import { checkCapabilities } from './capabilities.ts';
import { checkClock } from './clock.ts';
import { checkContainer } from './container.ts';
import { type Check, type Finding, finding } from './finding.ts';
import { checkFirewall } from './firewall.ts';
import { checkInterfaces } from './interfaces.ts';
import { checkLoaders } from './loaders.ts';
import { checkMedia } from './media.ts';
import { checkNeighbours } from './neighbours.ts';
import { checkPorts } from './ports.ts';
import { checkStorage } from './storage.ts';

const CHECKS: readonly Check[] = [
  checkInterfaces,
  checkContainer,
  checkPorts,
  checkCapabilities,
  checkFirewall,
  checkNeighbours,
  checkLoaders,
  checkMedia,
  checkClock,
  checkStorage,
];

/** Never rejects: what a check fails of is a finding. */
export async function examine(config: Config): Promise<readonly Finding[]> {
  const found = await Promise.all(
    CHECKS.map((check) =>
      check(config).catch((error) => [
        finding('unknown', 'check-failed', `${check.name} came to no end: ${reasonOf(error)}`),
      ]),
    ),
  );
  return found.flat();
}
