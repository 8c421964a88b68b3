/** The thread of threaded-boots.ts: the only one that writes the trace and the renderings. */

import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../../errors.ts';
import { sqliteBoots } from './boots.ts';
import { openDatabase } from './database.ts';
import { sqliteRenderings } from './renderings.ts';
import type { BootsAnswer, BootsCall } from './threaded-boots.ts';

const port = parentPort!;
const { file } = workerData as { readonly file: string };
const db = openDatabase(file, 'NORMAL');
const boots = sqliteBoots(db);
const renderings = sqliteRenderings(db);

function answer(call: BootsCall): Promise<unknown> | undefined {
  switch (call.op) {
    case 'write':
      boots.write(call.chunk);
      return undefined;
    case 'boots':
      return boots.boots(call.query);
    case 'count':
      return boots.count(call.query);
    case 'steps':
      return boots.steps(call.boot, call.afterSeq);
    case 'tail':
      return boots.tail(call.cursor, call.limit);
    case 'put renderings':
      return renderings.put(call.renderings);
    case 'renderings':
      return renderings.of(...call.of);
    case 'prune':
      return boots.prune(call.keep, call.since, call.atMost);
    case 'close':
      db.close();
      return undefined;
  }
}

port.on('message', async ({ id, call }: { readonly id: number; readonly call: BootsCall }) => {
  try {
    port.postMessage({ id, ok: true, value: await answer(call) } satisfies BootsAnswer);
  } catch (error) {
    port.postMessage({ id, ok: false, reason: reasonOf(error) } satisfies BootsAnswer);
  }
  if (call.op === 'close') port.close();
});
