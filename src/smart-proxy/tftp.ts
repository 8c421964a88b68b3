/** `/tftp/*`: a Foreman sends boot configurations and names boot files; they are kept under the names that loaders ask for. */

import type { Log } from '../boot/log.ts';
import { ChainbootError } from '../errors.ts';
import type { Answer, Route } from '../http/answer.ts';
import type { BootRequest } from '../http/request.ts';
import { DONE, json, paramsOf, required } from './asked.ts';
import type { BootFiles } from './boot-files.ts';
import type { Tree } from './tree.ts';
import { commonNames, namesFor, pxeMac, variantNamed } from './variants.ts';

export type TftpModule = {
  readonly tree: Tree;
  readonly bootFiles: BootFiles;
  /** What machines are told to fetch files from. */
  readonly serverName: (request: BootRequest) => string;
  readonly log: Log;
};

/** The paths without a variant are those of old Foremans, which knew PXELINUX alone. */
export function tftpRoutes(deps: TftpModule): readonly Route[] {
  const post = (pattern: string, handle: Route['handle']): Route => ({ methods: ['POST'], pattern, handle });
  const own = (pattern: string): readonly Route[] => [
    post(pattern, (request, { variant = 'syslinux', mac = '' }) => put(deps, request, variant, mac)),
    {
      methods: ['DELETE'],
      pattern,
      handle: (_request, { variant = 'syslinux', mac = '' }) => remove(deps, variant, mac),
    },
  ];
  return [
    {
      methods: ['GET'],
      pattern: '/tftp/serverName',
      handle: async (request) => json({ serverName: deps.serverName(request) }),
    },
    post('/tftp/fetch_boot_file', async (request) => {
      const params = await paramsOf(request);
      await deps.bootFiles.order(required(params, 'prefix'), required(params, 'path'));
      return DONE;
    }),
    post('/tftp/create_default', (request) => putDefault(deps, request, 'syslinux')),
    post('/tftp/:variant/create_default', (request, { variant = '' }) => putDefault(deps, request, variant)),
    {
      methods: ['GET'],
      pattern: '/tftp/:variant/:mac',
      handle: (_request, { variant = '', mac = '' }) => read(deps, variant, mac),
    },
    ...own('/tftp/:variant/:mac'),
    ...own('/tftp/:mac'),
  ];
}

async function put(
  { tree, log }: TftpModule,
  request: BootRequest,
  kind: string,
  text: string,
): Promise<Answer> {
  const mac = pxeMac(text);
  const variant = variantNamed(kind);
  const params = await paramsOf(request);
  const config = params.get('pxeconfig') ?? required(params, 'syslinux_config');
  const names = namesFor(variant, mac);
  for (const name of names) await tree.put(name, config);
  log('info', 'a boot configuration was sent', { variant, mac, files: names.join(' '), ...by(request) });
  return DONE;
}

async function remove({ tree, log }: TftpModule, kind: string, text: string): Promise<Answer> {
  const mac = pxeMac(text);
  const variant = variantNamed(kind);
  for (const name of namesFor(variant, mac)) await tree.remove(name);
  log('info', 'a boot configuration was taken back', { variant, mac });
  return DONE;
}

async function read({ tree }: TftpModule, kind: string, text: string): Promise<Answer> {
  const mac = pxeMac(text);
  const variant = variantNamed(kind);
  const config = await tree.read(namesFor(variant, mac)[0]);
  if (config === undefined) throw new ChainbootError('PXE_CONFIG_MISSING', { variant, mac });
  return { kind: 'text', status: 200, text: config };
}

async function putDefault({ tree, log }: TftpModule, request: BootRequest, kind: string): Promise<Answer> {
  const variant = variantNamed(kind);
  const menu = required(await paramsOf(request), 'menu');
  for (const name of commonNames(variant)) await tree.put(name, menu);
  log('info', 'a boot menu was sent', { variant, ...by(request) });
  return DONE;
}

function by({ certificate, remote }: BootRequest) {
  return { by: certificate?.name ?? remote.address };
}
