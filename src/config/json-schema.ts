/** JSON Schemas (draft 2020-12) of the files that people write, made from what validates them. */

import { z } from 'zod';
import { SITE_SCHEMA } from '../inventory/schema.ts';
import { CONFIG_SCHEMA } from './schema.ts';
import { SITE_DESCRIPTIONS } from './site-descriptions.ts';

type Node = {
  description?: string;
  pattern?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
};

export function siteJsonSchema(): object {
  const schema = z.toJSONSchema(SITE_SCHEMA, { io: 'input' }) as Node;
  describe(schema, '', 'settings');
  return titled('Site of Chainboot', schema);
}

export function configJsonSchema(): object {
  return titled('Configuration of Chainboot', z.toJSONSchema(CONFIG_SCHEMA, { io: 'input' }));
}

function titled(title: string, schema: object): object {
  const { $schema, ...rest } = schema as { readonly $schema?: string };
  return { $schema, title, ...rest };
}

/** @param except section whose keys are names of others */
function describe(node: Node, section: string, except: string): void {
  // Host names are put into lower case before they are looked at.
  if (node.pattern?.startsWith('^([a-z0-9](')) node.pattern = node.pattern.replaceAll('a-z', 'A-Za-z');
  for (const [key, value] of Object.entries(node.properties ?? {})) {
    const text = SITE_DESCRIPTIONS[`${section}.${key}`] ?? SITE_DESCRIPTIONS[key];
    if (text !== undefined && section !== except) value.description = text;
    describe(
      value,
      value.items?.properties || value.items?.anyOf || value.properties ? key : section,
      except,
    );
  }
  for (const inner of [...(node.anyOf ?? []), ...(node.items ? [node.items] : [])])
    describe(inner, section, except);
}
