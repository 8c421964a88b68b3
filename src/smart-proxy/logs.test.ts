import { expect, it } from 'vitest';
import { LogRing } from './logs.ts';

it('keeps the last lines, and errors longer, as far as the level goes', () => {
  let now = 0;
  const ring = new LogRing(() => ++now * 1000);
  const written: string[] = [];
  const log = ring.around(
    (_level, message) => written.push(message),
    () => 'info',
  );
  log('debug', 'nobody looks');
  log('error', 'first', { stack: 'at x', request: 'r-1' });
  for (let i = 0; i < 2500; i++) log('info', `line ${i}`);
  const lines = ring.list(0);
  expect([written.length, lines.length]).toEqual([2502, 2001]);
  expect(lines[0]).toMatchObject({ level: 'ERROR', message: 'first', backtrace: 'at x', request_id: 'r-1' });
  expect([lines[1]!.message, lines.at(-1)!.message]).toEqual(['line 500', 'line 2499']);
  expect(ring.list(lines.at(-1)!.timestamp).map(({ message }) => message)).toEqual(['line 2499']);
});

it('keeps no secrets', () => {
  const ring = new LogRing(() => 0);
  const log = ring.around(
    () => {},
    () => 'debug',
  );
  log('info', 'asked /x?token=abcdefgh', { password: 'hunter2', url: 'http://a:b@host/' });
  expect(JSON.stringify(ring.list(0))).not.toMatch(/abcdefgh|hunter2|a:b@/);
});
