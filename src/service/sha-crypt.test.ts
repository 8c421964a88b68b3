import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shaCrypt } from './sha-crypt.ts';

/** `openssl passwd` speaks for crypt(3). */
it.each([
  ['$6$', '-6', 'Hello world!', 'saltstring'],
  ['$5$', '-5', 'Hello world!', 'saltstring'],
  ['$6$', '-6', 'a', 'x'],
  [
    '$5$',
    '-5',
    'a very much longer text to encrypt.  This one even stretches over morethan one line.',
    'anotherlongsaltstring',
  ],
  [
    '$6$',
    '-6',
    'we have a short salt string but not a short password, which goes on and on and on',
    'toolongsaltstring',
  ],
  ['$6$', '-6', 'Grüße', 'roundsMatter'],
] as const)('%s of "%s" is what openssl makes of it', (scheme, flag, password, salt) => {
  const expected = execFileSync('openssl', ['passwd', flag, '-salt', salt.slice(0, 16), '-stdin'], {
    input: password,
    encoding: 'utf8',
  });
  expect(shaCrypt(password, scheme, salt)).toBe(expected.trim());
});

it('takes a salt of its own each time', () => {
  expect(shaCrypt('x', '$6$')).toMatch(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/);
  expect(shaCrypt('x', '$6$')).not.toBe(shaCrypt('x', '$6$'));
});
