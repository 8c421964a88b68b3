import type { SeenStep, Sight } from './types.ts';

/** What steps alone show, where nothing else is known. `now`: epoch milliseconds. */
export function sightOf(steps: readonly SeenStep[], now: number): Sight {
  const mac = steps.find((step) => step.mac !== undefined)?.mac;
  return {
    steps,
    earlier: [],
    asked: mac ?? '',
    host: undefined,
    mac,
    near: [],
    neighbours: [],
    lacks: [],
    now,
  };
}
