/** Replays a capture: the trace of what happened in it, and what this server would have answered to each request. */

import type { SeenStep } from '../../boot/diagnose/types.ts';
import type { Neighbour } from '../../boot/neighbour.ts';
import { because, type Reason, sentence } from '../../boot/reason.ts';
import {
  answerText,
  capturedAnswer,
  type Difference,
  dhcpAnswer,
  dhcpDifferences,
} from '../../capture/compare.ts';
import type {
  CaptureEvent,
  Conversation,
  DhcpEvent,
  HttpRequestEvent,
  HttpResponseEvent,
  TftpEvent,
} from '../../capture/events.ts';
import { answersOf } from '../../capture/exchanges.ts';
import type { Replayed, ReplayedBoot, ReplayReport } from '../../capture/report.ts';
import { bootServers, dotted, neighboursOf } from '../../capture/servers.ts';
import { stepsOf, toldSize } from '../../capture/steps.ts';
import { bodyText } from '../../capture/words.ts';
import { MESSAGE, messageName, messageType, serverId } from '../../dhcp/options.ts';
import type { DhcpPacket } from '../../dhcp/packet.ts';
import type { Site } from '../../inventory/site.ts';
import { formatIpv4 } from '../../net/ip.ts';
import type { Mac } from '../../net/mac.ts';
import type { ServedLink } from '../links.ts';
import { diagnosisOf } from './diagnosis.ts';
import type { ReplayDeps } from './server.ts';
import { ReplayServer } from './server.ts';

/** `mac`: this machine only. Rejects only with what is a defect. */
export async function replay(
  told: Conversation,
  deps: ReplayDeps,
  mac: Mac | undefined,
): Promise<ReplayReport> {
  const events = mac === undefined ? told.events : told.events.filter((event) => event.mac === mac);
  const servers = bootServers(events);
  const neighbours = neighboursOf(events, servers);
  const server = await ReplayServer.open(deps);
  try {
    const requests: Replayed[] = [];
    for (const ask of asksOf(events, servers)) requests.push(await ask(server, deps.served));
    const boots = replayedBoots(stepsOf(events, servers), neighbours, deps.inventory.site, told.ended);
    const { served } = deps;
    return {
      link: served.link.name,
      mode: served.config.mode,
      servers: [...servers],
      neighbours,
      boots,
      requests,
    };
  } finally {
    await server.close();
  }
}

type Ask = (server: ReplayServer, served: ServedLink) => Promise<Replayed>;

/** In the order of the capture, as one answer may depend on those before. */
function asksOf(events: readonly CaptureEvent[], servers: ReadonlySet<string>): readonly Ask[] {
  const dhcp = answersOf(events.filter((event) => event.kind === 'dhcp'));
  const answers = new Map(dhcp.map(({ request, answers }) => [request.frame, answers]));
  const responses = new Map<number, HttpResponseEvent>();
  for (const event of events)
    if (event.kind === 'http-response' && event.request !== undefined)
      responses.set(event.request.frame, event);
  return events.flatMap((event): Ask | readonly Ask[] => {
    switch (event.kind) {
      case 'dhcp':
        return event.packet.op === 1 && wantsAnswer(event)
          ? (server, served) => askDhcp(server, served, event, answers.get(event.frame) ?? [])
          : [];
      case 'tftp':
        return event.op === 'rrq' ? (server) => askTftp(server, event) : [];
      case 'http-request':
        // What a machine fetches from a mirror is not ours to answer.
        return servers.has(event.to.address)
          ? (server) => askHttp(server, event, responses.get(event.frame))
          : [];
      default:
        return [];
    }
  });
}

function wantsAnswer({ packet }: DhcpEvent): boolean {
  const type = messageType(packet);
  return type === MESSAGE.discover || type === MESSAGE.request || type === MESSAGE.inform;
}

function commonOf({ frame, at, mac }: CaptureEvent) {
  return { frame, at, ...(mac !== undefined && { mac }) };
}

function told(reason: Reason | undefined): Replayed['because'] {
  return reason && { code: reason.code, sentence: sentence(reason) };
}

async function askDhcp(
  server: ReplayServer,
  { link, policy }: ServedLink,
  event: DhcpEvent,
  answers: readonly DhcpEvent[],
): Promise<Replayed> {
  const { packet, pxe, from } = event;
  const { answer, step } = await server.dhcp(packet, pxe, from);
  const captured = capturedAnswer(answers);
  const here = answer && dhcpAnswer(answer, formatIpv4(link.address));
  // A REQUEST is for the server that gives the address: a proxy says nothing to it.
  const isOthers =
    policy?.mode === 'proxy' && !pxe && here === undefined && messageType(packet) === MESSAGE.request;
  return {
    ...commonOf(event),
    protocol: pxe ? 'pxe' : 'dhcp',
    request: `${pxe ? 'PXE' : 'DHCP'} ${messageName(packet)} of ${event.mac}`,
    captured: captured && answerText(captured),
    here: here && answerText(here),
    because: told(isOthers ? chosen(packet) : step?.because),
    differences: isOthers ? [] : dhcpDifferences(captured, here, policy?.mode === 'server'),
  };
}

