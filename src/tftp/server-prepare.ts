/** From content and wishes to a transfer that can begin: the packets, the terms and their OACK. */

import type { Content } from '../boot/files.ts';
import { type Bounds, negotiate, type Terms } from './negotiate.ts';
import { encode, type Option } from './packet.ts';
import { describeFile, type FileImages, memorySource, type Source } from './server-files.ts';
import type { Plan } from './transfer.ts';

export type Served = Exclude<Content, { readonly kind: 'error' }>;

export type Wanted = {
  readonly name: string;
  readonly mode: 'octet' | 'netascii';
  readonly options: readonly Option[];
  readonly bounds: Bounds;
};

export type Prepared = { readonly plan: Plan; readonly offer: Uint8Array; readonly source: Source };

/** Rejects with FILE_NOT_FOUND, FILE_UNREADABLE or TFTP_NETASCII_TOO_LARGE. */
export async function prepare(content: Served, wanted: Wanted, images: FileImages): Promise<Prepared> {
  const netascii = wanted.mode === 'netascii';
  if (content.kind === 'bytes') {
    const terms = termsFor(wanted, content.bytes.length);
    return begun(terms, memorySource(content.bytes, terms.blksize, netascii));
  }
  const file = await describeFile(content.path, wanted.name);
  const terms = termsFor(wanted, file.size);
  return begun(terms, await images.open(file, terms.blksize, netascii));
}

/**
 * In mode netascii the number of bytes sent is not the size of the file, so no size is told. Nor is 0: curl
 * takes `tsize 0` in an OACK for a fault and gives up.
 */
function termsFor({ mode, options, bounds }: Wanted, size: number): Terms {
  return negotiate(options, mode === 'octet' && size > 0 ? size : undefined, bounds);
}

function begun(terms: Terms, source: Source): Prepared {
  const { accepted, ...agreed } = terms;
  const plan = { ...agreed, size: source.size, offer: accepted.length > 0 };
  return { plan, offer: encode({ op: 'oack', options: accepted }), source };
}
