// biome-ignore-all lint/suspicious/noTemplateCurlyInString: iPXE writes its settings as ${name}.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BootFailure, type FailureCode } from '../failure.ts';
import type { Fetched } from '../fetched.ts';
import type { IpxeEnd, IpxeWorld, RunResult } from './machine.ts';
import { Ipxe } from './run.ts';

const MAC = '52:54:00:00:00:10';
const utf8 = new TextEncoder();

function bzImage(): Uint8Array {
  const bytes = new Uint8Array(1024);
  bytes.set([0x55, 0xaa], 0x1fe);
  bytes.set(utf8.encode('HdrS'), 0x202);
  return bytes;
}

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A world of files; `log` holds what was fetched, slept and configured. */
function world(files: Files = {}, changes: Partial<IpxeWorld> = {}): IpxeWorld & { log: string[] } {
  const log: string[] = [];
  return {
    log,
    platform: 'pcbios',
    buildarch: 'i386',
    uuid: '11223344-5566-7788-99aa-bbccddeeff00',
    macs: [MAC],
    dhcp: async (mac) => {
      log.push(`dhcp ${mac}`);
      return { ip: 0xc0000232, nextServer: 0xc0000201, filename: 'http://s/iPXE', options: new Map() };
    },
    fetch: async (url): Promise<Fetched> => {
      log.push(url);
      const found = files[url];
      if (found === undefined) throw new BootFailure('http-status', `${url}: HTTP 404`);
      const head = typeof found === 'string' ? utf8.encode(found) : found;
      return { url, bytes: head.length, sha256: '', head };
    },
    sleep: async (ms) => void log.push(`sleep ${ms}`),
    tell: () => {},
    signal: new AbortController().signal,
    ...changes,
  };
}

async function run(lines: readonly string[], files: Files = {}, changes: Partial<IpxeWorld> = {}) {
  const machine = world(files, changes);
  const ipxe = new Ipxe(machine);
  const result = await ipxe.runText('http://s/dir/start', ['#!ipxe', ...lines].join('\n'));
  return { result, console: ipxe.console, log: machine.log };
}

async function printed(...lines: string[]): Promise<readonly string[]> {
  return (await run(lines)).console;
}

function end(result: RunResult): IpxeEnd {
  if (result.kind !== 'final') throw new Error(`not final: ${JSON.stringify(result)}`);
  return result.end;
}

function code(result: RunResult): FailureCode | undefined {
  return result.kind === 'failed' ? result.failure.code : undefined;
}

describe('lines', () => {
  it('an unhandled failure ends the script and names the line', async () => {
    const { result, console } = await run(['echo a', 'isset ${nothing}', 'echo b']);
    expect(console).toEqual(['a']);
    expect(code(result)).toBe('script-line');
    expect(result).toMatchObject({ failure: { message: expect.stringContaining('line 3') } });
  });

  it.each([
    ['isset ${no} || echo or', ['or']],
    ['isset ${no} && echo and || echo or', ['or']],
    ['isset x && echo and || echo or', ['and']],
    ['isset ${no} ; echo always', ['always']],
    ['isset ${no} || isset ${no} || echo third', ['third']],
    ['nonsense || echo unknown', ['unknown']],
    ['iseq a a && echo same', ['same']],
    ['iseq a b || echo other', ['other']],
    ['set a x y ;  echo [${a}]', ['[x y]']],
    ['set a b c && iseq ${a} ${a} && echo one word', ['one word']],
    ['time echo timed || echo not in these builds', ['not in these builds']],
    ['exit 0 || echo never', []],
    ['||  echo empty succeeds', []],
  ])('%s', async (line, expected) => {
    expect(await printed(line)).toEqual(expected);
  });

  it('goto takes the first of two labels, and fails when there is none', async () => {
    expect(
      await printed('goto b', 'echo skipped', ':b echo first', 'goto end', ':b', 'echo second', ':end'),
    ).toEqual(['first']);
    expect(await printed('goto nowhere || echo handled')).toEqual(['handled']);
    expect(await printed('set t b', 'goto ${t} || echo not this', ':b')).toEqual([]);
  });

  it('loops and counts', async () => {
    expect(
      await printed('set i:int32 0', ':again', 'inc i', 'iseq ${i} 5 || goto again', 'echo ${i}'),
    ).toEqual(['5']);
  });

  it('a loop without end is found', async () => {
    await expect(run([':a goto a'])).rejects.toMatchObject({ code: 'script-endless' });
    await expect(run(['chain again'], { 'http://s/dir/again': '#!ipxe\nchain again' })).rejects.toMatchObject(
      {
        code: 'script-endless',
      },
    );
  });

  it('a script that asks for itself again and again is named with what it says', async () => {
    const again = { 'http://s/dir/again': '#!ipxe\necho broken template\nchain --replace again' };
    await expect(run(['chain again'], again)).rejects.toMatchObject({
      code: 'script-endless',
      message: expect.stringContaining('broken template'),
    });
  });

  it('knows what machine it runs on', async () => {
    expect(await printed('echo ${platform} ${buildarch} ${uuid} ${net0/mac:hexhyp} [${net0/ip}]')).toEqual([
      'pcbios i386 11223344-5566-7788-99aa-bbccddeeff00 52-54-00-00-00-10 []',
    ]);
  });

  it('dhcp fills in the settings', async () => {
    expect(await printed('dhcp net0', 'echo ${netX/ip} ${next-server} ${filename}')).toEqual([
      '192.0.2.50 192.0.2.1 http://s/iPXE',
    ]);
    expect(await printed('dhcp net3 || echo no such NIC')).toEqual(['no such NIC']);
  });
});

