import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1, latin1 } from '../net/bytes.ts';
import { type Body, type Head, HttpReader } from './http-reader.ts';
import type { Tcp } from './ipv4.ts';
import { type Seen, type Sink, Streams } from './streams.ts';

const CLIENT = 0x0a4d0032;
const SERVER = 0x0a4d0001;

/** Takes down what a direction brings: text, `<n>` for a gap, `.` for its end. */
class Log implements Sink {
  text = '';
  data(bytes: Uint8Array): void {
    this.text += latin1(bytes);
  }
  gap(length: number): void {
    this.text += `<${length}>`;
  }
  end(how: string): void {
    this.text += `.${how}`;
  }
}

class Wire {
  readonly fromA: Log[] = [];
  readonly fromB: Log[] = [];
  readonly streams = new Streams(() => {
    this.fromA.push(new Log());
    this.fromB.push(new Log());
    return { fromA: this.fromA.at(-1)!, fromB: this.fromB.at(-1)! };
  });
  private frame = 0;
  at = 0;

  send(from: 'client' | 'server', sequence: number, text: string, more: Partial<Tcp> = {}): void {
    const isClient = from === 'client';
    const tcp: Tcp = {
      sourcePort: isClient ? 1000 : 80,
      targetPort: isClient ? 80 : 1000,
      sequence: sequence >>> 0,
      acknowledged: 0,
      syn: false,
      ack: false,
      fin: false,
      rst: false,
      payload: fromLatin1(text),
      length: text.length,
      ...more,
    };
    const source = isClient ? CLIENT : SERVER;
    const target = isClient ? SERVER : CLIENT;
    this.streams.segment(source, target, tcp, { frame: ++this.frame, at: this.at });
  }

  ack(from: 'client' | 'server', to: number): void {
    this.send(from, 0, '', { ack: true, acknowledged: to >>> 0 });
  }

  end(): void {
    this.streams.finish({ frame: ++this.frame, at: this.at });
  }
}

describe('a stream', () => {
  it('is put together whatever the order, and however often its segments come', () => {
    const pieces = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 30 }), fc.boolean()), {
      maxLength: 20,
    });
    const start = fc.constantFrom(1, 0xfffffff0, 0x7ffffff0);
    fc.assert(
      fc.property(pieces, start, (extra, first) => {
        const text = Array.from({ length: 90 }, (_, i) => String.fromCharCode(33 + i)).join('');
        const wire = new Wire();
        wire.send('client', first - 1, '', { syn: true });
        for (const [at, length] of extra) wire.send('client', first + at, text.slice(at, at + length));
        for (let at = 80; at >= 0; at -= 10) wire.send('client', first + at, text.slice(at, at + 10));
        wire.send('client', first + 90, '', { fin: true });
        expect(wire.fromA[0]!.text).toBe(`${text}.fin`);
      }),
    );
  });

  it('has a gap where the receiver confirmed what was not captured', () => {
    const wire = new Wire();
    wire.send('client', 100, 'abc');
    wire.send('client', 110, 'xyz');
    wire.ack('server', 113);
    expect(wire.fromA[0]!.text).toBe('abc');
    wire.at = 2000;
    wire.ack('server', 113);
    expect(wire.fromA[0]!.text).toBe('abc<7>xyz');
  });

  it('ends with a gap where its FIN was confirmed and its end not captured', () => {
    const wire = new Wire();
    wire.send('client', 100, 'abc');
    wire.send('client', 200, 'z', { fin: true });
    wire.ack('server', 202);
    expect(wire.fromA[0]!.text).toBe('abc<97>z.fin');
  });

  it('keeps what a short snaplen cut apart from what was there', () => {
    const wire = new Wire();
    wire.send('client', 100, 'abc', { length: 10 });
    wire.send('client', 110, 'd');
    expect(wire.fromA[0]!.text).toBe('abc<7>d');
  });

  it('ends when it is reset, forgotten, begun anew or cut off', () => {
    const wire = new Wire();
    wire.send('client', 99, '', { syn: true });
    wire.send('client', 100, 'abc');
    wire.send('client', 500, '', { syn: true });
    wire.send('client', 501, 'new');
    wire.send('server', 1, '', { rst: true });
    wire.send('client', 900, 'again');
    wire.end();
    expect(wire.fromA.map(({ text }) => text)).toEqual(['abc.open', 'new.rst', 'again.open']);
  });

  it('does not keep more waiting than it may', () => {
    const wire = new Wire();
    wire.send('client', 0, 'a');
    for (let i = 0; i < 2000; i++) wire.send('client', 10 + 2 * i, 'x');
    expect(wire.fromA[0]!.text.startsWith('a<9>x<1>x')).toBe(true);
    for (let port = 0; port < 6000; port++) wire.send('client', 0, 'a', { sourcePort: port });
    expect(wire.fromA.filter(({ text }) => text.endsWith('.open')).length).toBeGreaterThan(1000);
  });
});

