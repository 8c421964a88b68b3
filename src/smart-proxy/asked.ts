/** What is asked of a smart proxy, and the answers in its forms. */

import { ChainbootError } from '../errors.ts';
import type { Answer } from '../http/answer.ts';
import type { BootRequest } from '../http/request.ts';

/** Longest body: a boot configuration, with room. Bytes. */
const BODY_LIMIT = 1024 * 1024;

/** Of the query and of a form; those of the form precede. */
export async function paramsOf(request: BootRequest): Promise<URLSearchParams> {
  const body = new TextDecoder().decode(await request.readBody(BODY_LIMIT));
  const form = new URLSearchParams(isForm(request) ? body : '');
  for (const [name, value] of request.query) if (!form.has(name)) form.append(name, value);
  return form;
}

/** Rack takes a body without a type for a form, too. */
function isForm({ headers }: BootRequest): boolean {
  return /^$|^application\/x-www-form-urlencoded\b/i.test(String(headers['content-type'] ?? ''));
}

/** Throws PROXY_PARAMETER_INVALID where it is missing or empty. */
export function required(params: URLSearchParams, name: string): string {
  const value = params.get(name);
  if (value === null || value === '')
    throw new ChainbootError('PROXY_PARAMETER_INVALID', { parameter: name, reason: 'it is missing' });
  return value;
}

export function json(value: unknown): Answer {
  return { kind: 'text', status: 200, text: JSON.stringify(value), type: 'application/json' };
}

/** 200 without anything: what it answers to an order. */
export const DONE: Answer = { kind: 'text', status: 200, text: '' };
