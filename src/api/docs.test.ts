import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CATALOGUE } from '../errors.ts';
import { ROLES } from '../inventory/types.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './resources/all.ts';

const DOCS = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
/** Below where a resource is: of the five that every client knows. */
const FORMS: Readonly<Record<string, string>> = {
  index: 'GET ',
  show: 'GET /:id',
  create: 'POST ',
  update: 'PUT /:id',
  destroy: 'DELETE /:id',
};

/** `/hosts/:host_id/interfaces` → `/hosts/:host_id`; empty where it is below `/api`, undefined where it is elsewhere. */
function parentOf(path: string, resource: string): string | undefined {
  return new RegExp(`^(.*)/${resource}(?=/|$)`).exec(path)?.[1];
}

/** The five by their names where they are at their usual place, the others by method and path. */
function called({ resource, action, method, paths: [path = ''] }: Operation): string {
  const parent = parentOf(path, resource);
  const form = parent === undefined ? undefined : `${method} ${path.slice(`${parent}/${resource}`.length)}`;
  return form !== undefined && form === FORMS[action] ? action : `\`${method} ${path}\``;
}

/** With where it is, unless that is below `/api`. */
function headOf(resource: string): string {
  const own = OPERATIONS.filter((one) => one.resource === resource && Object.hasOwn(FORMS, one.action));
  const parents = new Set(own.flatMap(({ paths }) => paths.map((path) => parentOf(path, resource) ?? '')));
  if (parents.has('') || parents.size === 0) return resource;
  return `${resource}, below ${[...parents].map((parent) => `\`${parent}\``).join(', ')}`;
}

/** Of one resource, what each role may call besides what those below it may. */
function row(resource: string): string {
  const cells = (['public', ...ROLES] as const).map((role) =>
    OPERATIONS.filter((one) => one.resource === resource && one.role === role)
      .map(called)
      .join(', '),
  );
  const [free, viewer, operator, admin] = cells as [string, string, string, string];
  const all = [...(free === '' ? [] : [`${free} (no login)`]), ...(viewer === '' ? [] : [viewer])].join(', ');
  return `| ${headOf(resource)} | ${all} | ${operator} | ${admin} |`;
}

it('docs/api.md has every operation with the role it needs', () => {
  const resources = [...new Set(OPERATIONS.map(({ resource }) => resource))].toSorted();
  const table = ['| resource | viewer | operator | admin |', '|---|---|---|---|', ...resources.map(row)];
  const [, found] = /<!-- operations -->\n([\s\S]*?)<!-- \/operations -->/.exec(DOCS) ?? [];
  // When it differs: what is expected here is what stands there between the two marks.
  expect(found).toBe(`${table.join('\n')}\n`);
});

it('docs/api.md names codes that there are, with their statuses', () => {
  const rows = [...DOCS.matchAll(/^\| (\d{3}) \| ([^|]+) \|/gm)];
  expect(rows.length).toBeGreaterThan(8);
  for (const [, status, codes] of rows)
    for (const [, code] of codes!.matchAll(/`(\w+)`/g))
      expect([code, CATALOGUE[code as keyof typeof CATALOGUE]?.status]).toEqual([code, Number(status)]);
});
