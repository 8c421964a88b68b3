/** What the statements of one block say, with what the blocks around it said before. */

import { parseIpv4 } from '../../net/ip.ts';
import {
  type DraftBoot,
  type DraftOption,
  type DraftOptions,
  type DraftRange,
  mergedOptions,
  NO_OPTIONS,
} from '../network/drafts.ts';
import type { Report } from '../report.ts';
import { wordsIn } from './boot-logic.ts';
import { type OptionNames, optionOf } from './options.ts';
import { type Statement, textOf } from './parser.ts';
import { fateOf } from './statements.ts';

/** Of one block, without what is around it. */
export type Own = {
  readonly options: DraftOptions;
  readonly boot?: DraftBoot;
  readonly leaseTime?: number;
  readonly authoritative?: boolean;
  readonly ranges: readonly DraftRange[];
};

export type Scope = Omit<Own, 'ranges'> & {
  readonly sharedNetwork?: string;
  /** Title of the hostgroup for hosts in here. */
  readonly group?: string;
};

export const TOP: Scope = { options: NO_OPTIONS };

export function within(scope: Scope, { ranges: _, ...own }: Own): Scope {
  return { ...scope, ...own, options: mergedOptions(scope.options, own.options) };
}

/** Reads the statements without a block; what is no option, file, range or lease time is reported. */
export function ownOf(statements: readonly Statement[], names: OptionNames, report: Report): Own {
  const options = new Map<number, DraftOption>();
  const ranges: DraftRange[] = [];
  let own: Omit<Own, 'options' | 'ranges'> = {};
  for (const statement of statements) {
    if (statement.block !== undefined) continue;
    const { place } = statement;
    const [first = '', second = '', ...rest] = statement.words.map(({ text }) => text);
    if (first === 'option' || ASSIGNS.has(first)) {
      const filename = second === 'server.filename' ? rest.at(-1) : undefined;
      if (filename !== undefined) own = { ...own, boot: { place, filename } };
      else if (second.startsWith('server.'))
        report.left(place, second, fateOf([second.slice('server.'.length)]).why);
      else {
        const option = optionOf(statement, names, report);
        if (option !== undefined) options.set(option.code, option);
      }
    } else if (first === 'filename') own = { ...own, boot: { place, filename: second } };
    else if (first === 'default-lease-time' && /^\d+$/.test(second))
      own = { ...own, leaseTime: Number(second) };
    else if (first === 'authoritative') own = { ...own, authoritative: true };
    else if (first === 'not' && second === 'authoritative') own = { ...own, authoritative: false };
    else if (first === 'range') ranges.push(...rangeOf(statement, report));
    else sayFate(statement, report);
  }
  return { ...own, options, ranges };
}

const ASSIGNS = new Set(['supersede', 'default', 'append', 'prepend', 'send']);

export function sayFate(statement: Statement, report: Report): void {
  const words = statement.words.map(({ text }) => text);
  const { outcome, why } = fateOf(words);
  report[outcome](statement.place, textOf(statement.words), why);
}

/** `range [dynamic-bootp] first [last];` */
function rangeOf(statement: Statement, report: Report): readonly DraftRange[] {
  const words = statement.words.slice(1).map(({ text }) => text);
  const addresses = words.filter((word) => word !== 'dynamic-bootp');
  const { place } = statement;
  if (addresses.length < words.length)
    report.left(place, wordsIn(statement), 'BOOTP clients get no addresses from pools');
  const first = parseIpv4(addresses[0] ?? '');
  const last = parseIpv4(addresses[1] ?? addresses[0] ?? '');
  if (first !== undefined && last !== undefined) return [{ place, first, last }];
  report.refused(place, wordsIn(statement), 'is no range of IPv4 addresses');
  return [];
}
