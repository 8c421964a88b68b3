import { expect, it } from 'vitest';
import { progressOn } from './progress.ts';

function shownOn(isTTY: boolean, times: readonly number[]): string {
  let written = '';
  let now = 0;
  const stream = { isTTY, write: (text: string) => (written += text) } as unknown as NodeJS.WriteStream;
  const progress = progressOn(stream, 'things', () => now);
  times.forEach((time, i) => {
    now = time;
    progress.show(i + 1, times.length);
  });
  progress.end();
  return written;
}

it('shows how far it is on a terminal, when it takes a while, and takes the line away', () => {
  expect(shownOn(true, [100, 600, 610, 720])).toBe(
    `\r[${'#'.repeat(15)}${' '.repeat(15)}] 2 of 4 things\r[${'#'.repeat(30)}] 4 of 4 things\r\u001b[K`,
  );
});

it('shows nothing of what is over soon, nor where nobody looks', () => {
  expect(shownOn(true, [1, 2, 3])).toBe('');
  expect(shownOn(false, [1000, 2000])).toBe('');
});
