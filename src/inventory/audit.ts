/** What changed in a record, field by field. Secrets are not told, only that they changed. */

import { isDeepStrictEqual } from 'node:util';
import type { Json } from './types.ts';

export type FieldChanges = Readonly<Record<string, readonly [before: Json, after: Json]>>;

export const REDACTED = '[redacted]';
const SECRET: ReadonlySet<string> = new Set(['root_pass', 'password_hash', 'hash', 'token', 'otp']);
/** What is noted about a record, and is nothing of the record itself. */
export const NOTED: ReadonlySet<string> = new Set([
  'id',
  'declared',
  'created_at',
  'updated_at',
  'last_interface',
]);
/** A template of ordinary length; more of one is no use in an audit. */
const MAX_TEXT = 65_536;

type Fields = Readonly<Record<string, unknown>>;

/** `before` or `after` undefined: the record was made, or deleted. */
export function fieldChanges(before: object | undefined, after: object | undefined): FieldChanges {
  const [old, now] = [told(before), told(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !NOTED.has(name));
  const changed = names.filter((name) => !isDeepStrictEqual(old[name], now[name]));
  return Object.fromEntries(
    changed.map((name) => [name, [shown(name, old[name]), shown(name, now[name])] as const]),
  );
}

/** Values of hidden parameters and passwords of BMCs are taken out; that they changed shows by a mark that differs. */
function told(record: object | undefined): Fields {
  const fields = withoutPasswords((record ?? {}) as Fields);
  const hidden = fields.hidden_parameters as readonly string[] | undefined;
  if (hidden !== undefined && hidden.length > 0) {
    const parameters = fields.parameters as Readonly<Record<string, unknown>>;
    const veiled = Object.entries(parameters).map(([name, value]) => [
      name,
      hidden.includes(name) ? new Veiled(value) : value,
    ]);
    return { ...fields, parameters: Object.fromEntries(veiled) };
  }
  // The setting of that name holds the hash that the hosts without one of their own get.
  const isSecret = fields.hidden_value === true || fields.name === 'root_pass';
  return isSecret && 'value' in fields ? { ...fields, value: new Veiled(fields.value) } : fields;
}

function withoutPasswords(fields: Fields): Fields {
  const { interfaces } = fields;
  if (!Array.isArray(interfaces) || !interfaces.some(({ password }) => password !== undefined)) return fields;
  const veiled = interfaces.map((nic) =>
    nic.password === undefined ? nic : { ...nic, password: new Veiled(nic.password) },
  );
  return { ...fields, interfaces: veiled };
}

/** Two are alike when what is behind them is; JSON shows none of it. */
class Veiled {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
  toJSON(): string {
    return REDACTED;
  }
}

function shown(name: string, value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (SECRET.has(name)) return REDACTED;
  const plain = JSON.parse(JSON.stringify(value)) as Json;
  return typeof plain === 'string' && plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT)} …` : plain;
}
