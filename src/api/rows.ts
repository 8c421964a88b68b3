/** Lists of what is not kept as records of its own: kinds, combinations, settings, roles … */

import { z } from 'zod';
import type { Call } from './operation.ts';
import { matchRows } from './search/rows.ts';

export type Row = { readonly id: number; readonly name?: string };

export function listQuery<S extends z.ZodRawShape>(more?: S): z.ZodObject {
  return z.object({
    search: z.string().optional().describe('filter in the search language, such as name = web1'),
    order: z.string().optional().describe('field and direction, such as name DESC'),
    page: z.int().min(1).optional().describe('page number, from 1'),
    per_page: z
      .union([z.int().min(1), z.literal('all')])
      .optional()
      .describe('records of a page, or all'),
    ...more,
  });
}

/** The rows themselves are searched: every field that holds a text, a number or a boolean. */
export function listRows({ query, now }: Pick<Call, 'query' | 'now'>, rows: readonly Row[]): object {
  const { rows: results, ...found } = matchRows(rows, {
    now,
    search: query.search as string | undefined,
    order: query.order as string | undefined,
    page: query.page as number | undefined,
    per_page: query.per_page as number | 'all' | undefined,
  });
  return { ...found, results };
}
