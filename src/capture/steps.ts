/** The boot trace of a capture: what the servers in it answered, as steps like those of our own trace. Pure. */

import type { SeenStep } from '../boot/diagnose/types.ts';
import { because, type Reason } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import { BootTracker } from '../boot/trace.ts';
import { factsOf } from '../dhcp/facts.ts';
import { MESSAGE, messageName, messageType, requestedIp } from '../dhcp/options.ts';
import { agentOf, parseTarget } from '../http/request.ts';
import { TFTP_ERROR } from '../tftp/packet.ts';
import type {
  CaptureEvent,
  DhcpEvent,
  HttpRequestEvent,
  HttpResponseEvent,
  TftpEvent,
  TlsEvent,
} from './events.ts';
import { answersOf } from './exchanges.ts';
import { bootFileOf, CAPTURE_LINK, dotted, isOffer, serverOf } from './servers.ts';

/** What GRUB may have read of a file when it closes it again (see tftp/answers.ts). */
const PEEK_BLOCKS = 8;

/** Oldest first, each with its boot. `ours`: whose answers are the boot's; what others answer is told as foreign. */
export function stepsOf(events: readonly CaptureEvent[], ours: ReadonlySet<string>): readonly SeenStep[] {
  const tracker = new BootTracker();
  return [...dhcpSteps(events, ours), ...fetchSteps(events)]
    .sort((a, b) => a.at - b.at)
    .map((step) => ({ ...step, ...tracker.place(step) }));
}

function dhcpSteps(events: readonly CaptureEvent[], ours: ReadonlySet<string>): readonly Step[] {
  const dhcp = events.filter((event) => event.kind === 'dhcp');
  return answersOf(dhcp).flatMap(({ request, answers }) => {
    if (answers.length === 0) return unanswered(request);
    return answers.map((answer) =>
      ours.has(serverOf(answer)) ? answerStep(request, answer) : foreignStep(request, answer),
    );
  });
}

type Common = Omit<Step, 'kind' | 'because'>;

function commonOf({ packet, pxe }: DhcpEvent, at: number): Common {
  const { mac, stage, uuid, arch, disguised } = factsOf(packet, pxe ? 'proxy-dhcp' : 'dhcp', CAPTURE_LINK);
  return {
    at,
    via: pxe ? 'proxy-dhcp' : 'dhcp',
    mac,
    stage,
    xid: packet.xid,
    link: CAPTURE_LINK,
    ...(stage !== 'os' && stage !== 'installer' && { arch: arch.name }),
    ...(uuid !== undefined && { uuid }),
    ...(disguised && { disguised }),
  };
}

/** Of what wants no answer, and of what found none. */
function unanswered(request: DhcpEvent): readonly Step[] {
  const common = commonOf(request, request.at);
  const wanted = dotted(requestedIp(request.packet) ?? request.packet.ciaddr);
  const address = wanted === undefined ? {} : { address: wanted };
  switch (messageType(request.packet)) {
    case MESSAGE.discover:
    case MESSAGE.request:
      return [{ ...common, ...address, kind: 'dhcp.ignore', because: because('captured-unanswered') }];
    case MESSAGE.release:
      return [
        {
          ...common,
          ...address,
          kind: 'dhcp.release',
          because: because('lease-released', { address: wanted }),
        },
      ];
    case MESSAGE.decline:
      return [
        {
          ...common,
          ...address,
          kind: 'dhcp.decline',
          because: because('lease-declined', { address: wanted }),
        },
      ];
    default:
      return [];
  }
}

function answerStep(request: DhcpEvent, answer: DhcpEvent): Step {
  const { packet, at } = answer;
  const file = bootFileOf(packet);
  const address = dotted(packet.yiaddr) ?? dotted(packet.ciaddr);
  const isProxy = answer.pxe || packet.yiaddr === 0;
  return {
    ...commonOf(request, at),
    via: isProxy ? 'proxy-dhcp' : 'dhcp',
    kind: kindOf(request, answer),
    because: reasonOf(request, answer, file),
    ...(address !== undefined && { address }),
    ...(file !== undefined && isOffer(answer) && { what: file }),
    detail: { server: serverOf(answer), frame: answer.frame },
  };
}

function kindOf(request: DhcpEvent, { packet }: DhcpEvent): Step['kind'] {
  const type = messageType(packet);
  if (type === MESSAGE.offer) return 'dhcp.offer';
  if (type === MESSAGE.nak) return 'dhcp.nak';
  return messageType(request.packet) === MESSAGE.inform ? 'dhcp.inform' : 'dhcp.ack';
}

