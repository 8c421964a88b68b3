/** What is asked of the world around a host that is to be built. */

import type { BaseUrl } from '../../boot/urls.ts';
import type { reach } from '../../media/reach.ts';
import type { Ipv4 } from '../../net/ip.ts';
import type { RenderPool } from '../../template/pool.ts';

export type BuildCheckDeps = {
  /** Without one, templates are looked for and not rendered. */
  readonly pool?: Pick<RenderPool, 'render'> | undefined;
  /** The boot plane, as templates are to name it. */
  readonly base: () => BaseUrl;
  /** Root certificate of our HTTPS, PEM. */
  readonly root: () => string | undefined;
  /** Whether a boot loader of this name is installed. */
  readonly hasLoader: (file: string) => boolean;
  readonly links: () => readonly CheckedLink[];
  /** Whether a web server has a file; over the network unless given. */
  readonly reach?: typeof reach;
  readonly now: () => number;
};

/** `server`: nobody else hands out addresses there. */
export type CheckedLink = { readonly address: Ipv4; readonly mode: 'server' | 'proxy' | 'off' };
