/** Turns whatever went wrong into an answer that the client can show. */

import { ipxeWords } from '../boot/console.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { Answer } from './answer.ts';
import type { BootRequest } from './request.ts';

export type TextAnswer = Extract<Answer, { kind: 'text' }>;

export function asChainbootError(error: unknown): ChainbootError {
  if (error instanceof ChainbootError) return error;
  return new ChainbootError('INTERNAL', { reason: reasonOf(error) }, [], error);
}

/**
 * The script an iPXE runs instead of the one that could not be made: it says what is wrong and what to do, then
 * asks again every half minute, so that a machine goes on by itself once the cause is mended. `retryUrl` must
 * hold no spaces and no `${`.
 */
export function errorScript(
  error: ChainbootError,
  { requestId, retryUrl }: { readonly requestId: string; readonly retryUrl: string },
): string {
  return [
    '#!ipxe',
    'echo',
    `echo Chainboot: ${error.code}`,
    `echo What is wrong: ${ipxeWords(error.message)}`,
    `echo What to do: ${ipxeWords(error.hint)}`,
    `echo Request ${ipxeWords(requestId)}`,
    'echo',
    ':again',
    // Any key but s fails the prompt at once, as the timeout does; `||` carries on in both cases.
    'prompt --key s --timeout 30000 Press s for the iPXE shell, any other key to try again (in 30 s anyway) && shell ||',
    `chain --replace --autofree ${retryUrl} || goto again`,
    '',
  ].join('\n');
}

/**
 * Scripts for iPXE on routes whose answer it runs: with status 200, because it reports anything else as a number
 * and never shows the body (iPXE src/net/tcp/httpcore.c; seen with 1.0.0 and 2.0.0). Everyone else gets the
 * catalogue's status and plain text.
 */
export function errorAnswer(request: BootRequest, error: unknown, isScript: boolean): TextAnswer {
  const known = asChainbootError(error);
  const headers = { 'X-Chainboot-Error': known.code };
  if (isScript && request.ifIpxe) {
    const text = errorScript(known, { requestId: request.id, retryUrl: request.url });
    return { kind: 'text', status: 200, text, headers };
  }
  return { kind: 'text', status: known.status, text: errorText(known), headers };
}

export function errorText(error: ChainbootError): string {
  return `${error.code}: ${error.message}\n${error.hint}\n`;
}
