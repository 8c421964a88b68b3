/** Puts events from several sources in the order in which they happened: a trace is read a moment later. */

import type { LabEvent, Tell } from './events.ts';

/** Server and follower each hold a step for about a tenth of a second. */
const HOLD_MS = 400;
const LOOK_MS = 50;

export type Ordered = {
  readonly tell: Tell;
  /** Tells what is held back at once, and holds nothing any more. */
  readonly end: () => void;
};

/** Tells each event `HOLD_MS` after it happened, so that what happened earlier can still overtake it. */
export function inOrder(tell: Tell): Ordered {
  const held: LabEvent[] = [];
  const release = (until: number) => {
    held.sort((a, b) => a.at - b.at);
    while (held.length > 0 && held[0]!.at <= until) tell(held.shift()!);
  };
  const timer = setInterval(() => release(Date.now() - HOLD_MS), LOOK_MS);
  let ended = false;
  return {
    tell: (event) => {
      held.push(event);
      if (ended) release(Number.POSITIVE_INFINITY);
    },
    end: () => {
      ended = true;
      clearInterval(timer);
      release(Number.POSITIVE_INFINITY);
    },
  };
}
