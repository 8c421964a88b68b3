/** The log: one JSON line an event on stderr, or words for a person when stderr is a terminal. */

import { pino } from 'pino';
import type { Level, Log, LogValues } from '../boot/log.ts';

export type LogOptions = { readonly level: Level; readonly terminal: boolean };

export function createLog({ level, terminal }: LogOptions): Log {
  if (terminal)
    return (at, message, values) => enabled(at, level) && process.stderr.write(wordsOf(at, message, values));
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  return (at, message, values) => logger[at](values ?? {}, message);
}

const ORDER: readonly Level[] = ['error', 'warn', 'info', 'debug'];

function enabled(at: Level, level: Level): boolean {
  return ORDER.indexOf(at) <= ORDER.indexOf(level);
}

function wordsOf(level: Level, message: string, values: LogValues = {}): string {
  const details = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
  const mark = level === 'info' ? '' : `${level}: `;
  return `${new Date().toISOString().slice(11, 23)} ${mark}${message}${details}\n`;
}