/** Why a server answers as it does is not in its packets; what it amounts to is. */
function reasonOf(request: DhcpEvent, answer: DhcpEvent, file: string | undefined): Reason {
  const server = serverOf(answer);
  if (messageType(answer.packet) === MESSAGE.nak) return because('captured-refused', { server });
  const { stage, arch } = factsOf(request.packet, 'dhcp', CAPTURE_LINK);
  if (stage === 'os' || stage === 'installer') return because('not-a-boot');
  if (file === undefined) return because('captured-no-file', { server });
  const isUrl = /^https?:/i.test(file);
  if ((stage === 'ipxe' || stage === 'gpxe') && isUrl) return because('ipxe-asks');
  if (stage === 'rom' && arch.http && isUrl) return because('http-rom-asks');
  if (stage === 'rom' && !isUrl) return because('rom-asks', { arch: arch.name, file });
  return because('captured-file', { server, file });
}

function foreignStep(request: DhcpEvent, answer: DhcpEvent): Step {
  const { packet, at, from } = answer;
  const server = serverOf(answer);
  const file = bootFileOf(packet);
  const address = dotted(packet.yiaddr);
  return {
    ...commonOf(request, at),
    kind: 'dhcp.foreign',
    because:
      file === undefined
        ? because('captured-no-file', { server })
        : because('captured-file', { server, file }),
    ...(address !== undefined && { address }),
    ...(file !== undefined && { what: file }),
    detail: {
      server,
      message: messageName(packet),
      frame: answer.frame,
      ...(from.mac !== undefined && { server_mac: from.mac }),
    },
  };
}

function fetchSteps(events: readonly CaptureEvent[]): readonly Step[] {
  const answered = new Set(
    events.map((event) => (event.kind === 'http-response' ? event.request?.frame : undefined)),
  );
  const sizes = sizesTold(events);
  const latest = new Map(events.map((event) => [event.mac, event]));
  return events.flatMap((event): Step | readonly Step[] => {
    switch (event.kind) {
      case 'tftp':
        return transferStep(inferred(event, sizes, latest.get(event.mac)));
      case 'http-response':
        return event.request === undefined ? [] : responseStep(event, event.request);
      case 'http-request':
        return answered.has(event.frame) ? [] : requestStep(event);
      case 'tls':
        return tlsStep(event);
      default:
        return [];
    }
  });
}

type Fetch = TftpEvent | HttpRequestEvent | TlsEvent;

function fetchOf({ mac, from, to, frame }: Fetch, at: number, via: 'tftp' | 'http') {
  const detail = { server: to.address, frame };
  return { at, via, link: CAPTURE_LINK, address: from.address, ...(mac !== undefined && { mac }), detail };
}

/** UEFI asks for the size first and then, in a transfer of its own, for the file. */
function sizesTold(events: readonly CaptureEvent[]): ReadonlyMap<string, number> {
  return new Map(
    events.flatMap((event) => {
      const size = event.kind === 'tftp' ? toldSize(event) : undefined;
      return event.kind !== 'tftp' || size === undefined
        ? []
        : [[`${event.mac} ${event.filename}`, size] as const];
    }),
  );
}

/** Filters leave out the blocks of files: a machine that went on to something else has got its file. */
function inferred(
  event: TftpEvent,
  sizes: ReadonlyMap<string, number>,
  latest: CaptureEvent | undefined,
): TftpEvent {
  const size = sizes.get(`${event.mac} ${event.filename}`);
  if (event.outcome !== 'not-captured' || size === undefined || latest === undefined) return event;
  const wentOn =
    latest.frame > event.frame && !(latest.kind === 'tftp' && latest.filename === event.filename);
  return wentOn ? { ...event, outcome: 'complete', bytes: size } : event;
}

function transferStep(event: TftpEvent): Step {
  const { filename, bytes, took, blksize, windowsize, retransmits } = event;
  const { kind, reason } = transferEnd(event);
  const common = fetchOf(event, event.at + took, 'tftp');
  return {
    ...common,
    kind,
    because: reason,
    what: filename.replace(/^\/+/, ''),
    bytes,
    took: Math.round(took),
    detail: {
      ...common.detail,
      blksize,
      windowsize,
      retransmits,
      ...sizeOf(event),
      ...(event.blocks === 0 && event.outcome === 'complete' && { blocks: 'not in the capture' }),
      ...(event.error &&
        kind === 'tftp.error' && { error: event.error.code, code: codeOf(event.error.code) }),
    },
  };
}

/** What our own trace calls it, see tftp/answers.ts. */
function codeOf(error: number): string {
  return TFTP_CODES[error] ?? 'INTERNAL';
}

const TFTP_CODES: Readonly<Record<number, string>> = {
  [TFTP_ERROR.notFound]: 'FILE_NOT_FOUND',
  [TFTP_ERROR.accessViolation]: 'FILE_FORBIDDEN',
  [TFTP_ERROR.illegalOperation]: 'TFTP_MALFORMED',
};

