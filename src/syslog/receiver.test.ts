import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Step } from '../boot/step.ts';
import { linkOf } from '../link/links.ts';
import { createWire } from '../link/wire.ts';
import { type SyslogDeps, SyslogReceiver } from './receiver.ts';

const PATIENCE = { timeout: 30_000 };
const LOOPBACK = linkOf('lo');

const opened: SyslogReceiver[] = [];
afterEach(async () => {
  for (const receiver of opened.splice(0)) await receiver.close();
});

async function open(changes: Partial<SyslogDeps> = {}) {
  const steps: Step[] = [];
  const said: string[] = [];
  const receiver = await SyslogReceiver.open({
    wire: createWire(),
    links: [LOOPBACK],
    port: 0,
    senderAt: () => ({ mac: '52:54:00:77:00:10', host: 'web1' }),
    limit: { take: () => 0 },
    record: (step) => void steps.push(step),
    now: () => 7,
    log: (level, message, values) => void said.push(`${level} ${message} ${JSON.stringify(values)}`),
    ...changes,
  });
  opened.push(receiver);
  return { receiver, steps, said };
}

function send(port: number, ...lines: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  const all = lines.map(
    (line) =>
      new Promise<void>((resolve, reject) =>
        socket.send(line, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
      ),
  );
  return Promise.all(all).then(() => void socket.close());
}

describe('SyslogReceiver', () => {
  it('makes a step of each line, over UDP', async () => {
    const { receiver, steps } = await open();
    await send(receiver.ports[0]!, '<0>Nov  3 12:00:00 web1 kernel: Kernel panic - not syncing: VFS');
    await expect.poll(() => steps, PATIENCE).toHaveLength(1);
    expect(steps[0]).toEqual({
      at: 7,
      kind: 'syslog.line',
      via: 'syslog',
      because: { code: 'machine-said', program: 'kernel', text: 'Kernel panic - not syncing: VFS' },
      mac: '52:54:00:77:00:10',
      host: 'web1',
      address: '127.0.0.1',
      link: 'lo',
      detail: { program: 'kernel', severity: 'emerg', text: 'Kernel panic - not syncing: VFS' },
    });
  });

  it('takes the same over TCP, as Anaconda sends it, and lets go of connections when it closes', async () => {
    const { receiver, steps } = await open();
    const socket = connect(receiver.ports[0]!, '127.0.0.1');
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    socket.write('<30>Nov  3 12:00:00 web1 anaconda[9]: one\n<30>Nov  3 12:00:00 web1 ana');
    await expect.poll(() => steps.map(({ detail }) => detail?.text), PATIENCE).toEqual(['one']);
    socket.write('conda: two\n');
    await expect.poll(() => steps.map(({ detail }) => detail?.text), PATIENCE).toEqual(['one', 'two']);
    await receiver.close();
    opened.length = 0;
    await closed;
  });

  it('counts what it does not keep: too much, from strangers, and nothing', async () => {
    let left = 1;
    const limited = await open({ limit: { take: () => (left-- > 0 ? 0 : 1) } });
    await send(limited.receiver.ports[0]!, 'a', 'b', 'c');
    await expect
      .poll(() => limited.receiver.counters, PATIENCE)
      .toEqual({ kept: 1, limited: 2, foreign: 0, empty: 0 });
    const strange = await open({ senderAt: () => undefined });
    await send(strange.receiver.ports[0]!, 'a');
    await expect.poll(() => strange.receiver.counters.foreign, PATIENCE).toBe(1);
    const empty = await open();
    await send(empty.receiver.ports[0]!, '<13>');
    await expect.poll(() => empty.receiver.counters.empty, PATIENCE).toBe(1);
    expect([...strange.steps, ...empty.steps]).toEqual([]);
  });

  it('goes without a port that is taken, and says so', async () => {
    const first = await open();
    const port = first.receiver.ports[0]!;
    const second = await open({ port });
    expect(second.receiver.ports).toEqual([]);
    expect(second.receiver.takes('lo', port)).toBe(false);
    expect(second.said.join()).toMatch(/^warn .*PORT_TAKEN/);
    expect(first.receiver.takes('lo', port)).toBe(true);
  });
});
