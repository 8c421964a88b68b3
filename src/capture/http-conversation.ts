/** Requests and answers of one TCP connection, told as they end. */

import { latin1 } from '../net/bytes.ts';
import { formatIpv4 } from '../net/ip.ts';
import type { CaptureEvent, End, HttpRequestEvent, HttpResponseEvent } from './events.ts';
import { type Body, type Head, HttpReader, looksLikeHttp } from './http-reader.ts';
import type { Connection, Peer, Seen, Sink } from './streams.ts';
import { clientHello } from './tls.ts';

export type Emit = (event: CaptureEvent) => void;
/** What is known of an address. */
export type EndOf = (peer: Peer) => End;

/** Requests without an answer yet; a client that pipelines sends a few. */
const MOST_REQUESTS = 64;

/** Both directions of a connection; what is neither HTTP nor TLS is left alone. */
export function httpConversation(
  { a, b }: Connection,
  vlans: readonly number[],
  endOf: EndOf,
  emit: Emit,
): { readonly fromA: Sink; readonly fromB: Sink } {
  const conversation = new Conversation({ vlans, endOf, emit });
  return { fromA: new Opening(conversation, a, b), fromB: new Opening(conversation, b, a) };
}

type Deps = { readonly vlans: readonly number[]; readonly endOf: EndOf; readonly emit: Emit };

class Conversation {
  private readonly deps: Deps;
  private readonly waiting: HttpRequestEvent[] = [];
  private isTold = false;

  constructor(deps: Deps) {
    this.deps = deps;
  }

  /** What reads a direction, by its first bytes. */
  reader(first: Uint8Array, seen: Seen, from: Peer, to: Peer): Sink | undefined {
    const hello = clientHello(first);
    if (hello !== undefined && !this.isTold) {
      this.isTold = true;
      this.deps.emit({ ...this.common(seen, from, to), kind: 'tls', server: hello.server });
      return undefined;
    }
    const text = latin1(first.subarray(0, 8));
    if (!looksLikeHttp(text)) return undefined;
    return text.startsWith('HTTP/') ? this.responses(from, to) : this.requests(from, to);
  }

  private requests(from: Peer, to: Peer): HttpReader {
    let head: Head | undefined;
    return new HttpReader({
      head: (next) => {
        head = next;
        return 'as-told';
      },
      body: (body) => {
        const request = this.request(head!, body, from, to);
        if (this.waiting.length < MOST_REQUESTS) this.waiting.push(request);
        this.deps.emit(request);
      },
    });
  }

  private request({ line, headers, seen }: Head, body: Body, from: Peer, to: Peer): HttpRequestEvent {
    const [method = '', target = '', version = ''] = line.split(' ');
    return {
      ...this.common(seen, from, to),
      kind: 'http-request',
      method,
      target,
      version,
      headers,
      bytes: body.length,
      body: body.bytes,
    };
  }

  private responses(from: Peer, to: Peer): HttpReader {
    let head: Head | undefined;
    return new HttpReader({
      head: (next) => {
        head = next;
        return this.hasNoBody(next) ? 'none' : 'as-told';
      },
      body: (body, seen) => {
        const { status } = statusOf(head!);
        const interim = status >= 100 && status < 200;
        const request = interim ? this.waiting[0] : this.waiting.shift();
        this.deps.emit(this.response(head!, body, request, seen, from, to));
      },
    });
  }

  /** RFC 9112 §6.3. */
  private hasNoBody(head: Head): boolean {
    const { status } = statusOf(head);
    return status < 200 || status === 204 || status === 304 || this.waiting[0]?.method === 'HEAD';
  }

  private response(
    head: Head,
    body: Body,
    request: HttpRequestEvent | undefined,
    end: Seen,
    from: Peer,
    to: Peer,
  ): HttpResponseEvent {
    const { bytes, length, promised, end: how } = body;
    return {
      ...this.common(head.seen, from, to),
      kind: 'http-response',
      request,
      ...statusOf(head),
      headers: head.headers,
      bytes: length,
      promised,
      end: how,
      body: bytes,
      isWhole: how === 'whole' && bytes.length === length,
      took: end.at - (request ?? head.seen).at,
    };
  }

  private common({ frame, at }: Seen, from: Peer, to: Peer) {
    const { endOf, vlans } = this.deps;
    return { frame, at, from: endOf(from), to: endOf(to), vlans };
  }
}

function statusOf({ line }: Head): { readonly status: number; readonly reason: string } {
  const [, status = '', ...words] = line.split(' ');
  return { status: Number(status), reason: words.join(' ') };
}

/** Waits for the first bytes of a direction, which tell who reads it. */
class Opening implements Sink {
  private readonly conversation: Conversation;
  private readonly from: Peer;
  private readonly to: Peer;
  private sink: Sink | 'nobody' | undefined;

  constructor(conversation: Conversation, from: Peer, to: Peer) {
    this.conversation = conversation;
    this.from = from;
    this.to = to;
  }

  data(bytes: Uint8Array, seen: Seen): void {
    this.sink ??= this.conversation.reader(bytes, seen, this.from, this.to) ?? 'nobody';
    if (this.sink !== 'nobody') this.sink.data(bytes, seen);
  }

  gap(length: number, seen: Seen): void {
    // The beginning of what follows is missing: it may still be the head of the next message.
    if (this.sink !== undefined && this.sink !== 'nobody') this.sink.gap(length, seen);
  }

  end(how: 'fin' | 'rst' | 'open', seen: Seen): void {
    if (this.sink !== undefined && this.sink !== 'nobody') this.sink.end(how, seen);
  }
}

export function endOfPeer({ address, port }: Peer): End {
  return { address: formatIpv4(address), port };
}
