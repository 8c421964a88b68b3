/**
 * What machines get by TFTP and HTTP, with everything that follows from their asking left to the caller. There is one
 * room for the machines, and one for each rehearsal, which is given functions that keep nothing: so both answer alike.
 */

import type { Answerer } from '../boot/answer.ts';
import type { ContentResolver, Requester } from '../boot/files.ts';
import { identify } from '../boot/identify.ts';
import type { LeaseLookup } from '../boot/lease.ts';
import type { Log } from '../boot/log.ts';
import type { Recorder } from '../boot/step.ts';
import type { BaseUrl } from '../boot/urls.ts';
import { loaderDirectories } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Route } from '../http/answer.ts';
import { bootFileRoutes } from '../http/boot-files.ts';
import { certificateRoutes } from '../http/certificate.ts';
import { type LimitDeps, limited } from '../http/limited.ts';
import { passedOn } from '../http/passed-on.ts';
import { saidRoutes } from '../http/said.ts';
import { reportRoutes, type UnattendedDeps, unattendedRoutes } from '../http/unattended.ts';
import { userdataRoutes } from '../http/userdata.ts';
import type { Site } from '../inventory/site.ts';
import { type AnswersDeps, answers } from '../service/answers.ts';
import { bootContent, type MediumFile, mediumContent } from '../service/files.ts';
import { heldFiles } from '../service/held-files.ts';
import type { LoopGuard } from '../service/loop-guard.ts';
import type { RenderPool } from '../template/pool.ts';
import { type ServedLink, unknownHosts } from './links.ts';

/** What both kinds of rooms share: it changes with a reload and with the inventory only. */
export type RoomGround = {
  readonly config: () => Config;
  readonly links: () => readonly ServedLink[];
  readonly refresh: () => Promise<unknown>;
  readonly pool: Pick<RenderPool, 'render'>;
  /** Root certificate of our HTTPS, PEM: to be fetched, and for installers that are told to trust it. */
  readonly root: () => string | undefined;
  readonly trust: () => string | undefined;
};

export type RoomParts = RoomGround & {
  readonly site: () => Site;
  readonly leases: LeaseLookup;
  readonly guard: AnswersDeps['guard'] & Pick<LoopGuard, 'holdOf'>;
  readonly record: Recorder;
  /** Around every answer that is rendered. */
  readonly kept: (answer: Answerer) => Answerer;
  readonly reports: Pick<UnattendedDeps, 'built' | 'failed'>;
  /** Where URLs of a host lead, if not to us; see service/answers.ts. */
  readonly through?: AnswersDeps['through'];
  /** Whether requests from an address are passed on by a smart proxy of ours. */
  readonly isProxy?: (address: string) => boolean;
  /** Around what loaders ask for by name: what a Foreman sent for machines of its own. */
  readonly pushed?: (files: ContentResolver) => ContentResolver;
  /** Where files of media are, if not in the directories of the media. */
  readonly mediumFile?: MediumFile;
  /** How often an address may ask; as often as it likes unless given. */
  readonly limits?: () => LimitDeps;
  readonly log: Log;
};

export type BootRoom = { readonly content: ContentResolver; readonly routes: readonly Route[] };

export function bootRoom(parts: RoomParts): BootRoom {
  const { site, leases, record, log, guard } = parts;
  const answer = parts.kept(
    answers({
      site,
      leases,
      pool: parts.pool,
      now: Date.now,
      log,
      guard,
      root: parts.trust,
      ...(parts.through && { through: parts.through }),
    }),
  );
  const base = (requester: Requester) => baseOf(parts.links(), requester);
  const files = {
    site,
    leases,
    answer,
    base,
    loaderDirectories: () => loaderDirectories(parts.config()),
    unknownHosts: ({ link }: Requester) => unknownHosts(linkNamed(parts.links(), link).config),
    ...(parts.mediumFile && { mediumFile: parts.mediumFile }),
  };
  const own = bootContent(files);
  const named = parts.pushed?.(own) ?? own;
  const content = heldFiles({ ...files, holdOf: (who) => guard.holdOf(who) }, named);
  const unattended: UnattendedDeps = {
    ...parts.reports,
    answer,
    record,
    now: Date.now,
    base: (request) => base(request.remote),
    identifyReporter: async (claims) => {
      await parts.refresh();
      return identify(claims, site(), leases, { now: Date.now(), acceptExpired: true });
    },
  };
  const { limits, isProxy } = parts;
  const within = (routes: readonly Route[]) => {
    const own = limits === undefined ? routes : limited(routes, limits());
    return isProxy === undefined ? own : passedOn(own, isProxy);
  };
  return {
    content,
    routes: [
      ...certificateRoutes(parts.root),
      ...within(reportRoutes(unattended)),
      ...within(saidRoutes(unattended)),
      ...within([...unattendedRoutes(unattended), ...userdataRoutes({ ...unattended, site })]),
      ...bootFileRoutes({ loader: content, medium: mediumContent(files), record, now: Date.now }),
    ],
  };
}

export function linkNamed(links: readonly ServedLink[], name: string | undefined): ServedLink {
  return links.find(({ link }) => link.name === name) ?? links[0]!;
}

/** Who asks over TLS is answered with https URLs, and the other way round. */
function baseOf(links: readonly ServedLink[], { link, secure }: Requester): BaseUrl {
  const { base, secureBase } = linkNamed(links, link);
  return (secure ? secureBase : undefined) ?? base;
}
