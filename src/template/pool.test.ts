import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RenderPool } from './pool.ts';
import type { RenderRequest } from './render.ts';

const BUILT = existsSync(new URL('../../dist/template/worker.js', import.meta.url));

const scope = { kind: 'provision', base: 'http://192.0.2.1', now: 0, parameters: {}, settings: {} } as const;
const request = (text: string): RenderRequest => ({ template: 'main', text, scope });

describe.skipIf(!BUILT)('render pool (needs a build: npx tsc -p tsconfig.build.json)', () => {
  let pool: RenderPool;

  beforeAll(async () => {
    pool = new RenderPool({ workers: 2, timeoutMs: 400 });
    pool.setLibrary([
      { name: 'main', kind: 'provision', template: "<%= snippet('part', variables: { x: 1 }) %>!" },
      { name: 'part', kind: 'snippet', template: 'x is <%= @x %>' },
    ]);
    await pool.warm();
  });

  afterAll(() => pool.close());

  it('renders from its library, snippets included', async () => {
    const result = await pool.render({ template: 'main', scope });
    expect(result).toMatchObject({ ok: true, text: 'x is 1!' });
  });

  it('renders a text that is not in the library', async () => {
    expect(await pool.render(request("<%= 1 + 1 %> <%= snippet('part') %>"))).toMatchObject({
      ok: true,
      text: '2 x is ',
    });
  });

  it('answers every one of many', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) => pool.render(request(`<%= ${i} %>`))),
    );
    expect(results.map((result) => result.ok && result.text)).toEqual(
      Array.from({ length: 50 }, (_, i) => String(i)),
    );
  });

  it('takes a new library at once', async () => {
    pool.setLibrary([{ name: 'main', kind: 'provision', template: 'new' }]);
    expect(await pool.render({ template: 'main', scope })).toMatchObject({ ok: true, text: 'new' });
    expect(await pool.render({ template: 'part', scope })).toMatchObject({
      ok: false,
      error: { template: 'part' },
    });
  });

  it('loses only the thread to a regular expression that never ends', async () => {
    const bomb = pool.render(request(`<%= ("a" * 40 + "!").match?(/^(a+)+$/) %>`));
    const others = await Promise.all([pool.render(request('one')), pool.render(request('two'))]);
    expect(others.map((result) => result.ok && result.text)).toEqual(['one', 'two']);
    expect(await bomb).toMatchObject({
      ok: false,
      error: { message: 'the template ran longer than 0.4 seconds' },
    });
    expect(await pool.render(request('three'))).toMatchObject({ ok: true, text: 'three' });
  });

  it('lets nobody wait behind a render that never ends while another thread is free', async () => {
    const own = new RenderPool({ workers: 2, timeoutMs: 3000 });
    await own.warm();
    let ended = false;
    const bomb = own.render(request(`<%= ("a" * 40 + "!").match?(/^(a+)+$/) %>`)).then(() => {
      ended = true;
    });
    const others = Array.from({ length: 12 }, (_, i) => own.render(request(`${i}`)));
    const results = await Promise.all(others);
    expect(results.map((result) => result.ok && result.text)).toEqual(others.map((_, i) => String(i)));
    expect(ended).toBe(false);
    await own.close();
    await bomb;
  });

  it('says which line of which snippet a killed render had come to, and who called it', async () => {
    const own = new RenderPool({ workers: 1, timeoutMs: 300 });
    own.setLibrary([
      { name: 'other', kind: 'snippet', template: 'other' },
      { name: 'outer', kind: 'provision', template: "a\nb <%= snippet 'other' %>\n<%= snippet 'bomb' %>" },
      {
        name: 'bomb',
        kind: 'snippet',
        template: `x\r\n<% s = 'a' * 40 + '!' %>\r\n é <%= s.match?(/^(a+)+$/) %>`,
      },
    ]);
    const result = await own.render({ template: 'outer', scope });
    expect(result).toMatchObject({
      ok: false,
      error: { template: 'bomb', line: 3, column: 10, callers: [{ template: 'outer', line: 3 }] },
    });
    expect(!result.ok && result.error.excerpt).toContain('> 3 |  é <%= s.match?');
    const text = "one\n<%= host_param('p') %>";
    const parameters = { p: "<%= ('a' * 40 + '!').match?(/^(a+)+$/) %>" };
    const called = await own.render({ template: 'preview', text, scope: { ...scope, parameters } });
    expect(called).toMatchObject({ ok: false, error: { template: 'preview', line: 2, callers: [] } });
    await own.close();
  });

  it('says where a render was that took all the memory of its thread', async () => {
    const own = new RenderPool({ workers: 1, memoryMb: 16, maxBytes: 2 ** 31, timeoutMs: 5000 });
    const text = 'one\ntwo <% a = (1..400_000).map { |i| "#{i} is a number" * 9 } %>';
    const result = await own.render(request(text));
    expect(result).toMatchObject({ ok: false, error: { template: 'main', line: 2 } });
    expect(!result.ok && result.error.message).toMatch(/memory/);
    expect(await own.render(request('next'))).toMatchObject({ ok: true, text: 'next' });
    await own.close();
  });

  it('answers what waits and runs when it is closed, and what comes after', async () => {
    const own = new RenderPool({ workers: 1 });
    const running = own.render(request('<% while true do end %>'));
    const waiting = own.render(request('x'));
    await own.close();
    for (const result of [await running, await waiting, await own.render(request('y'))])
      expect(result).toMatchObject({ ok: false, error: { message: 'the server is stopping' } });
  });
});
