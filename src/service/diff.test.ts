import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { unifiedDiff } from './diff.ts';

const directory = mkdtempSync(join(tmpdir(), 'chainboot-diff-'));
afterAll(() => rmSync(directory, { recursive: true }));

const diff = (a: string, b: string) => unifiedDiff({ name: 'a', text: a }, { name: 'b', text: b });

/** What `diff -u` says, without its second name lines. */
function gnuDiff(a: string, b: string): string {
  writeFileSync(join(directory, 'a'), a);
  writeFileSync(join(directory, 'b'), b);
  try {
    return execFileSync('diff', ['-u', '--label', 'a', '--label', 'b', 'a', 'b'], {
      cwd: directory,
      encoding: 'utf8',
    });
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

/** The text that a difference with all of its context leads to. */
function patched(a: string, patch: string): string {
  const before = a.match(/[^\n]*\n/g) ?? [];
  const out: string[] = [];
  let at = 0;
  for (const hunk of patch.split(/^(?=@@ )/m).slice(1)) {
    const [, start, count] = /^@@ -(\d+)(?:,(\d+))?/.exec(hunk)!;
    const first = Number(start) - (count === '0' ? 0 : 1);
    out.push(...before.slice(at, first));
    at = first;
    for (const [op, ...rest] of hunk.match(/[^\n]*\n/g)!.slice(1)) {
      if (op !== '+') expect(before[at++]).toBe(rest.join(''));
      if (op !== '-') out.push(rest.join(''));
    }
  }
  return [...out, ...before.slice(at)].join('');
}

describe('unifiedDiff', () => {
  const lines = (count: number, change: (line: string, i: number) => string | undefined = (line) => line) =>
    Array.from({ length: count }, (_, i) => change(`line ${i}`, i))
      .flatMap((line) => line ?? [])
      .map((line) => `${line}\n`)
      .join('');

  it.each([
    ['equal texts', 'a\nb\n', 'a\nb\n'],
    ['a changed line', lines(20), lines(20, (line, i) => (i === 10 ? 'other' : line))],
    ['changes far apart', lines(40), lines(40, (line, i) => (i % 20 === 5 ? undefined : line))],
    [
      'changes that share their context',
      lines(20),
      lines(20, (line, i) => (i === 5 || i === 11 ? 'x' : line)),
    ],
    ['lines at the start and the end', lines(9), `first\n${lines(9)}last\n`],
    ['no line end', 'a\nb', 'a\nb\n'],
    ['from nothing', '', 'a\nb\n'],
    ['to nothing', 'a\n', ''],
  ])('says what diff says: %s', (_, a, b) => {
    expect(diff(a, b)).toBe(gnuDiff(a, b));
  });

  it('is as short as can be and leads from one text to the other', () => {
    const text = fc
      .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { minLength: 1, maxLength: 12 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (a, b) => {
        if (a === b) return;
        const ours = diff(a, b);
        const changes = (patch: string) =>
          patch
            .split('\n')
            .slice(2)
            .filter((line) => /^[-+]/.test(line)).length;
        expect(changes(ours)).toBeLessThanOrEqual(changes(gnuDiff(a, b)));
        expect(patched(a, ours)).toBe(b);
      }),
      { numRuns: 40 },
    );
  });

  it('shows texts that have nothing in common as replaced, soon', () => {
    const other = lines(5000, (line) => `other ${line}`);
    const found = diff(lines(5000), other);
    expect(found.split('\n').filter((line) => line.startsWith('-line'))).toHaveLength(5000);
  });
});