function sizeOf(event: TftpEvent): { readonly tsize?: number } {
  const size = toldSize(event);
  return size === undefined ? {} : { tsize: size };
}

/** What the server said that the file has. */
export function toldSize({ agreed }: TftpEvent): number | undefined {
  const told = Number(agreed?.find(({ name }) => name.toLowerCase() === 'tsize')?.value ?? Number.NaN);
  return Number.isSafeInteger(told) && told >= 0 ? told : undefined;
}

type End = { readonly kind: 'tftp.file' | 'tftp.error'; readonly reason: Reason };

function transferEnd(event: TftpEvent): End {
  const { outcome, bytes, error, confirmed, blocks, retransmits } = event;
  switch (outcome) {
    case 'complete':
      return { kind: 'tftp.file', reason: because('transfer-complete', { bytes }) };
    case 'probe':
      return { kind: 'tftp.file', reason: because('transfer-probe') };
    case 'refused':
      return {
        kind: 'tftp.error',
        reason: because('refused', { sentence: error?.message || `error ${error?.code}` }),
      };
    case 'aborted':
      if (error?.message === 'closed' && blocks <= PEEK_BLOCKS)
        return { kind: 'tftp.file', reason: because('transfer-peek') };
      return {
        kind: 'tftp.error',
        reason: because('transfer-aborted', {
          bytes,
          size: toldSize(event) ?? 'an unknown number of',
          message: error?.message,
        }),
      };
    case 'silence':
      return {
        kind: 'tftp.error',
        reason: because('transfer-timeout', { block: confirmed + 1, tries: retransmits + 1 }),
      };
    case 'unanswered':
      return { kind: 'tftp.error', reason: because('captured-unanswered') };
    case 'not-captured':
      return { kind: 'tftp.file', reason: because('captured-agreed') };
    case 'open':
      return { kind: 'tftp.file', reason: because('captured-open') };
  }
}

function responseStep(event: HttpResponseEvent, request: HttpRequestEvent): Step {
  const { status, bytes, promised, took, end, from } = event;
  const common = fetchOf(request, request.at + took, 'http');
  const what = pathOf(request);
  const failed = status >= 400;
  const { kind, reason } = failed
    ? {
        kind: 'http.error' as const,
        reason: because('refused', { sentence: `${from.address} answered ${status} ${event.reason}` }),
      }
    : answerKind(event, what);
  return {
    ...common,
    kind,
    because: reason,
    what,
    bytes,
    took: Math.round(took),
    detail: {
      ...common.detail,
      status,
      agent: agentOf(Object.fromEntries(request.headers)),
      ...(failed && {
        error: event.headers.get('x-chainboot-error') ?? HTTP_CODES[status] ?? `HTTP ${status}`,
      }),
      ...(end === 'closed' && { aborted: true, size: promised ?? bytes }),
      ...(end === 'unknown' && { rest: 'not in the capture' }),
    },
  };
}

const HTTP_CODES: Readonly<Record<number, string>> = { 403: 'FILE_FORBIDDEN', 404: 'FILE_NOT_FOUND' };

function pathOf({ target }: HttpRequestEvent): string {
  return parseTarget(target)?.path ?? target;
}

/** By the path where it is one of Foreman's, else by what came. */
function answerKind(
  event: HttpResponseEvent,
  path: string,
): { readonly kind: Step['kind']; readonly reason: Reason } {
  const { from, bytes, status } = event;
  const values = { server: from.address, bytes, status };
  if (/^\/unattended\/built\b/.test(path))
    return { kind: 'http.built', reason: because('captured-answer', values) };
  if (/^\/unattended\/failed\b/.test(path))
    return { kind: 'http.failed', reason: because('captured-answer', values) };
  const start = Buffer.from(event.body.subarray(0, 6)).toString('latin1');
  if (/^#![ig]pxe/.test(start)) return { kind: 'http.script', reason: because('captured-script', values) };
  if (/^\/(unattended|userdata)\//.test(path))
    return { kind: 'http.answers', reason: because('captured-answer', values) };
  return { kind: 'http.file', reason: because('captured-answer', values) };
}

function requestStep(request: HttpRequestEvent): Step {
  const { at } = request;
  return {
    ...fetchOf(request, at, 'http'),
    kind: 'http.error',
    because: because('captured-unanswered'),
    what: pathOf(request),
  };
}

function tlsStep(event: TlsEvent): Step {
  const { at, server, to } = event;
  return {
    ...fetchOf(event, at, 'http'),
    kind: 'http.file',
    because: because('captured-tls'),
    what: `https://${server ?? to.address}/`,
  };
}