describe('chain', () => {
  const files = {
    'http://s/dir/good': '#!ipxe\necho in\nexit 0\necho never',
    'http://s/dir/bad': '#!ipxe\nexit 1',
    'http://s/dir/broken': '#!ipxe\nnonsense',
    'http://s/dir/text': 'Not found, sorry',
    'http://s/dir/empty': '',
  };

  it('sees exit 0 as success, and everything else as failure', async () => {
    expect((await run(['chain good && echo ok'], files)).console).toEqual(['in', 'ok']);
    for (const name of ['bad', 'broken', 'missing', 'empty']) {
      expect((await run([`chain ${name} || echo failed`], files)).console, name).toEqual(['failed']);
    }
  });

  it('an exit 1 that nobody handles is an exit still', async () => {
    const { result } = await run(['chain bad', 'echo never'], files);
    expect(code(result)).toBe('script-exit');
  });

  it('text is run as machine code, which nothing handles', async () => {
    await expect(run(['chain text || echo handled'], files)).rejects.toMatchObject({ code: 'machine-code' });
  });

  it('text is merely refused by UEFI', async () => {
    const { console } = await run(['chain text || echo handled'], files, { platform: 'efi' });
    expect(console).toEqual(['handled']);
  });

  it('--replace leaves nothing to come back to', async () => {
    const { console, result } = await run(['chain --replace --autofree good', 'echo never'], files);
    expect(console).toEqual(['in']);
    expect(result).toEqual({ kind: 'ok', exited: true });
  });

  it('escapes colons in a query as the 2019 builds do', async () => {
    const { log } = await run(['chain http://s/x?mac=${net0/mac} ||']);
    expect(log).toEqual(['http://s/x?mac=52%3A54%3A00%3A00%3A00%3A10']);
  });
});

describe('boot', () => {
  const files = { 'http://s/dir/linux': bzImage(), 'http://s/initrd.gz': Uint8Array.of(0x1f, 0x8b, 8) };

  it('hands kernel, initrds and command line over', async () => {
    const { result } = await run(
      ['kernel linux initrd=initrd.gz quiet', 'initrd /initrd.gz', 'boot || shell'],
      files,
    );
    expect(end(result)).toMatchObject({
      kind: 'kernel',
      kernel: { name: 'linux', args: 'initrd=initrd.gz quiet', file: { url: 'http://s/dir/linux' } },
      initrds: [{ name: 'initrd.gz' }],
    });
  });

  it('the script that runs is no initrd, however it was fetched', async () => {
    const script = '#!ipxe\nkernel linux\ninitrd /initrd.gz\nboot\n';
    const { result } = await run(
      ['imgfetch --name host.ipxe script', 'imgexec --replace --autofree host.ipxe'],
      { ...files, 'http://s/dir/script': script },
    );
    expect(end(result)).toMatchObject({ initrds: [{ name: 'initrd.gz' }] });
  });

  it('imgargs and imgfree do what they say', async () => {
    const { result } = await run(
      [
        'initrd /initrd.gz',
        'imgfree initrd.gz',
        'kernel --name k linux a',
        'imgargs k b c',
        'imgstat',
        'boot',
      ],
      files,
    );
    expect(end(result)).toMatchObject({ kernel: { name: 'k', args: 'b c' }, initrds: [] });
  });

  it('without an image says so and goes on, as the real one does', async () => {
    expect(await printed('boot', 'echo on')).toEqual(['No image selected', 'on']);
  });
});

describe('menus', () => {
  const menu = [
    'menu Title',
    'item --gap -- gap',
    'item one First',
    'item --default two Second',
    'item three Third',
  ];

  it.each([
    ['choose --timeout 5000 t', 'two'],
    ['choose --default three --timeout 5000 t', 'three'],
    ['choose --default nonsense -t5000 t', 'two'],
  ])('%s gives %s', async (choose, expected) => {
    const { console, log } = await run([...menu, `${choose} && echo ${'${t}'}`]);
    expect(console.at(-1)).toBe(expected);
    expect(log).toEqual(['sleep 5000']);
  });

  it('without a time limit it waits for a person', async () => {
    expect(end((await run([...menu, 'choose t'])).result)).toEqual({
      kind: 'person',
      what: 'the menu "Title"',
    });
    expect(end((await run(['prompt Press'])).result)).toMatchObject({ kind: 'person' });
    expect(end((await run(['shell'])).result)).toMatchObject({ kind: 'person' });
  });

  it('prompt fails when its time is over', async () => {
    expect(await printed('prompt --timeout 3000 Key? || echo no key')).toEqual(['Key?', 'no key']);
  });
});

it('whatever the script, a run comes to an end with a result or a BootFailure', async () => {
  const word = fc.constantFrom(
    ...[
      'goto a',
      ':a',
      'goto b',
      ':b',
      'exit',
      'exit 1',
      'set x 1',
      'inc x',
      'isset ${x}',
      '||',
      '&&',
      'echo ${x}',
      'boot',
    ],
    ...[
      'chain again',
      'kernel k',
      'menu',
      'item i',
      'choose -t1 x',
      'dhcp',
      'sleep 1',
      'set x $${x}',
      'nonsense',
      '\n',
      ' ',
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 30 }), async (words) => {
      const text = words.join(' ').replaceAll(' \n ', '\n');
      try {
        const { result } = await run([text], {
          'http://s/dir/again': `#!ipxe\n${text}`,
          'http://s/dir/k': bzImage(),
        });
        expect(['ok', 'failed', 'final']).toContain(result.kind);
      } catch (error) {
        expect(error).toBeInstanceOf(BootFailure);
      }
    }),
    { numRuns: 60 },
  );
});
