/** Can the media be reached that hosts install from? */

import { existsSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import { reasonOf } from '../errors.ts';
import type { Medium } from '../inventory/types.ts';
import { openSqlite } from '../store/sqlite/open.ts';
import { clockAgainst } from './clock.ts';
import { type Finding, finding } from './finding.ts';

const PATIENCE_MS = 5000;
/** Of media on the network; a site has a handful. */
const MOST = 32;

export async function checkMedia(config: Config): Promise<readonly Finding[]> {
  if (!existsSync(config.database)) return [finding('ok', 'media', 'no medium is declared')];
  try {
    const media = await storedMedia(config.database);
    const found = await Promise.all(media.slice(0, MOST).map(mediumFindings));
    return media.length === 0 ? [finding('ok', 'media', 'no medium is declared')] : found.flat();
  } catch (error) {
    return [finding('unknown', 'media-unknown', `${config.database} cannot be read: ${reasonOf(error)}`)];
  }
}

/** Only those that an operating system installs from: the shipped ones are mirrors that a site may never use. */
async function storedMedia(database: string): Promise<readonly Medium[]> {
  const store = openSqlite(database);
  try {
    const { changes } = await store.inventory.since(0);
    const puts = changes.flatMap((change) => (change.op === 'put' ? [change] : []));
    const used = new Set(
      puts.flatMap(({ collection, record }) => (collection === 'operatingsystems' ? record.media : [])),
    );
    return puts.flatMap(({ collection, record }) =>
      collection === 'media' && used.has(record.name) ? [record] : [],
    );
  } finally {
    await store.close();
  }
}

async function mediumFindings({ name, path }: Medium): Promise<readonly Finding[]> {
  if (path.startsWith('/'))
    return [
      existsSync(path)
        ? finding('ok', 'medium', `the medium ${name} is there`)
        : finding(
            'error',
            'medium-missing',
            `the medium ${name} is not there: no directory ${path}`,
            `mkdir -p ${path}`,
          ),
    ];
  const origin = originOf(path);
  if (origin === undefined) return [finding('unknown', 'medium-unknown', `the medium ${name} is at ${path}`)];
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const { headers } = await fetch(origin, { method: 'HEAD', redirect: 'manual', signal });
    const reached = finding('ok', 'medium', `the server of the medium ${name} answers`);
    return [reached, ...clockAgainst(origin, headers.get('date'), Date.now())];
  } catch (error) {
    const cause = (error as { readonly cause?: unknown }).cause ?? error;
    const message = `the server of the medium ${name} does not answer: ${reasonOf(cause)}`;
    return [finding('error', 'medium-unreachable', message, `curl -I ${origin}`)];
  }
}

/** Its path has placeholders ($arch, $major), so the server as such is asked. */
function originOf(path: string): string | undefined {
  const origin = /^(https?:\/\/[^/$]+)(?:\/|$)/.exec(path)?.[1];
  return origin === undefined ? undefined : `${origin}/`;
}
