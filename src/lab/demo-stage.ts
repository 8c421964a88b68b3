/** What a demo plays on: its story, its directory, its logs, and the list of what to undo at the end. */

import { ChainbootError } from '../errors.ts';
import type { Tell } from './events.ts';
import type { Download } from './serial.ts';
import { Story } from './story.ts';
import { makeWorkDirectory } from './workdir.ts';

/** Lines kept of each log; printed when something goes wrong. */
const KEPT = 20;

export type DemoStage = {
  readonly directory: string;
  readonly story: Story;
  /** Lines of the server's log. */
  readonly log: (line: string) => void;
  /** Lines of the machine's console. */
  readonly console: (line: string) => void;
  readonly progress: (download: Download) => void;
  /** A process that should have gone on has ended. */
  readonly ended: (what: string) => void;
  /** Undone in reverse order by `clear`. */
  readonly undo: (step: () => void | Promise<void>) => void;
  /** The newest lines of both logs. */
  readonly logs: () => readonly (readonly [title: string, lines: readonly string[]])[];
  readonly clear: () => Promise<void>;
};

export function makeStage(tell: Tell): DemoStage {
  const work = makeWorkDirectory();
  const story = new Story(tell);
  const steps: (() => void | Promise<void>)[] = [() => work.remove()];
  const server: string[] = [];
  const machine: string[] = [];
  let clearing = false;
  return {
    directory: work.path,
    story,
    log: (line) => keep(server, line),
    console: (line) => keep(machine, line),
    progress: onceEach(({ url, percent }) => tell({ kind: 'progress', at: Date.now(), url, percent })),
    ended: (what) => {
      if (clearing) return;
      const values = { what, milestone: story.awaited ?? 'the end', last: story.last };
      story.break(new ChainbootError('LAB_ENDED', values));
    },
    undo: (step) => steps.push(step),
    logs: () => [
      ['server', server],
      ['machine', machine],
    ],
    clear: async () => {
      clearing = true;
      for (const step of steps.splice(0).reverse()) await step();
    },
  };
}

function keep(lines: string[], line: string): void {
  if (line.trim() === '') return;
  lines.push(line);
  if (lines.length > KEPT) lines.shift();
}

/** A console repeats itself with every character; the same percent is told once. */
function onceEach(tell: (download: Download) => void): (download: Download) => void {
  let last = '';
  return (download) => {
    const now = `${download.url} ${download.percent}`;
    if (now === last) return;
    last = now;
    tell(download);
  };
}
