/** The trace: boots with their steps, as they were and as they happen. */

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { sentence } from '../../boot/reason.ts';
import { ChainbootError } from '../../errors.ts';
import { parseMac } from '../../net/mac.ts';
import type { BootQuery, BootRow, BootStore, StoredStep } from '../../store/types.ts';
import { type Call, type Operation, Reply } from '../operation.ts';
import { PER_PAGE } from '../search/query.ts';
import { shownTime } from '../times.ts';

const text = z.string();

const BOOT = z.object({
  id: text,
  started_at: text,
  updated_at: text,
  mac: text.nullable(),
  host: text.nullable(),
  steps: z.int(),
  rehearsal: z.boolean(),
});

const STEP = z
  .object({
    boot: text,
    seq: z.int(),
    at: z.number().describe('milliseconds since 1970'),
    kind: text,
    because: z.looseObject({ code: text }),
    sentence: text.describe('the because in words'),
  })
  .loose()
  .describe('what else a step knows is beside these: mac, uuid, address, host, what, bytes, took, detail …');

const WHO = {
  host: text.optional().describe('name of a host'),
  mac: text.optional().describe('MAC address, however it is written'),
};

const LIST = z.object({
  ...WHO,
  since: z.iso.datetime({ offset: true }).optional().describe('begun then or later: 2026-01-02T03:04:05Z'),
  rehearsals: z.stringbool().or(z.boolean()).optional().describe('boots that were only played, too'),
  page: z.coerce.number().int().min(1).optional(),
  per_page: z.coerce.number().int().min(1).max(1000).optional(),
});

const EVENTS = z.object({ ...WHO, boot: text.optional().describe('id of one boot') });

function shown({ id, started, updated, mac, host, steps, rehearsal }: BootRow): z.infer<typeof BOOT> {
  return {
    id,
    started_at: shownTime(started),
    updated_at: shownTime(updated),
    mac: mac ?? null,
    host: host ?? null,
    steps,
    rehearsal: rehearsal ?? false,
  };
}

function told(step: StoredStep): z.infer<typeof STEP> {
  return { ...step, sentence: sentence(step.because) };
}

/** As the trace writes them. Throws PARAMETER_INVALID. */
function whose({ host, mac: given }: { readonly host?: string; readonly mac?: string }) {
  const mac = given === undefined ? undefined : parseMac(given);
  if (given !== undefined && mac === undefined)
    throw new ChainbootError('SEARCH_INVALID', { search: given, at: 1, reason: 'this is no MAC address' });
  return { host: host?.toLowerCase(), mac };
}

async function index(call: Call) {
  const { page = 1, per_page = PER_PAGE, since, rehearsals, ...who } = call.query as z.infer<typeof LIST>;
  const query: BootQuery = {
    ...whose(who),
    since: since === undefined ? undefined : Date.parse(since),
    rehearsals,
  };
  const { boots } = call.services;
  const [total, rows] = await Promise.all([
    boots.count(query),
    boots.boots({ ...query, limit: per_page, offset: (page - 1) * per_page }),
  ]);
  return { total, subtotal: total, page, per_page, results: rows.map(shown) };
}

async function stepsOf(call: Call): Promise<readonly StoredStep[]> {
  const id = call.path.id ?? '';
  const steps = await call.services.boots.steps(id);
  if (steps.length === 0) throw new ChainbootError('BOOT_UNKNOWN', { id });
  return steps;
}

async function show(call: Call) {
  const steps = await stepsOf(call);
  const [first, last] = [steps[0]!, steps.at(-1)!];
  const mac = steps.find((step) => step.mac !== undefined)?.mac;
  const host = steps.findLast((step) => step.host !== undefined)?.host;
  const row: BootRow = {
    id: first.boot,
    started: first.at,
    updated: last.at,
    steps: steps.length,
    ...(mac !== undefined && { mac }),
    ...(host !== undefined && { host }),
    ...(first.rehearsal !== undefined && { rehearsal: true }),
  };
  return shown(row);
}

