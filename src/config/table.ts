/** The table of all configuration keys, made from the schema: docs/configuration.md holds it, a test compares. */

import { z } from 'zod';
import { CONFIG_SCHEMA } from './schema.ts';

type Row = { readonly key: string; readonly type: string; readonly fallback: string; readonly text: string };

type JsonSchema = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  /** One of several kinds; what they have in common is told once. */
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
};

export function configurationTable(): string {
  const schema = z.toJSONSchema(CONFIG_SCHEMA, { io: 'input' }) as JsonSchema;
  const lines = rows(schema, '').map(
    ({ key, type, fallback, text }) => `| \`${key}\` | ${type} | ${fallback} | ${text} |`,
  );
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...lines].join('\n');
}

function rows(schema: JsonSchema, prefix: string): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const key = `${prefix}${name}`;
    if (field.properties !== undefined) return rows(field, `${key}.`);
    const kinds = field.items?.oneOf ?? field.items?.anyOf;
    if (kinds !== undefined) return [row(key, field), ...rowsOfKinds(kinds, `${key}[].`)];
    if (field.items?.properties !== undefined) return [row(key, field), ...rows(field.items, `${key}[].`)];
    return [row(key, field)];
  });
}

function rowsOfKinds(kinds: readonly JsonSchema[], prefix: string): readonly Row[] {
  const constants = new Map<string, unknown[]>();
  const all = new Map<string, Row>();
  for (const kind of kinds) {
    for (const [name, { const: value }] of Object.entries(kind.properties ?? {}))
      if (value !== undefined) constants.set(prefix + name, [...(constants.get(prefix + name) ?? []), value]);
    for (const found of rows(kind, prefix)) {
      const before = all.get(found.key);
      // The same name may mean something else in another kind.
      const text =
        before === undefined || before.text === found.text ? found.text : `${before.text}; ${found.text}`;
      all.set(found.key, { ...found, text });
    }
  }
  for (const [key, values] of constants) {
    const type = values.map((value) => `\`${value}\``).join(', ');
    all.set(key, { key, type, fallback: '', text: 'which program it is' });
  }
  return [...all.values()];
}

function row(key: string, field: JsonSchema): Row {
  const fallback = field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``;
  return { key, type: typeOf(field), fallback, text: field.description ?? '' };
}

function typeOf(field: JsonSchema): string {
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join(', ');
  if (field.type === 'array') return `list${field.items?.type === 'string' ? ' of text' : ''}`;
  if (field.type === 'integer') return `number ${field.minimum} to ${field.maximum}`;
  return field.type === 'boolean' ? '`true`, `false`' : 'text';
}
