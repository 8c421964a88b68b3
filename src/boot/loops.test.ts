import { describe, expect, it } from 'vitest';
import { LOOP_COUNT, LOOP_WINDOW_MS, LoopCounter } from './loops.ts';

const MAC = '52:54:00:77:00:10';

/** One round of a loop each 20 s, each with a new transaction. */
function rounds(loops: LoopCounter, count: number, file = 'undionly.kpxe'): number {
  for (let i = 0; i < count; i++) loops.handedOut(MAC, file, i, i * 20_000);
  return count * 20_000;
}

describe('loop counter', () => {
  it('stops a loader after five rounds without a script', () => {
    const loops = new LoopCounter();
    const now = rounds(loops, LOOP_COUNT);
    expect(loops.isLooping(MAC, 'undionly.kpxe', now)).toBe(true);
    expect(loops.isLooping(MAC, 'ipxe.efi', now)).toBe(false);
    expect(loops.isLooping('52:54:00:77:00:11', 'undionly.kpxe', now)).toBe(false);
  });

  it('lets four rounds pass', () => {
    const loops = new LoopCounter();
    expect(loops.isLooping(MAC, 'undionly.kpxe', rounds(loops, LOOP_COUNT - 1))).toBe(false);
  });

  it('starts anew once the window is over', () => {
    const loops = new LoopCounter();
    rounds(loops, LOOP_COUNT);
    expect(loops.isLooping(MAC, 'undionly.kpxe', LOOP_WINDOW_MS)).toBe(false);
  });

  it('forgets a machine that asked for a script', () => {
    const loops = new LoopCounter();
    const now = rounds(loops, LOOP_COUNT);
    loops.reachedScript(MAC);
    expect(loops.isLooping(MAC, 'undionly.kpxe', now)).toBe(false);
  });

  it('counts a retransmission once, but a ROM that never changes its xid each time', () => {
    const loops = new LoopCounter();
    for (let i = 0; i < 20; i++) loops.handedOut(MAC, 'a', 7, i * 100);
    expect(loops.isLooping(MAC, 'a', 2000)).toBe(false);
    for (let i = 1; i < LOOP_COUNT; i++) loops.handedOut(MAC, 'a', 7, i * 20_000);
    expect(loops.isLooping(MAC, 'a', LOOP_COUNT * 20_000)).toBe(true);
  });

  it('keeps counting in a storm of other machines', () => {
    const loops = new LoopCounter();
    rounds(loops, LOOP_COUNT);
    for (let i = 0; i < 10_000; i++) loops.handedOut(`mac ${i}`, 'a', i, 90_000);
    expect(loops.isLooping(MAC, 'undionly.kpxe', 100_000)).toBe(true);
  });
});
