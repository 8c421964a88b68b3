/** Passwords on the command line: from a prompt without echo, a file, or standard input; never an argument. */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { ChainbootError, reasonOf } from '../errors.ts';
import { requirePassword } from '../service/auth/passwords.ts';

/** `file` `-` is standard input. Rejects with PASSWORD_UNUSABLE or CONFIG_UNREADABLE. */
export async function readPassword(file: string | undefined): Promise<string> {
  return requirePassword(file === undefined ? await askTwice() : firstLine(readText(file)));
}

/** Of somebody else's server, which has its own rules. Rejects with PASSWORD_UNUSABLE or CONFIG_UNREADABLE. */
export async function readForeignPassword(file: string | undefined): Promise<string> {
  return file === undefined ? prompted((typed) => ask(typed, 'Password: ')) : firstLine(readText(file));
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0]!;
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new ChainbootError('CONFIG_UNREADABLE', { file, reason: reasonOf(error) }, [], error);
  }
}

function askTwice(): Promise<string> {
  return prompted(async (typed) => {
    const first = await ask(typed, 'Password: ');
    if ((await ask(typed, 'Once more: ')) === first) return first;
    throw new ChainbootError('PASSWORD_UNUSABLE', { reason: 'the two were not the same' });
  });
}

async function prompted(work: (typed: AsyncIterator<string, unknown>) => Promise<string>): Promise<string> {
  if (process.stdin.isTTY !== true)
    throw new ChainbootError('PASSWORD_UNUSABLE', { reason: 'there is no terminal to ask at' });
  // Swallows what readline would echo.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  lines.once('SIGINT', () => lines.close());
  try {
    return await work(lines[Symbol.asyncIterator]());
  } finally {
    lines.close();
  }
}

async function ask(typed: AsyncIterator<string, unknown>, prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const { value, done } = await typed.next();
  process.stderr.write('\n');
  if (done) throw new ChainbootError('PASSWORD_UNUSABLE', { reason: 'none was given' });
  return value;
}