function chosen(packet: DhcpPacket): Reason | undefined {
  const server = dotted(serverId(packet));
  return server === undefined ? undefined : because('other-server', { server });
}

async function askTftp(server: ReplayServer, event: TftpEvent): Promise<Replayed> {
  const { filename, from, mac, outcome, error } = event;
  const served = await server.tftp(filename, from.address, mac);
  const theirs =
    outcome === 'refused' || outcome === 'unanswered' ? undefined : (toldSize(event) ?? sizeSeen(event));
  const isThere = outcome !== 'refused' && outcome !== 'unanswered';
  const captured =
    outcome === 'refused' ? `error ${error?.code} "${error?.message}"` : isThere ? sized(theirs) : undefined;
  const here = served.kind === 'error' ? served.code : sized(served.size);
  return {
    ...commonOf(event),
    protocol: 'tftp',
    request: `TFTP read "${filename}"`,
    captured,
    here,
    because: told(served.because),
    ...(served.kind === 'content' && served.text !== undefined && { text: served.text }),
    differences: fileDifferences(
      { isThere, size: theirs, said: captured },
      {
        isThere: served.kind === 'content',
        size: served.kind === 'content' ? served.size : undefined,
        said: here,
      },
    ),
  };
}

function sizeSeen({ outcome, bytes }: TftpEvent): number | undefined {
  return outcome === 'complete' ? bytes : undefined;
}

function sized(size: number | undefined): string {
  return size === undefined ? 'the file' : `${size} bytes`;
}

type FileAnswer = {
  readonly isThere: boolean;
  readonly size: number | undefined;
  readonly said: string | undefined;
};

function fileDifferences(captured: FileAnswer, here: FileAnswer): readonly Difference[] {
  if (captured.isThere !== here.isThere)
    return [{ field: 'answer', captured: captured.said, here: here.said }];
  if (
    !captured.isThere ||
    captured.size === undefined ||
    here.size === undefined ||
    captured.size === here.size
  )
    return [];
  return [{ field: 'size', captured: sized(captured.size), here: sized(here.size) }];
}

async function askHttp(
  server: ReplayServer,
  event: HttpRequestEvent,
  response: HttpResponseEvent | undefined,
): Promise<Replayed> {
  const { status, size, text, error, step } = await server.http(event);
  const template = step?.detail?.template;
  const from = template === undefined ? '' : ` of the template ${template}`;
  const words = error === undefined ? `${status}, ${size} bytes${from}` : `${status} ${error}`;
  return {
    ...commonOf(event),
    protocol: 'http',
    request: `HTTP ${event.method} ${event.target}`,
    captured:
      response && `${response.status} ${response.reason}, ${response.promised ?? response.bytes} bytes`,
    here: words,
    because: told(step?.because),
    ...(text !== undefined && { text }),
    differences: httpDifferences(event, response, { status, size, text }),
  };
}

type HereAnswer = { readonly status: number; readonly size: number; readonly text: string | undefined };

/** A part of a file is as good as the whole: what the client asked for decides on that. */
function httpDifferences(
  { method }: HttpRequestEvent,
  response: HttpResponseEvent | undefined,
  here: HereAnswer,
): readonly Difference[] {
  if (response === undefined) return [{ field: 'answer', captured: undefined, here: String(here.status) }];
  const isPart = response.status === 206 && here.status === 200;
  if (response.status !== here.status && !isPart)
    return [{ field: 'status', captured: String(response.status), here: String(here.status) }];
  if (isPart || method === 'HEAD' || here.status >= 400) return [];
  const theirs = bodyText(response);
  if (theirs !== undefined && here.text !== undefined && theirs !== here.text)
    return [
      { field: 'content', captured: `${theirs.length} characters`, here: `${here.text.length} characters` },
    ];
  const size = response.promised ?? response.bytes;
  return size === here.size ? [] : [{ field: 'size', captured: `${size} bytes`, here: `${here.size} bytes` }];
}

function replayedBoots(
  steps: readonly SeenStep[],
  neighbours: readonly Neighbour[],
  site: Site,
  now: number,
): readonly ReplayedBoot[] {
  const boots = [...bootsOf(steps)];
  return boots.map(([id, own], i) => {
    const mac = own.find((step) => step.mac !== undefined)?.mac;
    const before = boots.slice(0, i).map(([, other]) => other);
    const earlier = before.filter((other) => other.some((step) => step.mac === mac)).reverse();
    return { id, mac, steps: own, diagnosis: diagnosisOf({ steps: own, earlier, neighbours, now }, site) };
  });
}

function bootsOf(steps: readonly SeenStep[]): ReadonlyMap<string, readonly SeenStep[]> {
  const boots = new Map<string, SeenStep[]>();
  for (const step of steps) {
    const known = boots.get(step.boot);
    if (known === undefined) boots.set(step.boot, [step]);
    else known.push(step);
  }
  return boots;
}
