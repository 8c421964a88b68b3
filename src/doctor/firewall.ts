/** Does a packet filter of this machine keep machines away? Reads the rules of nftables, iptables' among them. */

import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import { type Finding, finding } from './finding.ts';
import { type Wanted, wantedPorts } from './ports.ts';
import { output } from './system.ts';

const SET = z.object({ set: z.array(z.unknown()) });
const MATCH = z.object({
  match: z.object({ op: z.string(), left: z.unknown(), right: z.unknown() }),
});
const RULE = z.object({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  handle: z.number(),
  expr: z.array(z.record(z.string(), z.unknown())),
});
const CHAIN = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  hook: z.string().optional(),
  policy: z.string().optional(),
});
const RULESET = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });

export async function checkFirewall(config: Config): Promise<readonly Finding[]> {
  const text = await output('nft', '-j', 'list', 'ruleset');
  if (text === undefined) {
    const message = 'the rules of the packet filter cannot be read: run as root, with nftables installed';
    return [finding('unknown', 'firewall-unknown', message)];
  }
  return firewallFindings(text, wantedPorts(config));
}

type Rule = z.infer<typeof RULE>;
type Chain = z.infer<typeof CHAIN>;

/** `text`: what `nft -j list ruleset` prints. */
export function firewallFindings(text: string, wanted: readonly Wanted[]): readonly Finding[] {
  const entries = RULESET.safeParse(parsed(text)).data?.nftables ?? [];
  const chains = entries.flatMap(({ chain }) => CHAIN.safeParse(chain).data ?? []);
  const rules = entries.flatMap(({ rule }) => RULE.safeParse(rule).data ?? []);
  const inputs = chains.filter(({ hook, family }) => hook === 'input' && ['inet', 'ip'].includes(family));
  const found = inputs.flatMap((chain) => chainFindings(chain, rules, wanted));
  return found.length > 0 ? found : [finding('ok', 'firewall', 'no rule of the packet filter is in the way')];
}

function chainFindings(chain: Chain, rules: readonly Rule[], wanted: readonly Wanted[]): readonly Finding[] {
  const dropped = wanted.filter((one) => verdict(chain, rules, one, 0) === 'drop');
  return (['udp', 'tcp'] as const).flatMap((protocol) => {
    const ports = [...new Set(dropped.filter((one) => one.protocol === protocol).map(({ port }) => port))];
    if (ports.length === 0) return [];
    const { family, table, name } = chain;
    const list = ports.sort((a, b) => a - b).join(', ');
    return [
      finding(
        'error',
        'firewall-drops',
        `the packet filter (${family} ${table} ${name}) drops ${protocol} port ${list}`,
        `nft insert rule ${family} ${table} ${name} ${protocol} dport { ${list} } accept`,
      ),
    ];
  });
}

/** Chains that call each other go no deeper than the kernel lets them (16). */
const DEEPEST = 16;

/**
 * What becomes of the first packet of a machine. A rule with conditions that are not looked at here (addresses, sets,
 * states) drops nothing; it accepts if it names the port, or an interface alone, as that is how served links are let in.
 */
function verdict(
  chain: Chain,
  rules: readonly Rule[],
  wanted: Wanted,
  depth: number,
): 'accept' | 'drop' | undefined {
  for (const { expr, family, table } of rules.filter((rule) => isIn(rule, chain))) {
    const judged = expr.filter((part) => 'match' in part).map((part) => judge(part, wanted));
    if (judged.includes('other')) continue;
    const isSure = judged.every((one) => one === 'ours' || one === 'port');
    const isLetIn = judged.every((one) => one !== 'unsure') || judged.includes('port');
    if (isLetIn && expr.some((part) => 'accept' in part)) return 'accept';
    if (isSure && expr.some((part) => 'drop' in part || 'reject' in part)) return 'drop';
    const target = targetOf(expr);
    if (!isLetIn || target === undefined || depth >= DEEPEST) continue;
    const called = verdict({ family, table, name: target }, rules, wanted, depth + 1);
    if (called !== undefined) return called;
  }
  return chain.policy === 'drop' ? 'drop' : undefined;
}

function isIn(rule: Rule, { family, table, name }: Chain): boolean {
  return rule.family === family && rule.table === table && rule.chain === name;
}

function targetOf(expr: Rule['expr']): string | undefined {
  const target = expr.flatMap(({ jump, goto }) => jump ?? goto ?? [])[0];
  return (target as { readonly target?: string } | undefined)?.target;
}

type Judged = 'port' | 'interface' | 'ours' | 'other' | 'unsure';

function judge(part: unknown, { protocol, port }: Wanted): Judged {
  const { data } = MATCH.safeParse(part);
  if (data === undefined || data.match.op !== '==') return 'unsure';
  const { left, right } = data.match;
  const { payload, meta } = left as {
    payload?: { protocol?: string; field?: string };
    meta?: { key?: string };
  };
  if (meta?.key === 'iifname' || meta?.key === 'iif') return right === 'lo' ? 'other' : 'interface';
  if (meta?.key === 'l4proto' || payload?.field === 'protocol')
    return includes(right, protocol) ? 'ours' : 'other';
  if (payload?.field !== 'dport') return 'unsure';
  const isIt = [protocol, 'th'].includes(payload.protocol ?? '') && includes(right, port);
  return isIt ? 'port' : 'other';
}

/** A value, a set of them, or ranges in it. */
function includes(right: unknown, wanted: string | number): boolean {
  const set = SET.safeParse(right).data?.set;
  if (set !== undefined) return set.some((one) => includes(one, wanted));
  const range = (right as { readonly range?: readonly [number, number] } | null)?.range;
  if (range !== undefined) return typeof wanted === 'number' && range[0] <= wanted && wanted <= range[1];
  return right === wanted;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
