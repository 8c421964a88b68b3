/** `/httpboot/*` and `/EFI/*`: the same files as by TFTP, for firmware that boots by HTTP. */

import type { ContentResolver } from '../boot/files.ts';
import type { Recorder } from '../boot/step.ts';
import { ChainbootError } from '../errors.ts';
import type { Answer, Route } from '../http/answer.ts';
import { contentAnswer } from '../http/boot-files.ts';
import type { BootRequest } from '../http/request.ts';
import type { Tree } from './tree.ts';

export type HttpbootModule = {
  readonly content: ContentResolver;
  readonly tree: Tree;
  readonly record: Recorder;
  readonly now: () => number;
};

export function httpbootRoutes(deps: HttpbootModule): readonly Route[] {
  const files = (pattern: string, folder: string): Route => ({
    methods: ['GET', 'HEAD'],
    pattern,
    handle: (request, params) => file(deps, request, `${folder}${params['*'] ?? ''}`),
  });
  return [
    files('/httpboot/*', ''),
    files('/EFI/*', 'EFI/'),
    ...['/httpboot', '/EFI'].map(
      (pattern): Route => ({
        methods: ['GET', 'HEAD'],
        pattern,
        handle: async () => {
          throw new ChainbootError('FILE_FORBIDDEN', { name: pattern });
        },
      }),
    ),
  ];
}

/** Directories are not listed: 403, as from the real one. */
async function file(deps: HttpbootModule, request: BootRequest, name: string): Promise<Answer> {
  const content = await deps.content(name, request.remote);
  if (content.kind === 'error' && content.code === 'FILE_NOT_FOUND' && (await deps.tree.isDirectory(name)))
    throw new ChainbootError('FILE_FORBIDDEN', { name });
  return contentAnswer(request, deps, content);
}
