/**
 * Whether a host in build mode would boot and install: everything it lacks, at once. The same for `host build`, the API,
 * declared hosts and previews. What the records say is looked at first; then its templates are rendered as the machine
 * would get them, and the files of its medium are asked for.
 */

import { osOf } from '../../inventory/association.ts';
import { type EffectiveHost, effectiveHost } from '../../inventory/hostgroup.ts';
import type { Site } from '../../inventory/site.ts';
import { type Host, type OperatingSystem, osTitle } from '../../inventory/types.ts';
import { reach } from '../../media/reach.ts';
import type { BuildChecker } from '../hosts.ts';
import type { BuildCheckDeps } from './deps.ts';
import { diskLacks } from './disk.ts';
import { type BuildCheck, type Found, gathered, lack } from './lacks.ts';
import { loaderLacks } from './loader.ts';
import { addressLacks, machineLacks, passwordLacks } from './machine.ts';
import { mediumLacks } from './medium.ts';
import { templateLacks } from './templates.ts';

export function buildChecker(given: BuildCheckDeps): BuildChecker {
  const deps = { ...given, reach: remembering(given.reach ?? reach, given.now) };
  return async (site, declared) => {
    const host = effectiveHost(site, declared);
    const os = osOf(site, host);
    const found = [
      machineLacks(host),
      addressLacks(deps, site, host),
      passwordLacks(site, host),
      ...(os === undefined
        ? [{ errors: [lack('no-operatingsystem', 'operatingsystem')] }]
        : await systemLacks(deps, site, host, os)),
    ];
    return gathered(found);
  };
}

/** What a web server said a moment ago is not asked again: racks are put into build mode at once, from one mirror. */
const REMEMBER_MS = 10_000;
const MOST_REMEMBERED = 1000;

function remembering(ask: typeof reach, now: () => number): typeof reach {
  const known = new Map<string, { readonly at: number; readonly answer: ReturnType<typeof reach> }>();
  return (url, timeoutMs) => {
    const before = known.get(url);
    if (before !== undefined && now() - before.at < REMEMBER_MS) return before.answer;
    if (known.size >= MOST_REMEMBERED) known.clear();
    const answer = ask(url, timeoutMs);
    known.set(url, { at: now(), answer });
    return answer;
  };
}

/** Hosts looked at together, so that no thread waits while a web server thinks. */
const TOGETHER = 8;

/** The same for many hosts, in their order. */
export async function checkHosts(
  check: BuildChecker,
  site: Site,
  hosts: readonly Host[],
): Promise<readonly { readonly host: Host; readonly found: BuildCheck }[]> {
  const checked: { host: Host; found: BuildCheck }[] = [];
  for (let i = 0; i < hosts.length; i += TOGETHER) {
    const some = hosts.slice(i, i + TOGETHER);
    checked.push(
      ...(await Promise.all(some.map(async (host) => ({ host, found: await check(site, host) })))),
    );
  }
  return checked;
}

async function systemLacks(
  deps: BuildCheckDeps,
  site: Site,
  host: EffectiveHost,
  os: OperatingSystem,
): Promise<readonly Found[]> {
  const [templates, medium] = await Promise.all([
    templateLacks(deps, site, host, os),
    mediumLacks(deps, site, host, os),
  ]);
  return [
    architectureLacks(host, os),
    loaderLacks(deps, site, host),
    medium,
    templates,
    diskLacks(site, host, os),
  ];
}

function architectureLacks({ architecture }: EffectiveHost, os: OperatingSystem): Found {
  const { architectures } = os;
  if (architectures.length === 0 || architectures.includes(architecture)) return {};
  const values = { os: osTitle(os), architecture, architectures: architectures.join(', ') };
  return { warnings: [lack('architecture-foreign', 'architecture', values)] };
}
