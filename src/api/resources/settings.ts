/** Settings: there are the ones there are, each with its default until somebody sets it. */

import { z } from 'zod';
import { ChainbootError } from '../../errors.ts';
import { READABLE_SETTINGS, SETTING_NAMES } from '../../inventory/settings.ts';
import type { Json, Setting } from '../../inventory/types.ts';
import { HIDDEN } from '../../service/auth/secrets.ts';
import type { Call, Operation } from '../operation.ts';
import { typeOfValue } from '../parameters.ts';
import { listQuery, listRows } from '../rows.ts';
import { numberOfName, type View } from '../view.ts';

const ROW = z.object({
  id: z.int(),
  name: z.string(),
  full_name: z.string(),
  description: z.string(),
  value: z.json(),
  default: z.json(),
  settings_type: z.string(),
  category: z.string(),
  category_name: z.string(),
  readonly: z.boolean(),
});

/** Only administrators see what they are set to. */
const SECRET: ReadonlySet<string> = new Set(['root_pass']);

function shown(name: string, view: View): z.infer<typeof ROW> {
  const stored = view.site.get('settings', name) as Setting | undefined;
  const initial = READABLE_SETTINGS[name] ?? null;
  const value = stored === undefined ? initial : stored.value;
  const hide = SECRET.has(name) && value !== null && view.principal?.role !== 'admin';
  const words = name.replaceAll('_', ' ');
  return {
    id: numberOfName(name),
    name,
    full_name: words.charAt(0).toUpperCase() + words.slice(1),
    description: words,
    // Clients compare texts: one that is not set is an empty one.
    value: hide ? HIDDEN : ((value ?? '') as never),
    default: initial as never,
    settings_type: typeOfValue(initial),
    category: 'Setting',
    category_name: 'Provisioning',
    readonly: false,
  };
}

/** Throws RECORD_NOT_FOUND. */
function requireName(key: string): string {
  const name = SETTING_NAMES.find((known) => known === key || String(numberOfName(known)) === key);
  if (name === undefined) throw new ChainbootError('RECORD_NOT_FOUND', { kind: 'setting', key });
  return name;
}

/** Clients send texts; a setting keeps the type of its default. */
function valueFor(name: string, value: Json): Json {
  const initial = READABLE_SETTINGS[name] ?? null;
  if (typeof value !== 'string') return value;
  if (typeof initial === 'boolean') return ['true', 't', '1', 'yes', 'on'].includes(value.toLowerCase());
  if (typeof initial === 'number')
    return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : refuse('must be a number');
  if (Array.isArray(initial))
    return value
      .replace(/^\[|\]$/g, '')
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean);
  return value === '' ? null : value;
}

function refuse(message: string): never {
  throw new ChainbootError('RECORD_INVALID', { count: 1 }, [{ file: 'settings', path: 'value', message }]);
}

async function update(call: Call): Promise<object> {
  const name = requireName(call.path.id ?? '');
  const given = call.body.value as Json | undefined;
  await call.change(({ site }) => {
    const stored = site.get('settings', name);
    const value =
      given === undefined || given === null ? (READABLE_SETTINGS[name] ?? null) : valueFor(name, given);
    const now = stored === undefined ? (READABLE_SETTINGS[name] ?? null) : stored.value;
    const same = JSON.stringify(value) === JSON.stringify(now);
    const record = { ...stored, name, value };
    return { changes: same ? [] : [{ op: 'put', collection: 'settings', record }], result: undefined };
  });
  return shown(name, call);
}

export const settingOperations: readonly Operation[] = [
  {
    resource: 'settings',
    action: 'index',
    summary: 'List settings',
    method: 'GET',
    paths: ['/settings'],
    role: 'viewer',
    query: listQuery(),
    returns: z.object({ total: z.int(), results: z.array(ROW) }),
    handle: (call) =>
      listRows(
        call,
        SETTING_NAMES.map((name) => shown(name, call)),
      ),
  },
  {
    resource: 'settings',
    action: 'show',
    summary: 'Show a setting',
    method: 'GET',
    paths: ['/settings/:id'],
    role: 'viewer',
    returns: ROW,
    handle: (call) => shown(requireName(call.path.id ?? ''), call),
  },
  {
    resource: 'settings',
    action: 'update',
    summary: 'Change a setting',
    method: 'PUT',
    paths: ['/settings/:id'],
    role: 'admin',
    body: {
      root: 'setting',
      params: z.object({ value: z.json().nullish().describe('its value; null: the default') }),
    },
    returns: ROW,
    handle: update,
  },
];
