/** Client classes: those that tell firmware apart, those that reservations put machines into, and all others. */

import { type MapNode, mapsAt, textAt, textsAt } from '../json.ts';
import type { DraftBoot, DraftGroup } from '../network/drafts.ts';
import { Report } from '../report.ts';
import { type Definitions, optionsOf } from './options.ts';

/** Options 60, 77, 93, 94, 97 and 175 tell what is booting. */
const TELLS =
  /option\[(77|93|94|97|175|client-system|user-class)\]|PXEClient|HTTPClient|iPXE|gPXE|Etherboot/i;
/** What only says what is booted. */
const BOOT_OPTIONS = new Set([43, 60, 66, 67, 150, 175]);

/** Groups by the name of their class: those that reservations name, and that say something. */
export function classGroups(
  dhcp: MapNode,
  reservations: readonly MapNode[],
  definitions: Definitions,
  report: Report,
): ReadonlyMap<string, DraftGroup> {
  const named = new Set(reservations.flatMap((node) => textsAt(node, 'client-classes')));
  const groups = new Map<string, DraftGroup>();
  for (const node of mapsAt(dhcp, 'client-classes')) {
    const name = textAt(node, 'name') ?? '';
    const subject = `class ${name}`;
    const test = textAt(node, 'test') ?? textAt(node, 'template-test');
    const options = optionsOf(node, definitions, test === undefined ? report : new Report());
    const boot = bootOf(node);
    if (test === undefined && named.has(name)) {
      if (options.size > 0 || boot !== undefined)
        groups.set(name, {
          place: node.place,
          name: name.replaceAll('/', '-'),
          options,
          ...(boot && { boot }),
        });
      continue;
    }
    const isBoot = TELLS.test(test ?? '') && [...options.keys()].every((code) => BOOT_OPTIONS.has(code));
    if (isBoot)
      report.left(node.place, subject, 'tells firmware and loaders apart; Chainboot does that by itself');
    else
      report.human(node.place, subject, 'depends on what the client sends; hosts and subnets do not, here');
  }
  return groups;
}

export function bootOf(node: MapNode): DraftBoot | undefined {
  const filename = textAt(node, 'boot-file-name');
  const place = node.entries.get('boot-file-name')?.place ?? node.place;
  return filename === undefined || filename === '' ? undefined : { place, filename };
}

/** What somebody wrote beside it. */
export function commentOf(node: MapNode): string | undefined {
  const context = node.entries.get('user-context');
  return textAt(node, 'comment') ?? (context?.kind === 'map' ? textAt(context, 'comment') : undefined);
}