const POLL_MS = 200;
/** A connection that says nothing for longer is cut off by what lies between. */
const HEARTBEAT_MS = 15_000;
const AT_ONCE = 500;

/**
 * Server-sent events (WHATWG HTML, 9.2): a `step` each, whose id is the cursor behind it. Nothing is kept for a slow
 * reader: it is read from the store when there is room again.
 */
async function* events(
  boots: Pick<BootStore, 'tail'>,
  from: number | undefined,
  closing: AbortSignal,
  wanted: (step: StoredStep) => boolean,
): AsyncGenerator<string> {
  let cursor = from ?? (await boots.tail(-1, 0)).cursor;
  let said = Date.now();
  yield 'retry: 2000\n: following\n\n';
  do {
    const news = await boots.tail(cursor, AT_ONCE);
    ({ cursor } = news);
    const text = news.steps.filter(wanted).map(event).join('');
    if (text !== '' || Date.now() - said > HEARTBEAT_MS) {
      said = Date.now();
      yield text === '' ? ': still here\n\n' : text;
    }
    if (news.steps.length < AT_ONCE)
      await sleep(POLL_MS, undefined, { signal: closing }).catch(() => undefined);
  } while (!closing.aborted);
}

function event({ cursor, ...step }: StoredStep & { readonly cursor: number }): string {
  return `id: ${cursor}\nevent: step\ndata: ${JSON.stringify(told(step))}\n\n`;
}

function follow(call: Call): Reply {
  const { boot, ...who } = call.query as z.infer<typeof EVENTS>;
  const { host, mac } = whose(who);
  /** Not every step names its machine; those that follow in the same boot are its steps, too. */
  const theirs = new Set<string>();
  const wanted = (step: StoredStep) => {
    if (boot !== undefined && step.boot !== boot) return false;
    const isIts =
      (host === undefined || step.host === host) &&
      (mac === undefined || step.mac === mac) &&
      (boot !== undefined || step.rehearsal === undefined);
    if (isIts && theirs.size < 10_000) theirs.add(step.boot);
    return isIts || theirs.has(step.boot);
  };
  const last = Number(call.request.headers['last-event-id'] ?? Number.NaN);
  const from = Number.isSafeInteger(last) && last >= 0 ? last : undefined;
  const { boots, closing } = call.services;
  return new Reply(events(boots, from, closing, wanted), 200, {
    'content-type': 'text/event-stream; charset=utf-8',
    // What nginx buffers comes late.
    'x-accel-buffering': 'no',
    // Nothing comes after it: who stops the server need not wait for the connection to grow old.
    connection: 'close',
  });
}

const SHARED = { resource: 'boots', method: 'GET', role: 'viewer' } as const;

export const bootOperations: readonly Operation[] = [
  {
    ...SHARED,
    action: 'index',
    summary: 'List boots, newest first',
    paths: ['/boots'],
    query: LIST,
    returns: z.object({ total: z.int(), results: z.array(BOOT) }).loose(),
    handle: index,
  },
  {
    ...SHARED,
    action: 'events',
    summary: 'Follow the steps of boots as server-sent events; Last-Event-ID goes on where another ended',
    paths: ['/boots/events'],
    query: EVENTS,
    returns: text,
    handle: follow,
  },
  {
    ...SHARED,
    action: 'show',
    summary: 'Show a boot',
    paths: ['/boots/:id'],
    returns: BOOT,
    handle: show,
  },
  {
    ...SHARED,
    action: 'steps',
    summary: 'List every step of a boot with its reason',
    paths: ['/boots/:id/steps'],
    returns: z.object({ total: z.int(), results: z.array(STEP) }),
    handle: async (call) => {
      const steps = await stepsOf(call);
      return { total: steps.length, results: steps.map(told) };
    },
  },
];
