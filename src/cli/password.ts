/** Passwords on the command line: from a prompt without echo, a file, or standard input; never an argument. */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { ChainbootError, reasonOf } from '../errors.ts';
import { MIN_PASSWORD } from '../service/auth/passwords.ts';

/** `file` `-` is standard input. Throws PASSWORD_UNUSABLE. */
export async function readPassword(file: string | undefined): Promise<string> {
  const password = file === undefined ? await askTwice() : firstLine(readText(file));
  if (password.length < MIN_PASSWORD)
    throw new ChainbootError('PASSWORD_UNUSABLE', { reason: `it has fewer than ${MIN_PASSWORD} characters` });
  return password;
}

export function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0]!;
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new ChainbootError('CONFIG_UNREADABLE', { file, reason: reasonOf(error) }, [], error);
  }
}

async function askTwice(): Promise<string> {
  if (process.stdin.isTTY !== true)
    throw new ChainbootError('PASSWORD_UNUSABLE', { reason: 'there is no terminal to ask at' });
  const first = await ask('Password: ');
  if ((await ask('Once more: ')) !== first)
    throw new ChainbootError('PASSWORD_UNUSABLE', { reason: 'the two were not the same' });
  return first;
}

function ask(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  // Swallows what readline would echo.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    lines.question('', (answer) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer);
    });
  });
}
