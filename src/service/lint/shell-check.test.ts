import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shellChecker } from './shell-check.ts';

const check = shellChecker();
const sh = (text: string) => check({ shell: 'sh', text, offset: 10 });

describe('reading scripts with a shell', () => {
  it('finds the line of a fault and runs nothing', async () => {
    expect(await sh('echo a\nif true; then\n  echo b\n')).toMatchObject([{ severity: 'error' }]);
    const marker = `/tmp/chainboot-shell-check-${process.pid}`;
    expect(await sh(`echo a\ntouch ${marker}\n`)).toEqual([]);
    expect(existsSync(marker)).toBe(false);
    const [finding] = (await sh('one\nfi\n')) as readonly { readonly offset: number }[];
    expect(finding!.offset).toBe(14);
  });

  it('reads bash with bash', async (ctx) => {
    const text = 'a=(1 2)\nif [[ -n $a ]]; then echo <(true); fi\n';
    const said = await check({ shell: 'bash', text, offset: 0 });
    if (said === 'unavailable') return ctx.skip('needs bash (Debian package bash)');
    expect(said).toEqual([]);
  });

  it('answers many at once, the same ones only once, and long ones', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => sh(i % 2 === 0 ? 'fi\n' : 'true\n')),
    );
    expect(answers.map((answer) => answer.length)).toEqual(answers.map((_, i) => (i % 2 === 0 ? 1 : 0)));
    expect(await sh('true\n'.repeat(50_000))).toEqual([]);
    expect(await sh(`fi\n${'true\n'.repeat(50_000)}`)).toHaveLength(1);
  });

  it('does not wait for ever', async () => {
    const impatient = shellChecker({ timeoutMs: 1 });
    const said = await impatient({ shell: 'sh', text: 'true\n'.repeat(200_000), offset: 0 });
    expect(said).toMatchObject([{ message: 'sh cannot read this: it takes too long' }]);
  });
});