describe('an HTTP reader', () => {
  type Message = {
    readonly line: string;
    readonly body: string;
    readonly length: number;
    readonly end: string;
  };
  const SEEN: Seen = { frame: 1, at: 0 };

  function read(
    parts: readonly (string | number)[],
    how: 'fin' | 'rst' | 'open' = 'fin',
    none = false,
  ): Message[] {
    const messages: Message[] = [];
    let head: Head;
    const reader = new HttpReader({
      head(next) {
        head = next;
        return none ? 'none' : 'as-told';
      },
      body({ bytes, length, end }: Body) {
        messages.push({ line: head.line, body: latin1(bytes), length, end });
      },
    });
    for (const part of parts)
      if (typeof part === 'number') reader.gap(part, SEEN);
      else reader.data(fromLatin1(part), SEEN);
    reader.end(how, SEEN);
    return messages;
  }

  const OK = 'HTTP/1.1 200 OK\r\n';

  it('finds bodies by length, in chunks, and to the end of the connection', () => {
    expect(read([`${OK}Content-Length: 3\r\n\r\nabc${OK}content-length: 1\r\n\r\nz`])).toEqual([
      { line: 'HTTP/1.1 200 OK', body: 'abc', length: 3, end: 'whole' },
      { line: 'HTTP/1.1 200 OK', body: 'z', length: 1, end: 'whole' },
    ]);
    const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: 1\r\n\r\n`;
    expect(read([chunked, `${OK}\r\n`, 'rest'])).toEqual([
      { line: 'HTTP/1.1 200 OK', body: 'abcde', length: 5, end: 'whole' },
      { line: 'HTTP/1.1 200 OK', body: 'rest', length: 4, end: 'whole' },
    ]);
  });

  it('is the same however the bytes come', () => {
    const text = `${OK}Content-Length: 3\r\n\r\nabc${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nwxyz\r\n0\r\n\r\n`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 }), (lengths) => {
        const parts: string[] = [];
        let at = 0;
        for (const length of lengths) parts.push(text.slice(at, (at += length)));
        expect(read([...parts, text.slice(at)])).toEqual(read([text]));
      }),
    );
  });

  it('counts what is missing', () => {
    expect(read([`${OK}Content-Length: 10\r\n\r\nab`, 5, 'xyz'])[0]).toMatchObject({
      body: 'ab',
      length: 10,
      end: 'whole',
    });
    expect(read([`${OK}Content-Length: 10\r\n\r\nab`], 'rst')[0]).toMatchObject({ length: 2, end: 'closed' });
    expect(read([`${OK}Content-Length: 10\r\n\r\nab`], 'open')[0]).toMatchObject({
      length: 2,
      end: 'unknown',
    });
    // What follows a gap that is longer than the message may begin anywhere.
    expect(read([`${OK}Content-Length: 3\r\n\r\na`, 50, `${OK}\r\n`])).toHaveLength(1);
  });

  it('takes nothing for a body where there can be none', () => {
    const two = `${OK}Content-Length: 900\r\n\r\n`;
    expect(read([two, two], 'fin', true).map(({ length }) => length)).toEqual([0, 0]);
    expect(read(['GET / HTTP/1.1\r\nHost: x\r\n\r\n'])).toHaveLength(1);
  });

  it('leaves other protocols alone, and heads without end', () => {
    expect(read(['SSH-2.0-OpenSSH\r\n\r\n'])).toEqual([]);
    expect(read([`GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(20_000)}`, '\r\n'])).toEqual([]);
    expect(read([`${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n`])[0]).toMatchObject({ end: 'unknown' });
  });
});
