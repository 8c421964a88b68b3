/** Templates and partition tables as texts with Foreman's header: import and export over the API. */

import { z } from 'zod';
import { ChainbootError } from '../errors.ts';
import { candidateOf } from '../service/templates/candidate.ts';
import { exportables, textOf } from '../service/templates/export.ts';
import { ASSOCIATE, type ImportOptions, planImport } from '../service/templates/import.ts';
import { headerOf } from '../template/metadata.ts';
import { AUDIT_COMMENT } from './audit-comment.ts';
import { type Call, type Operation, Reply } from './operation.ts';

type Collections = 'provisioning_templates' | 'ptables';

export function exportOf(collection: Collections, singular: string): Operation {
  return {
    resource: collection,
    action: 'export',
    summary: 'The text, with a header that says what it is',
    method: 'GET',
    paths: [`/${collection}/:id/export`],
    role: 'viewer',
    returns: z.string(),
    handle: (call) => {
      const { name } = call.require(collection, singular, call.path.id ?? '');
      const found = exportables(call.site).find(
        (one) => one.name === name && (one.kind === 'ptable') === (collection === 'ptables'),
      )!;
      const file = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '_')}.erb`;
      return new Reply(textOf(found, 'refresh'), 200, {
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': `attachment; filename="${file}"`,
      });
    },
  };
}

export function importOf(collection: Collections, singular: string, field: 'template' | 'layout'): Operation {
  return {
    resource: collection,
    action: 'import',
    summary: 'Make or change one from a text with a header',
    method: 'POST',
    paths: [`/${collection}/import`],
    role: 'operator',
    query: z.object({
      options: z
        .object({
          force: z.boolean().optional().describe('overwrite a locked one'),
          associate: z.enum(ASSOCIATE).optional().describe('when the systems of the header count'),
          lock: z.boolean().optional().describe('lock what is imported'),
          default: z.boolean().optional().describe('make it the first of its kind for the systems it suits'),
        })
        .nullish(),
    }),
    body: {
      root: singular,
      params: z.object({
        name: z.string().describe('name of the template'),
        [field]: z.string().optional().describe('ERB text'),
        template: z.string().optional().describe('ERB text'),
        audit_comment: AUDIT_COMMENT,
      }),
    },
    returns: z.object({ id: z.int(), name: z.string() }),
    handle: (call) => importText(call, collection, field),
  };
}

async function importText(
  call: Call,
  collection: Collections,
  field: 'template' | 'layout',
): Promise<object> {
  const { body } = call;
  const name = String(body.name);
  const given = (body[field] ?? body.template) as string | undefined;
  if (given === undefined) refuse(collection, field, "can't be blank");
  const candidate = candidateOf({ file: name, text: given, notes: [] }, {});
  if ('outcome' in candidate) return refuse(collection, field, candidate.reason);
  if (headerOf(given).kind === 'header' && candidate.collection !== collection)
    refuse(collection, field, `is of another kind: its header says ${candidate.kind ?? 'partition table'}`);
  const options = {
    associate: 'new',
    default: false,
    force: false,
    ...(call.query.options as object),
  } as ImportOptions;
  await call.change(({ site }) => {
    const plan = planImport([{ ...candidate, name }], site, options);
    const [outcome] = plan.outcomes;
    if (outcome?.outcome === 'refused' || outcome?.outcome === 'skipped')
      refuse(collection, 'base', outcome.reason ?? 'cannot be imported');
    return { changes: plan.changes, result: undefined };
  });
  const record = call.site.get(collection, name)!;
  return { id: call.idOf(collection, record), name };
}

function refuse(file: string, path: string, message: string): never {
  throw new ChainbootError('RECORD_INVALID', { count: 1 }, [{ file, path, message }]);
}
