/** How every room tells what an administrator should know; ops/log.ts writes it. */

export type Level = 'error' | 'warn' | 'info' | 'debug';
export type LogValues = Readonly<Record<string, unknown>>;
/** Never throws. */
export type Log = (level: Level, message: string, values?: LogValues) => void;
