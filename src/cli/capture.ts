import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { askServer } from '../app/control/client.ts';
import { servedLinks } from '../app/links.ts';
import type { FrameLine } from '../app/tap/asked.ts';
import { Recording } from '../capture/record.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError } from '../errors.ts';
import { openFrameCapture } from '../link/frame-capture.ts';
import type { Link } from '../link/types.ts';
import { type Mac, macHyphen, parseMac } from '../net/mac.ts';
import type { BootStore, StoredStep } from '../store/types.ts';
import { withInventory } from './open.ts';
import { say } from './output.ts';
import { globals } from './verbs.ts';

type Options = { readonly out?: string; readonly seconds: string; readonly sockets?: true };

export function captureVerb(program: Command): void {
  program
    .command('capture <mac>')
    .description(
      'record the next boot of a machine as pcapng, until it is built or boots from its disk, or Ctrl-C',
    )
    .option('-o, --out <file>', 'where to (default: MAC-TIME.pcapng in this directory)')
    .option('--seconds <n>', 'stop after so long', '1800')
    .option(
      '--sockets',
      'record what the server itself received and sent, even if this process may hear the link',
    )
    .action(async (text: string, options: Options, command: Command) => {
      const mac = parseMac(text);
      if (mac === undefined) throw new ChainbootError('USAGE', { reason: `"${text}" is not a MAC address` });
      const seconds = Number(options.seconds);
      if (!(seconds > 0 && seconds <= 86_400))
        throw new ChainbootError('USAGE', {
          reason: `"${options.seconds}" is not a number of seconds up to a day`,
        });
      const file = options.out ?? `${macHyphen(mac)}-${stamp(Date.now())}.pcapng`;
      await withInventory(globals(command).config, ({ config, store }) =>
        record({ config, boots: store.boots, mac, file, seconds, sockets: options.sockets === true }),
      );
    });
}

type Wanted = {
  readonly config: Config;
  readonly boots: BootStore;
  readonly mac: Mac;
  readonly file: string;
  readonly seconds: number;
  readonly sockets: boolean;
};

/** `20260115-120000`, UTC. */
function stamp(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

async function record({ config, boots, mac, file, seconds, sockets }: Wanted): Promise<void> {
  // Before anything is heard, so that no step of the boot is missed.
  const { cursor } = await boots.tail(-1, 0);
  const links = servedLinks(config).map(({ link }) => link);
  const stop = new AbortController();
  const recording = await Recording.open(file, [...new Set(links.map(({ name }) => name))]);
  const release = stopsBySignal(stop);
  let source: Source | undefined;
  try {
    source =
      (sockets ? undefined : await onLinks(links, mac, recording)) ??
      (await ofServer(config, mac, recording, stop.signal));
    say(`recording ${source.what} into ${file}`);
    const limit = setTimeout(() => stop.abort(`${seconds} s are over`), seconds * 1000);
    const booted = untilBooted(boots, cursor, mac, stop.signal);
    stop.abort(await (source.ended === undefined ? booted : Promise.race([booted, source.ended])));
    clearTimeout(limit);
    await source.ended;
  } finally {
    stop.abort('it failed');
    source?.close();
    release();
    await recording.close();
    // Nothing was heard, nor could it have been.
    if (source === undefined) rmSync(file, { force: true });
  }
  say(`${stop.signal.reason}: ${told(recording)} in ${file}`);
}

/** Answers with what ends that. */
function stopsBySignal(stop: AbortController): () => void {
  const interrupt = () => stop.abort('stopped');
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  return () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  };
}

/** Where frames come from. `ended` resolves when no more will come, which links never say. */
type Source = { readonly what: string; readonly ended?: Promise<string>; close(): void };

/** Undefined without CAP_NET_RAW. */
async function onLinks(links: readonly Link[], mac: Mac, recording: Recording): Promise<Source | undefined> {
  // One of several addresses is enough.
  const each = links.filter(({ name }, i) => links.findIndex((link) => link.name === name) === i);
  const opened = await openFrameCapture(each, mac, (bytes, link) =>
    recording.put(bytes, link.name, Date.now()),
  );
  const what = `everything of ${mac} on ${each.map(({ name }) => name).join(', ')}`;
  return opened && { what, close: () => opened.close() };
}

function told({ frames, cut, lost }: Recording): string {
  const parts = [
    `${frames} frame(s)`,
    ...(cut > 0 ? [`of ${cut} only the head`] : []),
    ...(lost > 0 ? [`${lost} lost because the disk or the server was too busy`] : []),
  ];
  return parts.join(', ');
}

/** Ends when the server does, and when `signal` is aborted. Rejects with CAPTURE_IMPOSSIBLE where no server runs. */
async function ofServer(
  config: Config,
  mac: Mac,
  recording: Recording,
  signal: AbortSignal,
): Promise<Source> {
  const lines = await askServer(config, '/capture', { mac }, signal);
  if (lines === undefined)
    throw new ChainbootError('CAPTURE_IMPOSSIBLE', {
      reason: 'no server is running, and this process may not hear the links',
    });
  const iterator = lines[Symbol.asyncIterator]();
  // It says that it listens.
  await iterator.next();
  const what = `what the server exchanges with ${mac} (not what others send it)`;
  return { what, ended: read(iterator, recording), close: () => {} };
}

async function read(lines: AsyncIterator<object>, recording: Recording): Promise<string> {
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const line = next.value as FrameLine | { readonly lost: number };
    if ('lost' in line) recording.lost += line.lost;
    else recording.put(Buffer.from(line.bytes, 'base64'), line.link, line.at, line.length);
  }
  return 'the server has stopped';
}

const POLL_MS = 200;
/** What the machine still says after that: the end of its connections. */
const GRACE_MS = 1000;

/** The reason why it is over. */
async function untilBooted(boots: BootStore, from: number, mac: Mac, signal: AbortSignal): Promise<string> {
  let cursor = from;
  const own = new Set<string>();
  while (!signal.aborted) {
    const news = await boots.tail(cursor, 1000);
    cursor = news.cursor;
    for (const step of news.steps) {
      if (step.mac === mac) own.add(step.boot);
      const end = own.has(step.boot) ? endOf(step) : undefined;
      if (end === undefined) continue;
      await sleep(GRACE_MS);
      // Timers come before what has arrived, however late they are.
      await new Promise((resolve) => setImmediate(resolve));
      return end;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return String(signal.reason);
}

function endOf({ kind, because }: StoredStep): string | undefined {
  if (kind === 'http.built') return 'it reported that it is built';
  if (kind === 'http.failed') return 'it reported that its installation failed';
  return because.code === 'script-local' || because.code === 'loop-local'
    ? 'it boots from its own disk'
    : undefined;
}
