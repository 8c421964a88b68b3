/** What a host lacks of its medium: kernel, initrd and what its family needs besides. */

import { mediumUrl } from '../../boot/urls.ts';
import { bootFiles, normalUrl } from '../../inventory/bootfiles.ts';
import type { EffectiveHost } from '../../inventory/hostgroup.ts';
import type { Site } from '../../inventory/site.ts';
import { type Medium, type OperatingSystem, osTitle } from '../../inventory/types.ts';
import { fileBelow } from '../../media/file-below.ts';
import { reach } from '../../media/reach.ts';
import type { BuildCheckDeps } from './deps.ts';
import { type Found, gathered, lack } from './lacks.ts';

/** A web server that does not answer in this time is taken for unreachable. */
const REACH_MS = 2000;

export async function mediumLacks(
  deps: BuildCheckDeps,
  site: Site,
  host: EffectiveHost,
  os: OperatingSystem,
): Promise<Found> {
  if (host.provision_method === 'image') return {};
  const title = host.medium ?? os.media[0];
  const medium = title === undefined ? undefined : site.get('media', title);
  const media = os.media.length === 0 ? 'none' : os.media.join(', ');
  if (medium === undefined) {
    const needed = bootFiles(os, { name: '', path: '' }, host.architecture, '')?.kernel.uri !== undefined;
    return needed ? { errors: [lack('no-medium', 'medium', { os: osTitle(os), media })] } : {};
  }
  if (os.media.length > 0 && !os.media.includes(medium.name))
    return { errors: [lack('medium-foreign', 'medium', { medium: medium.name, os: osTitle(os), media })] };
  return filesLacks(deps, medium, host, os);
}

/** Kernel, initrd and what the family needs besides. */
async function filesLacks(
  deps: BuildCheckDeps,
  medium: Medium,
  { architecture }: EffectiveHost,
  os: OperatingSystem,
): Promise<Found> {
  const served = mediumUrl(deps.base(), medium.name);
  const files = bootFiles(os, medium, architecture, served);
  if (files === undefined) return {};
  const wanted = [files.kernel, files.initrd, ...Object.values(files.others)];
  const lacks = wanted.map(({ name, uri }) =>
    uri === undefined ? {} : fileLacks(deps, medium, { file: name, uri, served }),
  );
  return gathered(await Promise.all(lacks));
}

type MediumFile = { readonly file: string; readonly uri: string; readonly served: string };

async function fileLacks(
  { reach: ask = reach }: BuildCheckDeps,
  medium: Medium,
  { file, uri, served }: MediumFile,
): Promise<Found> {
  const root = `${normalUrl(served)}/`;
  const below = medium.path.startsWith('/') && uri.startsWith(root) ? uri.slice(root.length) : undefined;
  if (below !== undefined) {
    const found = await fileBelow(medium.path, below, 'inside');
    const values = { medium: medium.name, file, place: `${medium.path}/${below}` };
    return found === undefined ? { errors: [lack('file-missing', 'medium', values)] } : {};
  }
  const answer = await ask(uri, REACH_MS);
  const values = { medium: medium.name, file, place: uri };
  if (answer.kind === 'missing') return { errors: [lack('file-missing', 'medium', values)] };
  if (answer.kind === 'there') return {};
  return { warnings: [lack('medium-unreachable', 'medium', { ...values, reason: answer.reason })] };
}
