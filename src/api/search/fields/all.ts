import type { Collection, Records } from '../../../inventory/types.ts';
import type { Searchable } from '../field.ts';
import { HOSTS } from './hosts.ts';
import { OTHERS } from './others.ts';

/** Fields of every kind of record. */
export const SEARCHABLE: { readonly [C in Collection]: Searchable<Records[C]> } = { hosts: HOSTS, ...OTHERS };
