/** An import over what is there already: it says what it knows, and the rest stays. */

import { SCHEMAS, SHORT_FORM } from '../inventory/schema.ts';
import type { Site } from '../inventory/site.ts';
import { type Interface, isShipped } from '../inventory/types.ts';
import { titleOf } from './faults.ts';
import type { Entry, Moved, Section, SiteInput } from './moved.ts';

const SECTIONS = [
  'domains',
  'subnets',
  'media',
  'architectures',
  'operatingsystems',
  'hostgroups',
  'hosts',
] as const satisfies readonly Section[];

/** Maps of which single keys are said. */
const MAPS = ['parameters', 'dhcp_options'] as const;

/** Every record with the fields that only the existing one of its name has. */
export function overExisting(moved: Moved, current: Site): Moved {
  const site: Record<string, unknown> = { ...moved.site };
  for (const section of SECTIONS) {
    const entries = moved.site[section] as readonly object[] | undefined;
    if (entries === undefined) continue;
    site[section] = entries.map((entry) => {
      const existing = current.get(section, titleOf(section, entry));
      return existing === undefined || isShipped(existing) ? entry : merged(section, entry, existing);
    });
  }
  return { ...moved, site: site as SiteInput };
}

function merged(section: Section, entry: object, existing: object): object {
  const known = declarable(section, existing);
  const said = section === 'hosts' ? hostOver(entry as Entry<'hosts'>, existing) : entry;
  const maps = MAPS.flatMap((key) => {
    const [before, now] = [known[key], (said as Record<string, unknown>)[key]];
    return before === undefined || now === undefined ? [] : [[key, { ...before, ...now }]];
  });
  return { ...known, ...said, ...Object.fromEntries(maps) };
}

/** What a site file may say of the record. */
function declarable(section: Section, record: object): Record<string, object | undefined> {
  const keys: Readonly<Record<string, unknown>> = SCHEMAS[section].shape;
  return Object.fromEntries(
    Object.entries(record).filter(([key]) => Object.hasOwn(keys, key) && key !== 'build'),
  );
}

type Nic = NonNullable<Entry<'hosts'>['interfaces']>[number];

/** Interfaces are the same when their MAC address is, or their name in the system; those that the import does not know stay. */
function hostOver(entry: Entry<'hosts'>, existing: object): object {
  const said = interfacesOf(entry);
  const there = (existing as { readonly interfaces: readonly Interface[] }).interfaces.map(withoutId);
  const isSame = (nic: Nic, other: Nic) =>
    nic.mac !== undefined
      ? nic.mac === other.mac
      : nic.identifier !== undefined
        ? nic.identifier === other.identifier
        : there.length === 1 && other === there[0];
  const kept = there.map((other) => ({ ...other, ...said.find((nic) => isSame(nic, other)) }));
  const added = said.filter((nic) => !there.some((other) => isSame(nic, other)));
  return { ...withoutShortForm(entry), interfaces: [...kept, ...added] };
}

function withoutId({ id: _id, ...nic }: Interface): Nic {
  const { attached_devices, ...rest } = nic;
  return { ...rest, ...(attached_devices && { attached_devices: [...attached_devices] }) };
}

function interfacesOf(entry: Entry<'hosts'>): readonly Nic[] {
  if (entry.interfaces !== undefined && entry.interfaces.length > 0) return entry.interfaces;
  const short = SHORT_FORM.flatMap((field) => (entry[field] === undefined ? [] : [[field, entry[field]]]));
  return short.length === 0 ? [] : [Object.fromEntries(short)];
}

function withoutShortForm(entry: Entry<'hosts'>): object {
  return Object.fromEntries(
    Object.entries(entry).filter(([key]) => !(SHORT_FORM as readonly string[]).includes(key)),
  );
}
