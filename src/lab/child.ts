/** A child process with a lifetime: read by lines, stopped politely first, and never outliving its parent. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { ChainbootError } from '../errors.ts';
import { onCrash } from './rescue.ts';

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type ChildOptions = {
  /** Raw text as it arrives, pieces of lines included. */
  readonly onText?: (text: string) => void;
  /** Whole lines of standard output. */
  readonly onLine?: (line: string) => void;
  /** Whole lines of standard error. */
  readonly onErrorLine?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
};

/** util-linux: makes the kernel kill the child when its parent dies, however it dies. */
const SETPRIV = '/usr/bin/setpriv';
const GRACE_MS = 4000;
const DRAIN_MS = 500;

export type Child = {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Asks with SIGTERM, insists with SIGKILL; resolves once it is gone. */
  stop(): Promise<Exit>;
};

/**
 * Starts a program in a session of its own, so that Ctrl-C in the terminal reaches only us and everything is
 * taken down in order.
 * @throws ChainbootError LAB_COMMAND when it cannot be started.
 */
export async function startChild(command: readonly string[], options: ChildOptions = {}): Promise<Child> {
  const [file, ...args] = bound(command);
  const child = spawn(file!, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: options.env ?? process.env,
  });
  await spawned(child, command);
  const pid = child.pid!;
  const forget = onCrash(() => process.kill(pid, 'SIGKILL'));
  if (options.onText !== undefined) readText(child.stdout!, options.onText);
  readLines(child.stdout!, options.onLine ?? ignore);
  readLines(child.stderr!, options.onErrorLine ?? ignore);
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  child.once('exit', () => {
    forget();
    // A grandchild may hold the pipes open; what the child itself said has been read by then.
    setTimeout(closePipes, DRAIN_MS, child).unref();
  });
  return { pid, exited, stop: () => stop(child, exited) };
}

function bound(command: readonly string[]): readonly string[] {
  return existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--', ...command] : command;
}

function spawned(child: ChildProcess, command: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(new ChainbootError('LAB_COMMAND', { command: command.join(' '), reason: error.message }));
    });
  });
}

async function stop(child: ChildProcess, exited: Promise<Exit>): Promise<Exit> {
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  try {
    return await exited;
  } finally {
    clearTimeout(insist);
  }
}

function closePipes(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function ignore(): void {}

function readText(stream: NodeJS.ReadableStream, onText: (text: string) => void): void {
  const decoder = new StringDecoder('utf8');
  stream.on('data', (chunk: Buffer) => onText(decoder.write(chunk)));
}

function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  readText(stream, (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
