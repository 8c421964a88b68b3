/**
 * Every shipped template, rendered for the hosts of site.ts, against what is kept in rendered/. After a change
 * that is meant: UPDATE_GOLDEN=1 npx vitest run test/golden (-t 'part of a name' for some of them), and read the difference before committing it.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkTemplate } from '../../src/template/library.ts';
import { cases, rendered, templates } from './cases.ts';

const RENDERED = new URL('./rendered/', import.meta.url);
const UPDATE = process.env.UPDATE_GOLDEN === '1';

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
