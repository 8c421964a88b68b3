/** Every shipped template and partition table, through `template lint` for the hosts of site.ts. */

import { beforeAll, describe, expect, it } from 'vitest';
import { copyOf } from '../../src/inventory/site.ts';
import { allTargets } from '../../src/service/lint/audience.ts';
import { type LintReport, lint } from '../../src/service/lint/lint.ts';
import { shellChecker } from '../../src/service/lint/shell-check.ts';
import { type RenderRequest, render } from '../../src/template/render.ts';
import { site as golden, library, templates } from './cases.ts';

describe('lint of the shipped templates', () => {
  const site = copyOf(golden);
  for (const template of templates) site.put('provisioning_templates', template);
  const pool = { render: async (request: RenderRequest) => render(request, library) };
  let report: LintReport;

  beforeAll(async () => {
    const deps = { site, pool, shell: shellChecker(), base: 'http://192.0.2.1:8080', now: 0 };
    report = await lint(deps, allTargets(site));
  }, 60_000);

  it('finds nothing', () => {
    const said = report.findings.map(
      ({ template, line, column, severity, message, hosts, rendered }) =>
        `${template}:${line}:${column}: ${severity}: ${message} (${hosts?.first}: ${rendered})`,
    );
    expect(said).toEqual([]);
  });

  it('renders for many hosts', () => {
    expect(report.renderings).toBeGreaterThan(50);
  });
});
