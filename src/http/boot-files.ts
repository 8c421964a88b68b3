/** `/httpboot/*` (loaders for UEFI HTTP boot) and `/media/<medium>/*` (kernels, initrds, packages). */

import type { Content, ContentResolver, Requester } from '../boot/files.ts';
import type { Recorder } from '../boot/step.ts';
import { ChainbootError } from '../errors.ts';
import type { Answer, Route } from './answer.ts';
import { errorAnswer } from './errors.ts';
import { recorder } from './recorder.ts';
import type { BootRequest } from './request.ts';

export type BootFilesDeps = {
  readonly loader: ContentResolver;
  readonly medium: (medium: string, name: string, requester: Requester) => Promise<Content>;
  readonly record: Recorder;
  readonly now: () => number;
};

export function bootFileRoutes(deps: BootFilesDeps): readonly Route[] {
  return [
    {
      methods: ['GET', 'HEAD'],
      pattern: '/httpboot/*',
      handle: async (request, params) =>
        contentAnswer(request, deps, await deps.loader(params['*'] ?? '', request.remote)),
    },
    {
      methods: ['GET', 'HEAD'],
      pattern: '/media/:medium/*',
      handle: async (request, params) =>
        contentAnswer(
          request,
          deps,
          await deps.medium(params.medium ?? '', params['*'] ?? '', request.remote),
        ),
    },
  ];
}

/** Content as an answer, with its step in the trace. */
export function contentAnswer(
  request: BootRequest,
  deps: Pick<BootFilesDeps, 'record' | 'now'>,
  content: Content,
): Answer {
  const who = { ...(content.mac && { mac: content.mac }), ...(content.host && { host: content.host }) };
  if (content.kind === 'error') {
    const step = { kind: 'http.error', because: content.because, ...who } as const;
    const onFinished = recorder(request, deps, step, { error: content.code });
    return { ...errorAnswer(request, new ChainbootError(content.code, content.values), false), onFinished };
  }
  const onFinished = recorder(request, deps, { kind: 'http.file', because: content.because, ...who });
  if (content.kind === 'bytes') {
    return { kind: 'bytes', status: 200, bytes: content.bytes, type: 'application/octet-stream', onFinished };
  }
  const { path, growing, tag } = content;
  const more = { ...(growing && { growing }), ...(tag !== undefined && { tag }) };
  return { kind: 'file', path, name: request.path, onFinished, ...more };
}
