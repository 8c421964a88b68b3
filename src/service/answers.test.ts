import { describe, expect, it } from 'vitest';
import { template } from '../../test/fixtures.ts';
import { SiteIndex } from '../inventory/site.ts';
import type { Host } from '../inventory/types.ts';
import { render } from '../template/render.ts';
import { renderFor } from './answers.ts';
import { previewText } from './preview.ts';

const TEXT = '<% log_fatal "heard" %>\n<% log_info "twice" %><%= preview? %>';
const TEMPLATE = { ...template('speaking', 'iPXE', 1), template: TEXT };
const pool = {
  render: async (request: Parameters<typeof render>[0]) => render(request, new Map([['speaking', TEXT]])),
};
const HOST: Host = {
  id: 1,
  name: 'a.lab',
  enabled: true,
  build: false,
  architecture: 'x86_64',
  parameters: {},
  interfaces: [],
};
const base = 'http://192.0.2.1';

describe('renderFor', () => {
  it('writes what templates say into the log, and tells them that a machine asks', async () => {
    const lines: unknown[] = [];
    const log = (...line: unknown[]) => void lines.push(line);
    const deps = { site: () => new SiteIndex(), pool, now: () => 0, log };
    expect(await renderFor(deps, TEMPLATE, { kind: 'iPXE', host: undefined, base })).toBe('\nfalse');
    expect(lines).toEqual([
      ['error', 'heard', { template: 'speaking', line: 1, host: undefined }],
      ['info', 'twice', { template: 'speaking', line: 2, host: undefined }],
    ]);
  });
});

describe('previewText', () => {
  it('tells templates that somebody only looks', async () => {
    const host = HOST;
    expect(await previewText({ site: new SiteIndex(), pool, base, now: () => 0 }, TEMPLATE, host)).toBe(
      '\ntrue',
    );
  });
});
