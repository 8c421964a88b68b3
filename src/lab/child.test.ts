import { describe, expect, it } from 'vitest';
import { startChild } from './child.ts';

describe('child', () => {
  it('is read by lines, the unfinished last one included', async () => {
    const out: string[] = [];
    const err: string[] = [];
    const child = await startChild(['sh', '-c', 'printf "a\\nb"; printf "c\\n" >&2; exit 3'], {
      onLine: (line) => out.push(line),
      onErrorLine: (line) => err.push(line),
    });
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect([out, err]).toEqual([['a', 'b'], ['c']]);
  });

  it('stops when asked', async () => {
    const child = await startChild(['sleep', '60']);
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('is not held back by a grandchild that keeps the pipes open', async () => {
    const child = await startChild(['sh', '-c', 'sleep 5 & echo started']);
    const started = Date.now();
    await child.exited;
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  it('reports a program that cannot be started', async () => {
    // Under setpriv the program itself starts and its child does not: either way it is told.
    const said: string[] = [];
    const starting = startChild(['/nonexistent/program'], { onErrorLine: (line) => said.push(line) });
    const outcome = await starting.then(
      (child) => child.exited.then(({ code }) => ({ code })),
      (error: { code: string }) => ({ code: error.code }),
    );
    expect(outcome.code === 'LAB_COMMAND' || (outcome.code !== 0 && said.length > 0)).toBe(true);
  });
});
