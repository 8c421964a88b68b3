/** kernel, initrd, chain, boot and the other commands about images. */

import type { Arguments } from '../../formats/ipxe/commands.ts';
import { BootFailure } from '../failure.ts';
import { KEEP_MAGIC, KEEP_SCRIPT } from '../fetched.ts';
import { execute } from './execute.ts';
import { type Flow, type Image, NEXT } from './machine.ts';
import type { Handler, Ipxe } from './run.ts';

const failed = (message: string): BootFailure => new BootFailure('script-line', message);

/** An absolute URL; relative ones start from the script that is running. */
function resolveUrl(ipxe: Ipxe, given: string): string {
  try {
    const url = ipxe.base === '' ? new URL(given) : new URL(given, ipxe.base);
    // The 2019 builds that Debian ships escape colons in a query: `?mac=52%3A54%3A…`.
    url.search = url.search.replaceAll(':', '%3A');
    return url.href;
  } catch {
    throw new BootFailure(
      'url-unsupported',
      `"${given}" is no URL, and there is none it could be relative to`,
    );
  }
}

function nameOf(url: string): string {
  const name = url.split(/[?#]/, 1)[0]!.split('/').pop();
  return name === undefined || name === '' ? url : name;
}

async function download(ipxe: Ipxe, given: Arguments, keep: number): Promise<Image> {
  const [uri = '', ...args] = given.words;
  const url = resolveUrl(ipxe, uri);
  const file = await ipxe.world.fetch(url, keep);
  return { name: given.options.name ?? nameOf(url), file, args: args.join(' ') };
}

/** An image of this name that is there already, with new arguments if there are any; else it is fetched. */
async function acquire(ipxe: Ipxe, given: Arguments): Promise<Image> {
  const [name = '', ...args] = given.words;
  const present = ipxe.images.get(name);
  if (present === undefined) return download(ipxe, given, KEEP_SCRIPT);
  if (args.length > 0) present.args = args.join(' ');
  return present;
}

async function run(ipxe: Ipxe, image: Image, autofree: boolean): Promise<Flow> {
  const result = await execute(ipxe, image, autofree);
  if (result.kind === 'failed') throw result.failure;
  return result.kind === 'final' ? result : NEXT;
}

/** What autoboot does with the URL that DHCP gave. */
export async function chainUrl(ipxe: Ipxe, url: string): Promise<Flow> {
  return run(ipxe, await download(ipxe, { options: {}, words: [url] }, KEEP_SCRIPT), true);
}

const fetchImage: Handler = async (ipxe, given) => {
  const image = await download(ipxe, given, KEEP_MAGIC);
  ipxe.images.set(image.name, image);
  return NEXT;
};

const select: Handler = async (ipxe, given) => {
  const image = await acquire(ipxe, given);
  ipxe.images.set(image.name, image);
  ipxe.selected = image;
  return NEXT;
};

const boot: Handler = async (ipxe, given) => {
  const image = given.words.length === 0 ? ipxe.selected : await acquire(ipxe, given);
  if (image === undefined) {
    // It says so, and yet succeeds (seen in Debian's ipxe.lkrn): the script goes on.
    ipxe.print('No image selected');
    return NEXT;
  }
  const autofree = given.options.autofree !== undefined;
  ipxe.images.set(image.name, image);
  return given.options.replace === undefined
    ? run(ipxe, image, autofree)
    : { kind: 'replace', image, autofree };
};

export const IMAGE_HANDLERS: Readonly<Record<string, Handler>> = {
  chain: boot,
  boot,
  imgexec: boot,
  kernel: select,
  imgselect: select,
  imgload: select,
  initrd: fetchImage,
  module: fetchImage,
  imgfetch: fetchImage,
  async imgargs(ipxe, given) {
    const image = await acquire(ipxe, given);
    ipxe.images.set(image.name, image);
    image.args = given.words.slice(1).join(' ');
    return NEXT;
  },
  imgfree(ipxe, { words: [name] }) {
    if (name === undefined) {
      ipxe.images.clear();
      ipxe.selected = undefined;
      return NEXT;
    }
    if (!ipxe.images.delete(name)) throw failed(`imgfree: there is no image ${name}`);
    if (ipxe.selected?.name === name) ipxe.selected = undefined;
    return NEXT;
  },
  imgstat(ipxe) {
    for (const image of ipxe.images.values()) {
      const mark = image === ipxe.selected ? ' [SELECTED]' : '';
      ipxe.print(`${image.name} : ${image.file.bytes} bytes${mark} "${image.args}"`);
    }
    return NEXT;
  },
};
