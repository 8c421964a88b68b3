/**
 * What not everybody who may look is to see. Nobody sees hashes of passwords and tokens of users; administrators alone see
 * hidden parameters; viewers do not see what would let them take over a machine: root passwords, one-time passwords,
 * build tokens and the logins of BMCs.
 */

import { type FieldChanges, REDACTED } from '../../inventory/audit.ts';
import { effectiveHost } from '../../inventory/hostgroup.ts';
import { parameterLayers } from '../../inventory/parameters.ts';
import { roleAllows } from '../../inventory/roles.ts';
import type { Site } from '../../inventory/site.ts';
import type { Collection, Host, Interface, Json, Parameters, Records, Role } from '../../inventory/types.ts';
import { redactText } from '../../ops/redact.ts';

/** What Foreman shows in place of a hidden value. */
export const HIDDEN = '*****';

type Fields = Readonly<Record<string, unknown>>;

/** For nobody. */
const KEPT: ReadonlySet<string> = new Set(['password_hash', 'hash']);
/** For operators and administrators, who may set them. */
const OPERATORS: ReadonlySet<string> = new Set(['root_pass', 'otp', 'token']);

/** The record as somebody of that role may see it: what is missing from it is a secret. Pure. */
export function redactSecrets<C extends Collection>(
  collection: C,
  record: Records[C],
  role: Role,
): Partial<Records[C]> {
  const isAdmin = roleAllows(role, 'admin');
  const fields = Object.entries(record as unknown as Fields)
    .filter(([name]) => !isKept(collection, name))
    .filter(([name]) => !OPERATORS.has(name) || roleAllows(role, 'operator'));
  const shown = withoutBmcLogins(Object.fromEntries(fields) as Fields, role);
  return (isAdmin ? shown : withoutHidden(collection, shown)) as Partial<Records[C]>;
}

/** A BMC switches the machine off, and lets one into its console. */
function withoutBmcLogins(fields: Fields, role: Role): Fields {
  if (!Array.isArray(fields.interfaces) || roleAllows(role, 'operator')) return fields;
  const interfaces = (fields.interfaces as readonly Interface[]).map(
    ({ username: _username, password: _password, ...nic }) => nic,
  );
  return { ...fields, interfaces };
}

/** Operating systems have a `password_hash`, too: the name of the one that installers use. */
function isKept(collection: Collection, name: string): boolean {
  return KEPT.has(name) && (collection === 'users' || collection === 'personal_access_tokens');
}

function withoutHidden(collection: Collection, fields: Fields): Fields {
  if (collection === 'settings' && fields.name === 'root_pass') return { ...fields, value: HIDDEN };
  if (fields.hidden_value === true) return { ...fields, value: HIDDEN };
  const hidden = fields.hidden_parameters as readonly string[] | undefined;
  if (hidden === undefined || hidden.length === 0) return fields;
  const parameters = Object.entries(fields.parameters as Parameters).map(([name, value]) => [
    name,
    hidden.includes(name) ? HIDDEN : value,
  ]);
  return { ...fields, parameters: Object.fromEntries(parameters) };
}

/** What an audit tells of a record, as somebody of that role may see it: viewers do not see who logs in to a BMC. */
export function redactChanges(changes: FieldChanges, role: Role): FieldChanges {
  if (changes.interfaces === undefined || roleAllows(role, 'operator')) return changes;
  const [before, after] = changes.interfaces;
  return { ...changes, interfaces: [withoutUsernames(before), withoutUsernames(after)] };
}

function withoutUsernames(interfaces: Json): Json {
  if (!Array.isArray(interfaces)) return interfaces;
  return (interfaces as readonly Fields[]).map((nic) =>
    nic.username === undefined ? nic : { ...nic, username: REDACTED },
  ) as Json;
}

/**
 * A rendered template as somebody of that role may see it. What is known to be secret of this host is taken out wherever
 * it stands, as it is and as URLs, JSON and base64 write it; for viewers, so is whatever looks like a password's hash or
 * a token. Texts of fewer than four characters are left: they are in too much else.
 */
export function redactRendering(text: string, site: Site, host: Host, role: Role): string {
  const written = [...new Set(secretsOf(site, host, role).flatMap(forms))];
  // The longest first: one may be the beginning of another.
  const told = written
    .toSorted((a, b) => b.length - a.length)
    .reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
  return roleAllows(role, 'operator') ? told : redactText(told);
}

const SHORTEST = 4;

function secretsOf(site: Site, declared: Host, role: Role): readonly string[] {
  if (roleAllows(role, 'admin')) return [];
  const hidden = parameterLayers(site, declared).flatMap(({ parameters, hidden: names = [] }) =>
    names.flatMap((name) => textsOf(parameters[name] ?? null)),
  );
  const host = effectiveHost(site, declared);
  const ofMachine = roleAllows(role, 'operator')
    ? []
    : [
        host.root_pass,
        host.otp,
        host.token?.value,
        ...textsOf(site.get('settings', 'root_pass')?.value ?? null),
      ];
  return [...hidden, ...ofMachine].filter(
    (text) => text !== undefined && text.length >= SHORTEST,
  ) as string[];
}

/** All texts and numbers in a value. */
function textsOf(value: Json): readonly string[] {
  if (typeof value === 'string') return [value, ...value.split('\n')];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value as Readonly<Record<string, Json>>).flatMap(textsOf);
}

function forms(secret: string): readonly string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret, 'utf16le').toString('base64'),
  ];
}
