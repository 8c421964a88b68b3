/** Why something is changed, as clients say it beside what they change. */

import { z } from 'zod';

/** Nobody keeps a book in every audit. */
const MAX_COMMENT = 1024;

export const AUDIT_COMMENT = z
  .string()
  .max(MAX_COMMENT)
  .nullish()
  .describe('why it is changed, for the audit');

/** For the actor of the change; nothing where the client said nothing. */
export function commentOf({ audit_comment }: Readonly<Record<string, unknown>>): {
  readonly comment?: string;
} {
  return typeof audit_comment === 'string' && audit_comment.trim() !== '' ? { comment: audit_comment } : {};
}
