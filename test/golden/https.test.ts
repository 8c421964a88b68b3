/** Whoever asks over HTTPS is led nowhere over HTTP: the shipped templates for the golden hosts, by another base. */

import { expect, it } from 'vitest';
import { render } from '../../src/template/render.ts';
import { scopeOf } from '../../src/template/scope.ts';
import { cases, library, scopeFor, site } from './cases.ts';

const BASE = 'https://192.0.2.1:8443';
const ROOT = '-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n';

it.each(cases.map((each) => [each.file, each] as const))('%s', (_file, each) => {
  const { kind, base, mac } = scopeFor(each);
  const { host } = each;
  const scope = scopeOf({
    site,
    kind,
    base: BASE,
    root: ROOT,
    now: 0,
    ...(mac && { mac }),
    ...(host && { host }),
  });
  const result = render({ template: each.template.name, scope }, library);
  if (!result.ok) throw new Error(`${result.error.template}:${result.error.line}: ${result.error.message}`);
  expect(result.text).not.toContain(base.replace('http://', ''));
  expect(result.text).not.toMatch(/http(:\/\/|,|\\?:\\?\/\\?\/|%3A%2F%2F)192\.0\.2\.1/);
  // The snippet that reports `built`, where it is not wrapped.
  if (result.text.includes('# The wget of BusyBox has few options.'))
    expect(result.text).toMatch(/'MIID'.*> \/tmp\/chainboot-ca\.crt\n[\s\S]*--cacert/);
  if (rendersUrls(each)) expect(result.text).toMatch(/https(:\/\/|,)192\.0\.2\.1:8443/);
});

/** Whether it has URLs of ours at all: then by HTTP, too. */
function rendersUrls(each: (typeof cases)[number]): boolean {
  const result = render({ template: each.template.name, scope: scopeFor(each) }, library);
  return result.ok && result.text.includes(scopeFor(each).base);
}
