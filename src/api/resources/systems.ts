/** How other resources list operating systems. */

import { suits } from '../../inventory/association.ts';
import type { Call } from '../operation.ts';
import type { Draft, Many } from '../resource.ts';
import type { View } from '../view.ts';

export const SYSTEMS: Omit<Many, 'says'> = {
  collection: 'operatingsystems',
  as: 'operatingsystem',
  plural: 'operatingsystems',
};

/** Templates and partition tables: systems that a client names are the only ones, so a header that suits others is set aside. */
export function namedSystemsOnly(draft: Draft, { body }: Call, { site, find }: View): Draft {
  const keys = (body.operatingsystem_ids ?? body.operatingsystem_names) as
    | readonly unknown[]
    | null
    | undefined;
  if (keys === undefined) return draft;
  const wanted = new Set((keys ?? []).map((key) => find('operatingsystems', String(key))?.id));
  const made = draft as { readonly oses?: readonly string[] };
  const unwanted = site.list('operatingsystems').some((os) => suits(made, os) && !wanted.has(os.id));
  return unwanted ? { ...draft, oses: [] } : draft;
}
