/** Kinds of templates: there are the ones there are. */

import { z } from 'zod';
import { TEMPLATE_KINDS, type TemplateKind } from '../../inventory/types.ts';
import type { Operation } from '../operation.ts';
import { listQuery, listRows } from '../rows.ts';

/** Numbers as Foreman gives them out: from 1, in their order. Snippets have no kind there. */
const KINDS = TEMPLATE_KINDS.filter((kind) => kind !== 'snippet');

export function kindId(kind: TemplateKind): number | null {
  const index = KINDS.indexOf(kind as (typeof KINDS)[number]);
  return index < 0 ? null : index + 1;
}

/** By number or name; undefined when there is none. */
export function kindOf(key: unknown): TemplateKind | undefined {
  return KINDS[Number(key) - 1] ?? TEMPLATE_KINDS.find((kind) => kind === key);
}

const ROW = z.object({ id: z.int(), name: z.enum(TEMPLATE_KINDS), description: z.string().nullable() });

export const templateKindOperations: readonly Operation[] = [
  {
    resource: 'template_kinds',
    action: 'index',
    summary: 'List the kinds of templates',
    method: 'GET',
    paths: ['/template_kinds'],
    role: 'viewer',
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(ROW) }),
    handle: (call) =>
      listRows(
        call,
        KINDS.map((name) => ({ id: kindId(name)!, name, description: null })),
      ),
  },
];
