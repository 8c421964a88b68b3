/** `/logs`: the last lines of our log, and the last errors for longer. */

import type { Level, Log, LogValues } from '../boot/log.ts';
import type { Route } from '../http/answer.ts';
import { redactText, redactValues } from '../ops/redact.ts';
import { json } from './asked.ts';

/** Lines that are kept, and errors that are kept when their time among the lines is over. */
const LINES = 2000;
const ERRORS = 1000;
/** Characters of one line. */
const LONGEST = 4096;

export type LogLine = {
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  readonly message: string;
  readonly backtrace?: string;
  readonly request_id?: string;
};

const LEVELS = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;
/** As Ruby's Logger numbers them. */
const SEVERITIES = { debug: 0, info: 1, warn: 2, error: 3 } as const;

export class LogRing {
  readonly #now: () => number;
  readonly #lines: Ring<LogLine> = new Ring(LINES);
  readonly #errors: Ring<LogLine> = new Ring(ERRORS);

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The same log, which is kept besides as far as `level` says. */
  around(log: Log, level: () => Level): Log {
    return (at, message, values) => {
      log(at, message, values);
      if (SEVERITIES[at] >= SEVERITIES[level()]) this.#add(at, message, values);
    };
  }

  /** Oldest first. @param from seconds since 1970 */
  list(from: number): readonly LogLine[] {
    return [...this.#errors.list(), ...this.#lines.list()].filter(({ timestamp }) => timestamp >= from);
  }

  #add(level: Level, message: string, values: LogValues = {}): void {
    const { stack, request, ...rest } = redactValues(values);
    const details = Object.entries(rest)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
    const gone = this.#lines.push({
      timestamp: this.#now() / 1000,
      level: LEVELS[level],
      message: `${redactText(message)}${details.join('')}`.slice(0, LONGEST),
      ...(typeof stack === 'string' && { backtrace: stack.slice(0, LONGEST) }),
      ...(typeof request === 'string' && { request_id: request }),
    });
    if (gone?.level === 'ERROR') this.#errors.push(gone);
  }
}

class Ring<T> {
  readonly #size: number;
  readonly #items: T[] = [];
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** @returns what it replaces */
  push(item: T): T | undefined {
    const gone = this.#items[this.#next];
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#size;
    return gone;
  }

  list(): readonly T[] {
    return [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)];
  }
}

export function logRoutes(ring: LogRing, level: () => Level): readonly Route[] {
  return [
    {
      methods: ['GET'],
      pattern: '/logs',
      handle: async ({ query }) => {
        const from = Number.parseFloat(query.get('from_timestamp') ?? '0');
        return json({
          info: {
            size: LINES,
            tail_size: ERRORS,
            level: SEVERITIES[level()],
            level_tail: SEVERITIES.error,
            failed_modules: {},
          },
          logs: ring.list(Number.isNaN(from) ? 0 : from),
        });
      },
    },
  ];
}
