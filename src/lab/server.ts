/** The real program, started as a user would: `chainboot serve` and `chainboot apply`. */

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ChainbootError } from '../errors.ts';
import { type Child, startChild } from './child.ts';

/** This program itself, as built. */
const PROGRAM = [process.execPath, fileURLToPath(new URL('../main.js', import.meta.url))];
const START_SECONDS = 20;
const POLL_MS = 50;

export type ServerOptions = {
  /** Wraps a command so that it runs where the server belongs. */
  readonly inside: (command: readonly string[]) => readonly string[];
  readonly config: string;
  /** Every line of the server's log. */
  readonly onLog: (line: string) => void;
  /** Answers true once the server listens. */
  readonly isUp: () => boolean | Promise<boolean>;
};

/** Starts `chainboot serve`; resolves once it listens. @throws ChainbootError LAB_ENDED, LAB_STUCK, LAB_COMMAND */
export async function startServer(options: ServerOptions): Promise<Child> {
  const command = options.inside([...PROGRAM, 'serve', '--config', options.config]);
  const child = await startChild(command, { onLine: options.onLog, onErrorLine: options.onLog });
  let running = true;
  void child.exited.then(() => {
    running = false;
  });
  const deadline = Date.now() + START_SECONDS * 1000;
  while (running && Date.now() < deadline) {
    if (await options.isUp()) return child;
    await sleep(POLL_MS);
  }
  const values = { what: 'the server', milestone: 'listening', seconds: START_SECONDS, last: 'nothing yet' };
  if (!running) throw new ChainbootError('LAB_ENDED', values);
  await child.stop();
  throw new ChainbootError('LAB_STUCK', values);
}

/** Runs `chainboot apply` to its end. @throws ChainbootError LAB_COMMAND with what it said */
export async function applySite(config: string, site: string): Promise<void> {
  const said: string[] = [];
  const keep = (line: string) => said.push(line);
  const command = [...PROGRAM, 'apply', '-f', site, '--config', config];
  const child = await startChild(command, { onLine: keep, onErrorLine: keep });
  const { code } = await child.exited;
  if (code !== 0) {
    throw new ChainbootError('LAB_COMMAND', { command: 'chainboot apply', reason: said.join('\n') });
  }
}
