/** The log: one JSON line an event on stderr, or words for a person when stderr is a terminal. */

import { pino } from 'pino';
import type { Level, Log, LogValues } from '../boot/log.ts';
import { redactText, redactValues } from './redact.ts';

type Write = (at: Level, message: string, values: LogValues) => void;
export type LogOptions = { readonly level: Level; readonly terminal: boolean };

/** Secrets are taken out here, so that nobody who logs has to think of them. */
export function createLog({ level, terminal }: LogOptions): Log {
  const write = terminal ? toTerminal() : toLines(level);
  return (at, message, values = {}) => {
    if (isEnabled(at, level)) write(at, redactText(message), redactValues(values));
  };
}

function toLines(level: Level): Write {
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  return (at, message, values) => logger[at](values, message);
}

function toTerminal(): Write {
  return (at, message, values) => process.stderr.write(wordsOf(at, message, values));
}

const ORDER: readonly Level[] = ['error', 'warn', 'info', 'debug'];

function isEnabled(at: Level, level: Level): boolean {
  return ORDER.indexOf(at) <= ORDER.indexOf(level);
}

function wordsOf(level: Level, message: string, values: LogValues): string {
  const details = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
  const mark = level === 'info' ? '' : `${level}: `;
  return `${new Date().toISOString().slice(11, 23)} ${mark}${message}${details}\n`;
}
