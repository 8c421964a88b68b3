/** The key for OMAPI, from a file that dhcpd.conf can include: `key name { algorithm hmac-md5; secret "…"; };`. Pure. */

import { ChainbootError } from '../../errors.ts';
import { nameOf } from '../../moving/dhcpd/host.ts';
import { parseDhcpd, type Statement } from '../../moving/dhcpd/parser.ts';
import { filesOf } from '../../moving/files.ts';
import { ALGORITHMS, type OmapiKey } from './omapi-codec.ts';

/** @throws ChainbootError CONFIG_UNREADABLE, IMPORT_UNREADABLE */
export function keyIn(text: string, file: string): OmapiKey {
  const found = parseDhcpd(text, file, filesOf({})).find(({ words }) => words[0]?.text === 'key');
  if (found === undefined) throw unusable(file, 'it has no key "name" { algorithm …; secret …; };');
  const algorithm = ALGORITHMS.find((each) => each === wordsOf(found, 'algorithm').toLowerCase());
  if (algorithm === undefined) throw unusable(file, `the algorithm is none of ${ALGORITHMS.join(', ')}`);
  const secret = Buffer.from(wordsOf(found, 'secret'), 'base64');
  if (secret.length === 0) throw unusable(file, 'the key has no secret in Base64');
  return { name: nameOf(found), algorithm, secret };
}

function wordsOf({ block = [] }: Statement, word: string): string {
  const found = block.find(({ words }) => words[0]?.text === word);
  return (found?.words ?? [])
    .slice(1)
    .map(({ text }) => text)
    .join('');
}

function unusable(file: string, reason: string): ChainbootError {
  return new ChainbootError('CONFIG_UNREADABLE', { file, reason });
}
