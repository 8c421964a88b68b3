/** Runs the built program's demo as a user would, and looks for what it may have left behind. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LabEvent } from '../../src/lab/events.ts';
import { whatIsMissing } from '../../src/lab/needs.ts';
import { namespacesOf } from '../../src/lab/netns.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export type DemoRun = {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly events: readonly LabEvent[];
  /** Resolves with the first event that matches; rejects when the demo ends without one. */
  until(matches: (event: LabEvent) => boolean): Promise<LabEvent>;
  /** Exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** What was printed, for the message of a failing test. */
  text(): string;
};

/** Why the demo of a kind cannot run here; undefined when it can. */
export function whyNot(kind: 'machine' | 'virtual'): string | undefined {
  if (!existsSync(PROGRAM)) return 'dist/main.js is missing: npm run build';
  return kind === 'machine' ? whatIsMissing(process.env.PATH) : undefined;
}

export function startDemo(kind: 'machine' | 'virtual'): DemoRun {
  const child = spawn(process.execPath, [PROGRAM, 'demo', '--json'], {
    env: { ...process.env, CHAINBOOT_DEMO: kind },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: LabEvent[] = [];
  const said: string[] = [];
  const waiters = new Set<() => void>();
  createInterface(child.stdout!).on('line', (line) => {
    said.push(line);
    events.push(JSON.parse(line));
    for (const waiter of waiters) waiter();
  });
  createInterface(child.stderr!).on('line', (line) => said.push(line));
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  const text = () => said.slice(-60).join('\n');
  return { pid: child.pid!, child, events, ended, text, until };

  function until(matches: (event: LabEvent) => boolean): Promise<LabEvent> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = events.find(matches);
        if (found !== undefined) resolve(found);
      };
      waiters.add(look);
      look();
      void ended.then(() => reject(new Error(`the demo ended too early:\n${text()}`)));
    });
  }
}

export function milestones(run: DemoRun): readonly string[] {
  return run.events.flatMap((event) => (event.kind === 'milestone' ? [event.milestone] : []));
}

/** Namespaces, directories and processes of the demo with this process id. */
export function leftovers(pid: number): readonly string[] {
  const directories = readdirSync(tmpdir()).filter((name) => name.startsWith(`chainboot-lab-${pid}-`));
  return [...namespacesOf(pid), ...directories, ...processesOf(pid)];
}

/** Its servers and machines are told apart by the directory they were given. */
function processesOf(pid: number): readonly string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === pid) return false;
    try {
      return readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(`/chainboot-lab-${pid}-`);
    } catch {
      return false; // ended while we looked
    }
  });
}
