/** ISC dhcpd: dhcpd.conf(5) and dhcpd.leases(5) to a site. */

import { contains, maskOf, prefixOf } from '../../net/cidr.ts';
import { formatIpv4, parseIpv4 } from '../../net/ip.ts';
import { parseCidr6 } from '../../net/ipv6.ts';
import type { Files } from '../files.ts';
import type { Moved } from '../moved.ts';
import { assemble } from '../network/assemble.ts';
import type { DraftGroup, DraftHost, DraftNetwork, DraftNetwork6, DraftRange } from '../network/drafts.ts';
import { CODE } from '../network/options.ts';
import type { Place } from '../place.ts';
import { Report } from '../report.ts';
import { bootLogicOf, wordsIn } from './boot-logic.ts';
import { type HostContext, hostOf, isDeleted, nameOf } from './host.ts';
import { OptionNames, type Resolve } from './options.ts';
import { parseDhcpd, type Statement, textOf } from './parser.ts';
import { ownOf, type Scope, sayFate, TOP, within } from './scope.ts';

/**
 * @param file its path, for messages and for what it includes
 * @throws ChainbootError IMPORT_UNREADABLE with the place of what is not dhcpd's language
 */
export function moveDhcpd(text: string, file: string, files: Files, resolve: Resolve): Moved {
  const statements = parseDhcpd(text, file, files);
  const walk = new Walk(resolve);
  walk.define(statements);
  walk.block(statements, TOP);
  return walk.finish();
}

/** One pass over the statements; what they declare piles up. */
class Walk {
  private readonly report = new Report();
  private readonly names: OptionNames;
  private readonly context: HostContext;
  private readonly networks: DraftNetwork[] = [];
  private readonly networks6: DraftNetwork6[] = [];
  private readonly groups: DraftGroup[] = [];
  private readonly ranges: DraftRange[] = [];
  private readonly hosts = new Map<string, DraftHost[]>();
  private leases: { readonly first: Place; count: number } | undefined;

  constructor(resolve: Resolve) {
    this.names = new OptionNames(resolve);
    this.context = { names: this.names, report: this.report };
  }

  /** Definitions of options may stand behind their use in an included file. */
  define(statements: readonly Statement[]): void {
    for (const statement of statements)
      if (statement.words[0]?.text === 'option') this.names.define(statement, this.report);
  }

  block(statements: readonly Statement[], outer: Scope): void {
    const plain = statements.filter((statement) => !isDefinition(statement));
    const own = ownOf(plain, this.names, this.report);
    this.ranges.push(...own.ranges);
    this.nested(plain, within(outer, own));
  }

  finish(): Moved {
    if (this.leases !== undefined)
      this.report.left(
        this.leases.first,
        `${this.leases.count} lease(s)`,
        'machines keep their addresses by asking for them again; those of hosts are taken',
      );
    const networks = this.networks.map((network) => ({
      ...network,
      ranges: this.ranges.filter(({ first }) => contains(network.cidr, first)),
    }));
    for (const { place, first } of this.ranges)
      if (!networks.some(({ cidr }) => contains(cidr, first)))
        this.report.refused(place, `range ${formatIpv4(first)}`, 'lies in none of the subnets');
    const { networks6, groups } = this;
    const hosts = [...this.hosts.values()].flat();
    return assemble({ networks, networks6, groups, hosts }, this.report);
  }

  private nested(statements: readonly Statement[], scope: Scope): void {
    let condition = '';
    for (const statement of statements) {
      if (statement.block === undefined) continue;
      const word = statement.words[0]?.text ?? '';
      const isBranch = word === 'elsif' || word === 'else';
      if (word === 'if') condition = '';
      if (word === 'if' || isBranch || word === 'class' || word === 'subclass') {
        this.logic(statement, isBranch ? condition : '');
        condition = `${condition} ${wordsIn(statement)}`;
      } else this.declaration(word, statement, statement.block, scope);
    }
  }

  private declaration(word: string, statement: Statement, block: readonly Statement[], scope: Scope): void {
    if (word === 'subnet') this.subnet(statement, block, scope);
    else if (word === 'subnet6') this.subnet6(statement, block, scope);
    else if (word === 'shared-network') this.block(block, { ...scope, sharedNetwork: nameOf(statement) });
    else if (word === 'group') this.group(statement, block, scope);
    else if (word === 'host') this.host(statement, scope);
    else if (word === 'pool') this.pool(block, scope);
    else if (word === 'lease')
      this.leases = { first: statement.place, ...this.leases, count: (this.leases?.count ?? 0) + 1 };
    else sayFate(statement, this.report);
  }

  private logic(statement: Statement, inherited: string): void {
    const { outcome, message } = bootLogicOf(statement, inherited);
    this.report[outcome](statement.place, textOf(statement.words), message);
  }

