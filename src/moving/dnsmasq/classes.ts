/** Tags that clients get for what they send: those of firmware and loaders, and all others. */

import type { Report } from '../report.ts';
import type { Setting } from './lines.ts';
import { tagged } from './tags.ts';

/** Options 60, 77, 93, 94, 97 and 175 tell what is booting; the rest of the line says which. */
const FIRMWARE = /^(175|93|94|97|option:client-(arch|interface-id|machine-id))$/i;
const FIRMWARE_WORDS = /^(i|g)?PXE|PXEClient|HTTPClient|Etherboot/i;

export type Classes = { readonly firmware: ReadonlySet<string>; readonly other: ReadonlySet<string> };

const KINDS = new Set(['dhcp-match', 'dhcp-vendorclass', 'dhcp-userclass']);

export function classesOf(settings: readonly Setting[], report: Report): Classes {
  const firmware = new Set<string>();
  const other = new Set<string>();
  for (const setting of settings) {
    if (!KINDS.has(setting.name)) continue;
    const { set, rest } = tagged(setting.values, 'set');
    // Before 2.41 the tag stood there bare.
    const [tag = '', ...fields] = [...set.slice(0, 1), ...rest];
    const isFirmware = fields.some((field) => FIRMWARE.test(field) || FIRMWARE_WORDS.test(field));
    (isFirmware ? firmware : other).add(tag);
    const subject = `${setting.name} ${setting.text}`;
    if (isFirmware)
      report.left(setting.place, subject, 'tells firmware and loaders apart; Chainboot does that by itself');
    else
      report.human(
        setting.place,
        subject,
        'depends on what the client sends; hosts and subnets do not, here',
      );
  }
  return { firmware, other };
}
