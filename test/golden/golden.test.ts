/**
 * Every shipped template, rendered for the hosts of site.ts, against what is kept in rendered/. After a change
 * that is meant: UPDATE_GOLDEN=1 npx vitest run test/golden, and read the difference before committing it.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { osOf } from '../../src/inventory/association.ts';
import { type Host, osTitle, type ProvisioningTemplate } from '../../src/inventory/types.ts';
import { checkTemplate, loadShippedTemplates } from '../../src/template/library.ts';
import { render } from '../../src/template/render.ts';
import { scopeOf } from '../../src/template/scope.ts';
import { goldenSite } from './site.ts';

const RENDERED = new URL('./rendered/', import.meta.url);
const UPDATE = process.env.UPDATE_GOLDEN === '1';

const templates = loadShippedTemplates(new URL('../../templates/', import.meta.url));
const library = new Map(templates.map(({ name, template }) => [name, template]));
const site = goldenSite();

function suits(template: ProvisioningTemplate, host: Host): boolean {
  const os = osOf(site, host)!;
  return (template.oses ?? []).some((prefix) => osTitle(os).startsWith(prefix));
}

type Case = {
  readonly file: string;
  readonly template: ProvisioningTemplate;
  readonly host: Host | undefined;
};

/** Templates for an operating system: for its hosts. The others: for a machine nobody knows, and one host. */
const cases: readonly Case[] = templates
  .filter(({ kind }) => kind !== 'snippet')
  .flatMap((template) => {
    const fitting = site.list('hosts').filter((host) => suits(template, host));
    const hosts = fitting.length > 0 ? fitting : [undefined, site.list('hosts')[0]!];
    return hosts.map((host) => ({
      file: `${template.name}, ${host?.name.split('.')[0] ?? 'unknown'}`
        .replaceAll(' ', '_')
        .replace(',', ''),
      template,
      host,
    }));
  });

function rendered({ template, host }: Case): string {
  const scope = scopeOf({
    site,
    kind: template.kind,
    base: 'http://192.0.2.1:8080',
    now: 0,
    ...(host && { host, mac: host.interfaces[0]!.mac! }),
  });
  const result = render({ template: template.name, scope }, library);
  if (!result.ok) throw new Error(`${result.error.template}:${result.error.line}: ${result.error.message}`);
  return result.text;
}

describe('shipped templates', () => {
  it.each(cases.map((each) => [each.file, each] as const))('%s', (file, each) => {
    const kept = new URL(encodeURIComponent(file), RENDERED);
    const text = rendered(each);
    if (UPDATE) {
      mkdirSync(RENDERED, { recursive: true });
      writeFileSync(kept, text);
    }
    expect(existsSync(kept), `${file} is not kept yet: run with UPDATE_GOLDEN=1`).toBe(true);
    expect(text).toBe(readFileSync(kept, 'utf8'));
  });

  it('keeps nothing that is no longer rendered', () => {
    const known = new Set(cases.map(({ file }) => encodeURIComponent(file)));
    const stale = readdirSync(RENDERED).filter((file) => !known.has(file));
    if (UPDATE) for (const file of stale) rmSync(new URL(file, RENDERED));
    expect(UPDATE ? [] : stale).toEqual([]);
  });

  it.each(templates.map(({ name, template }) => [name, template] as const))(
    '%s passes the check',
    (_, text) => {
      expect(checkTemplate(text)).toEqual([]);
    },
  );

  it('starts every iPXE script with its magic line and sleeps nowhere', () => {
    for (const each of cases.filter(({ template }) => template.kind === 'iPXE')) {
      expect(rendered(each)).toMatch(/^#!ipxe\n/);
      expect(rendered(each)).not.toMatch(/^\s*sleep\b/m);
    }
  });
});
