/** Milestones by what they are recognised by. */

import type { Step } from '../boot/step.ts';
import type { Milestone } from './story.ts';

/** A line on the console contains `part`. */
export function onConsole(name: string, part: string): Milestone {
  return { name, matches: (event) => event.kind === 'machine' && event.text.includes(part) };
}

/** The server recorded such an answer. */
export function onStep(name: string, matches: (step: Step) => boolean): Milestone {
  return { name, matches: (event) => event.kind === 'step' && matches(event.step) };
}

/** A whole file whose name ends like this went out over HTTP. */
export function onFile(name: string, ending: string): Milestone {
  return onStep(name, (step) => step.kind === 'http.file' && (step.what ?? '').endsWith(ending));
}

export const POWER_OFF: Milestone = {
  name: 'power-off',
  matches: (event) => event.kind === 'power' && !event.on,
};