  private subnet(statement: Statement, block: readonly Statement[], scope: Scope): void {
    const [, address = '', , mask = ''] = statement.words.map(({ text }) => text);
    const [start, bits] = [parseIpv4(address), parseIpv4(mask)];
    const prefix = bits === undefined ? undefined : prefixOf(bits);
    if (start === undefined || prefix === undefined || (start & maskOf(prefix)) >>> 0 !== start) {
      this.report.refused(statement.place, wordsIn(statement), 'is no IPv4 network');
      return;
    }
    const only = onlyPool(block);
    // A single pool has its options for the whole subnet.
    const plain =
      only === undefined ? block : [...block.filter((each) => each !== only), ...withoutPermits(only)];
    const own = ownOf(plain, this.names, this.report);
    this.ranges.push(...own.ranges);
    const inner = within(scope, own);
    const { group: _, ...said } = inner;
    const cidr = { network: start, prefix };
    this.networks.push({ place: statement.place, cidr, ranges: [], ...said });
    this.nested(plain, inner);
    if (only !== undefined) this.permits(only);
  }

  private subnet6(statement: Statement, block: readonly Statement[], scope: Scope): void {
    const network = statement.words[1]?.text ?? '';
    const { place } = statement;
    if (parseCidr6(network) === undefined) {
      this.report.refused(place, wordsIn(statement), 'is no IPv6 network');
      return;
    }
    this.networks6.push({ place, network, dns: [] });
    this.nested(block, scope);
  }

  private group(statement: Statement, block: readonly Statement[], scope: Scope): void {
    const own = ownOf(block, this.names, this.report);
    this.ranges.push(...own.ranges);
    const inner = within(scope, own);
    const says = own.options.size > 0 || own.boot !== undefined;
    if (!says || !hasHosts(block)) {
      this.nested(block, inner);
      return;
    }
    const name = nameOf(statement).replaceAll('/', '-') || `group-${statement.place.line}`;
    const { place } = statement;
    const parent = scope.group;
    const { options, boot } = own;
    this.groups.push({ place, name, ...(parent && { parent }), options, ...(boot && { boot }) });
    this.nested(block, { ...inner, group: parent === undefined ? name : `${parent}/${name}` });
  }

  private host(statement: Statement, scope: Scope): void {
    const name = nameOf(statement);
    // Conditions stand in hosts as well.
    this.nested(statement.block ?? [], scope);
    if (isDeleted(statement)) return void this.hosts.delete(name);
    const host = hostOf(statement, scope.group, this.context);
    if (host === undefined) return;
    const isOmapi = statement.block?.some(({ words }) => words[0]?.text === 'dynamic');
    // The last one of a leases file counts.
    this.hosts.set(name, isOmapi ? [host] : [...(this.hosts.get(name) ?? []), host]);
  }

  /** One of several of a subnet, or of a shared network. */
  private pool(block: readonly Statement[], scope: Scope): void {
    const own = ownOf(withoutPermits({ block }), this.names, this.report);
    const isFor = block.find(isForMembers);
    if (isFor === undefined) this.ranges.push(...own.ranges);
    for (const { place } of isFor === undefined ? [] : own.ranges)
      this.report.human(place, 'range', `is left out: it is for ${wordsIn(isFor!)} only`);
    for (const { place, called, code } of own.options.values())
      if (code !== CODE.mask)
        this.report.human(place, `option ${called}`, 'is of one pool of several; here a subnet has one pool');
    const [first] = block;
    if (first !== undefined && (own.leaseTime !== undefined || own.boot !== undefined))
      this.report.human(
        first.place,
        'pool',
        'its lease time and boot file are left out: it is one of several',
      );
    this.permits({ block });
    this.nested(block, scope);
  }

  private permits({ block = [] }: Pick<Statement, 'block'>): void {
    for (const statement of block) if (isPermit(statement)) sayFate(statement, this.report);
  }
}

function isDefinition({ words }: Statement): boolean {
  return words[0]?.text === 'option' && words[2]?.text === 'code' && words[4]?.text === '=';
}

function isPermit({ words }: Statement): boolean {
  return /^(allow|deny|ignore)$/.test(words[0]?.text ?? '');
}

function isForMembers(statement: Statement): boolean {
  return /^allow members of\b/.test(wordsIn(statement));
}

/** The pool of a subnet that has one, for whoever asks. */
function onlyPool(block: readonly Statement[]): Statement | undefined {
  const pools = block.filter(({ words }) => words[0]?.text === 'pool');
  return pools.length === 1 && !pools[0]!.block?.some(isForMembers) ? pools[0] : undefined;
}

function withoutPermits({ block = [] }: Pick<Statement, 'block'>): readonly Statement[] {
  return block.filter((statement) => !isPermit(statement));
}

function hasHosts(block: readonly Statement[]): boolean {
  const stack = [...block];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.words[0]?.text === 'host') return true;
    if (next.block !== undefined) stack.push(...next.block);
  }
  return false;
}
