/** The conditions and classes with which sites taught dhcpd to boot machines, which Chainboot does by itself. */

import type { Statement } from './parser.ts';

/** What firmware and loaders are told apart by. */
const TELLS =
  /user-class|\bi?PXE\b|gPXE|PXEClient|HTTPClient|Etherboot|\barch\b|architecture|client-system|pxe-system|unknown-(93|175)|option-(93|175)|\b93\b|\b175\b/i;

/** What only says what is booted. */
const BOOTS =
  /^(filename|next-server|server-name|match|if|elsif|else|option (vendor-class-identifier|vendor-encapsulated-options|bootfile-name|tftp-server-name|tftp-server-address|ipxe\.|PXE\.|pxelinux\.)|vendor-option-space|log)\b/;

const WHY =
  'tells firmware and loaders apart; Chainboot does that by itself and hands out the loader that suits';

export type BootLogic = { readonly outcome: 'left' | 'human'; readonly message: string };

/** @param inherited condition of the statement around it, for `else` */
export function bootLogicOf(statement: Statement, inherited = ''): BootLogic {
  const condition = `${inherited} ${wordsIn(statement)} ${(statement.block ?? [])
    .filter(({ block }) => block === undefined)
    .map(wordsIn)
    .filter((text) => text.startsWith('match'))
    .join(' ')}`;
  const others = leavesOf(statement).filter((text) => !BOOTS.test(text));
  if (!TELLS.test(condition))
    return { outcome: 'human', message: 'depends on what the client sends; hosts and subnets do not, here' };
  if (others.length === 0) return { outcome: 'left', message: WHY };
  return { outcome: 'human', message: `${WHY}; not so: ${others.slice(0, 3).join('; ')}` };
}

/** All words of a statement, strings without quotes. */
export function wordsIn({ words }: Statement): string {
  return words.map(({ text }) => text).join(' ');
}

function leavesOf(statement: Statement): readonly string[] {
  const leaves: string[] = [];
  const stack = [...(statement.block ?? [])];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.block === undefined) leaves.push(wordsIn(next));
    else stack.push(...next.block);
  }
  return leaves;
}
