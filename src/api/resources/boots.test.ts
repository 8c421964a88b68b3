import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../../test/api-rig.ts';
import { because } from '../../boot/reason.ts';
import type { Step } from '../../boot/step.ts';
import { memoryBoots } from '../../store/memory/boots.ts';

const MAC = '52:54:00:00:00:01';
const T0 = Date.UTC(2026, 0, 2, 3, 4, 5);
const boots = memoryBoots();
const closing = new AbortController();
let rig: ApiRig;
let seq = 0;

const add = (boot: string, more: Partial<Step> = {}) =>
  boots.append([
    {
      boot,
      seq: seq++,
      step: { at: T0 + seq * 1000, kind: 'dhcp.offer', via: 'dhcp', because: because('ipxe-asks'), ...more },
    },
  ]);

beforeAll(async () => {
  rig = await apiRig({ boots, closing: closing.signal });
  await add('b1', { mac: MAC });
  await add('b1', { kind: 'http.script', host: 'web1.lab' });
  await add('b2', { mac: '52:54:00:00:00:02' });
  await add('b3', { mac: MAC, rehearsal: 'r1' });
});
afterAll(async () => {
  closing.abort();
  await rig.close();
});

describe('boots', () => {
  const ids = async (query: string) =>
    (await rig.get(`/boots?${query}`)).body.results.map(({ id }: { id: string }) => id);

  it('are listed, newest first, and found by machine, host and time', async () => {
    const { body } = await rig.get('/boots');
    expect(body).toMatchObject({ total: 2, page: 1, per_page: 20 });
    expect(body.results[1]).toEqual({
      id: 'b1',
      started_at: '2026-01-02 03:04:06 UTC',
      updated_at: '2026-01-02 03:04:07 UTC',
      mac: MAC,
      host: 'web1.lab',
      steps: 2,
      rehearsal: false,
    });
    expect(await ids('mac=52-54-00-00-00-01')).toEqual(['b1']);
    expect(await ids('host=WEB1.lab')).toEqual(['b1']);
    expect(await ids('rehearsals=true')).toEqual(['b3', 'b2', 'b1']);
    expect(await ids('since=2026-01-02T03:04:08Z')).toEqual(['b2']);
    expect(await ids('per_page=1&page=2')).toEqual(['b1']);
    expect((await rig.get('/boots?mac=nonsense')).status).toBe(400);
  });

  it('are shown with every step and its reason in words', async () => {
    expect((await rig.get('/boots/b3')).body).toMatchObject({ id: 'b3', rehearsal: true, mac: MAC });
    const { body } = await rig.get('/boots/b1/steps');
    expect(body.total).toBe(2);
    expect(body.results[0]).toMatchObject({ seq: 0, because: { code: 'ipxe-asks' }, mac: MAC });
    expect(body.results[0].sentence).toMatch(/an iPXE asks/);
    for (const path of ['/boots/none', '/boots/none/steps'])
      expect(await rig.get(path)).toMatchObject({ status: 404, body: { error: { code: 'BOOT_UNKNOWN' } } });
  });
});

describe('events', () => {
  /** Reads until there are so many. */
  async function read(query: string, count: number, last?: string): Promise<readonly Told[]> {
    const off = new AbortController();
    const headers = { authorization: rig.authorization('viewer'), ...(last && { 'last-event-id': last }) };
    const { port } = rig.server.server.address() as { port: number };
    const answer = await fetch(`http://127.0.0.1:${port}/api/boots/events?${query}`, {
      headers,
      signal: off.signal,
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    let text = '';
    for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
      if (text === '') await add('b4', { mac: MAC });
      if (text === '') await add('b5', { mac: '52:54:00:00:00:05' });
      text += piece;
      const events = text.split('\n\n').slice(0, -1).flatMap(parsed);
      if (events.length < count) continue;
      off.abort();
      return events;
    }
    throw new Error(`it ended: ${text}`);
  }
  type Told = { readonly id: string; readonly step: { readonly boot: string; readonly seq: number } };
  const parsed = (block: string): Told[] => {
    const [, id, json] = /^id: (\d+)\nevent: step\ndata: (.*)$/.exec(block) ?? [];
    return id === undefined ? [] : [{ id, step: JSON.parse(json!) as Told['step'] }];
  };

  beforeAll(() => rig.server.listen({ host: '127.0.0.1', port: 0 }));

  it('come as they happen, of one machine if it is asked for, and again from where another left off', async () => {
    const live = await read('', 2);
    expect(live.map(({ step }) => step.boot)).toEqual(['b4', 'b5']);
    const own = await read('mac=52-54-00-00-00-05', 1);
    expect(own.map(({ step }) => step.boot)).toEqual(['b5']);
    const again = await read('', 3, live[0]!.id);
    expect(again[0]!.step).toEqual(live[1]!.step);
    expect(again.map(({ step }) => step.boot)).toEqual(['b5', 'b4', 'b5']);
  });
});
