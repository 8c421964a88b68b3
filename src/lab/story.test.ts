import { describe, expect, it } from 'vitest';
import { ChainbootError } from '../errors.ts';
import type { LabEvent } from './events.ts';
import { Story } from './story.ts';

const says = (text: string): LabEvent => ({ kind: 'machine', at: text.length, text });
const hears = (name: string) => ({
  name,
  matches: (event: LabEvent) => event.kind === 'machine' && event.text === name,
});

describe('story', () => {
  it('reaches milestones in the order they are waited for, whichever order they come in', async () => {
    const told: LabEvent[] = [];
    const story = new Story((event) => told.push(event));
    story.feed(says('kernel'));
    story.feed(says('rom'));
    await story.until(hears('rom'), 1);
    await story.until(hears('kernel'), 1);
    expect(story.reached).toEqual([
      { name: 'rom', at: 3 },
      { name: 'kernel', at: 6 },
    ]);
    expect(told.map((event) => event.kind)).toEqual(['machine', 'machine', 'milestone', 'milestone']);
  });

  it('proves nothing twice with the same event, nor with one of the page before', async () => {
    const story = new Story(() => {});
    story.feed(says('rom'));
    await story.until(hears('rom'), 1);
    await expect(story.until(hears('rom'), 0.01)).rejects.toMatchObject({ code: 'LAB_STUCK' });
    story.feed(says('rom'));
    story.turnPage();
    await expect(story.until(hears('rom'), 0.01)).rejects.toMatchObject({
      code: 'LAB_STUCK',
      values: { last: 'rom', milestone: 'rom' },
    });
  });

  it('stops waiting when it is broken, and stays broken', async () => {
    const story = new Story(() => {});
    const error = new ChainbootError('LAB_ENDED', { what: 'the server' });
    const waiting = story.until(hears('rom'), 5);
    story.break(error);
    await expect(waiting).rejects.toBe(error);
    await expect(story.until(hears('rom'), 5)).rejects.toBe(error);
  });
});
