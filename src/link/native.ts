/**
 * The system calls that Node lacks, through koffi, without a compiler: SO_BINDTODEVICE, AF_PACKET, recvmmsg,
 * sendmmsg. koffi is optional, and so is Linux; without them {@link loadNative} says undefined and plain dgram
 * sockets have to do.
 */

import { getSystemErrorName } from 'node:util';
import type { Ipv4 } from '../net/ip.ts';
import { ARP_REPLY } from './arp.ts';
import { Messages, SLOTS } from './messages.ts';
import type { Datagram } from './types.ts';

/** Where `struct mmsghdr` and the constants below are as written here. */
const ARCHITECTURES = ['x64', 'arm64', 'riscv64', 'loong64'];

const AF_INET = 2;
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_BROADCAST = 6;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_BINDTODEVICE = 25;
const SO_ATTACH_FILTER = 26;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const MSG_DONTWAIT = 0x40;
const SOCKADDR_IN = 16;
const SOCKADDR_LL = 20;
const ETH_P_ALL = 0x0003;
const ETH_P_ARP = 0x0806;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;

export type Poll = {
  start(
    events: { readonly readable: boolean; readonly writable: boolean },
    ready: (status: number, events: { readonly readable: boolean; readonly writable: boolean }) => void,
  ): void;
  close(): void;
};

export type BoundSocket = {
  readonly fd: number;
  readonly port: number;
  /** The kernel cuts one message into datagrams (UDP_SEGMENT, Linux 4.18); older ones would send it whole. */
  readonly segments: boolean;
};

type BindOptions = {
  /** 0: any. */
  readonly address: Ipv4;
  /** 0: one that is free. */
  readonly port: number;
  /** Hear this interface only. */
  readonly device?: string;
  /** Bytes of datagrams that may wait each way; the system's limit applies without CAP_NET_ADMIN. */
  readonly buffer: number;
};

/** Errors are Node's: `code` is `EPERM` and the like, `syscall` the call that failed. */
export type Native = {
  /** A bound UDP socket that may broadcast. Throws. */
  bindUdp(options: BindOptions): BoundSocket;
  /** An AF_PACKET socket that hears nothing. Throws EPERM without CAP_NET_RAW. */
  openPacket(): number;
  /** An AF_PACKET socket that hears the ARP replies that reach one interface. Throws EPERM, ENODEV. */
  openArp(interfaceIndex: number): number;
  /**
   * An AF_PACKET socket that hears and sees sent every frame of one interface that the filter passes, its Ethernet header
   * included. Throws EPERM, ENODEV.
   */
  openFrames(interfaceIndex: number, filter: BigUint64Array, buffer: number): number;
  /** Throws ENODEV. */
  interfaceIndex(name: string): number;
  /** What has arrived, at most `most` and 64 datagrams; the bytes are valid until the next call. Throws. */
  receive(fd: number, most?: number): readonly Datagram[];
  /** To be filled, slot after slot, before {@link Native.send}. */
  readonly outgoing: Messages;
  /** Sends the first `count` of `outgoing`; says how many went out, throws when none did. */
  send(fd: number, count: number): number;
  /** Calls back from within libuv's poll phase: neither promises nor exceptions may be left behind there. */
  poll(fd: number): Poll;
  close(fd: number): void;
};

let loaded: Promise<Native | undefined> | undefined;

export function loadNative(): Promise<Native | undefined> {
  loaded ??= bindNative().catch(() => undefined);
  return loaded;
}

async function bindNative(): Promise<Native | undefined> {
  if (process.platform !== 'linux' || !ARCHITECTURES.includes(process.arch)) return undefined;
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const calls = {
    socket: libc.func('int socket(int, int, int)'),
    bind: libc.func('int bind(int, void *, uint32_t)'),
    setsockopt: libc.func('int setsockopt(int, int, int, void *, uint32_t)'),
    getsockopt: libc.func('int getsockopt(int, int, int, void *, void *)'),
    getsockname: libc.func('int getsockname(int, void *, void *)'),
    if_nametoindex: libc.func('uint32_t if_nametoindex(void *)'),
    recvmmsg: libc.func('int recvmmsg(int, void *, uint32_t, int, void *)'),
    sendmmsg: libc.func('int sendmmsg(int, void *, uint32_t, int)'),
    close: libc.func('int close(int)'),
  };
  const failure = (syscall: string) => systemError(koffi.errno(), syscall);
  const check = (syscall: string, result: number) => {
    if (result < 0) throw failure(syscall);
    return result;
  };

  const known = new WeakMap<ArrayBufferLike, number>();
  const addressOf = (memory: ArrayBufferLike) => {
    let address = known.get(memory);
    if (address === undefined) known.set(memory, (address = Number(koffi.address(memory as ArrayBuffer))));
    return address;
  };
  const incoming = new Messages(addressOf);
  const outgoing = new Messages(addressOf).withSource();
  const incomingAt = koffi.address(incoming.memory);
  const outgoingAt = koffi.address(outgoing.memory);

  const option = (fd: number, name: number, value: Uint8Array) =>
    calls.setsockopt(fd, SOL_SOCKET, name, value, value.length);
  const enlarge = (fd: number, force: number, ask: number, bytes: number) => {
    if (option(fd, force, int(bytes)) < 0) check('setsockopt', option(fd, ask, int(bytes)));
  };
  const packetSocket = (type = SOCK_DGRAM) =>
    check('socket', calls.socket(AF_PACKET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const arpReplies = arpReplyFilter();
  const hear = (fd: number, index: number, filter: BigUint64Array, etherType: number) => {
    const program = BigUint64Array.of(BigInt(filter.length), BigInt(addressOf(filter.buffer)));
    check('setsockopt', option(fd, SO_ATTACH_FILTER, new Uint8Array(program.buffer)));
    check('bind', calls.bind(fd, linkAddress(index, etherType), SOCKADDR_LL));
  };
  const configure = (fd: number, { address, port, device, buffer }: BindOptions) => {
    check('setsockopt', option(fd, SO_BROADCAST, int(1)));
    if (device !== undefined) check('setsockopt', option(fd, SO_BINDTODEVICE, cString(device)));
    enlarge(fd, SO_RCVBUFFORCE, SO_RCVBUF, buffer);
    enlarge(fd, SO_SNDBUFFORCE, SO_SNDBUF, buffer);
    check('bind', calls.bind(fd, socketAddress(address, port), SOCKADDR_IN));
    const name = new Uint8Array(SOCKADDR_IN);
    check('getsockname', calls.getsockname(fd, name, int(SOCKADDR_IN)));
    const segments = calls.getsockopt(fd, SOL_UDP, UDP_SEGMENT, int(0), int(4)) === 0;
    return { fd, port: (name[2]! << 8) | name[3]!, segments };
  };

  return {
    bindUdp(options) {
      const fd = check('socket', calls.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      try {
        return configure(fd, options);
      } catch (error) {
        calls.close(fd);
        throw error;
      }
    },
    openPacket: () => packetSocket(),
    openArp(index) {
      const fd = packetSocket();
      try {
        hear(fd, index, arpReplies, ETH_P_ARP);
        return fd;
      } catch (error) {
        calls.close(fd);
        throw error;
      }
    },
    openFrames(index, filter, buffer) {
      const fd = packetSocket(SOCK_RAW);
      try {
        enlarge(fd, SO_RCVBUFFORCE, SO_RCVBUF, buffer);
        hear(fd, index, filter, ETH_P_ALL);
        return fd;
      } catch (error) {
        calls.close(fd);
        throw error;
      }
    },
    interfaceIndex(name) {
      const index: number = calls.if_nametoindex(cString(name));
      if (index === 0) throw failure('if_nametoindex');
      return index;
    },
    receive(fd, most = SLOTS) {
      const count: number = calls.recvmmsg(fd, incomingAt, Math.min(most, SLOTS), MSG_DONTWAIT, null);
      if (count < 0) {
        if (koffi.errno() === koffi.os.errno.EAGAIN) return [];
        throw failure('recvmmsg');
      }
      const batch = new Array<Datagram>(count);
      for (let slot = 0; slot < count; slot++) batch[slot] = incoming.datagram(slot);
      return batch;
    },
    outgoing,
    send: (fd, count) => check('sendmmsg', calls.sendmmsg(fd, outgoingAt, count, MSG_DONTWAIT)),
    poll: (fd) => koffi.node.poll(fd, { readable: false }, () => {}) as unknown as Poll,
    close(fd) {
      calls.close(fd);
    },
  };
}

function systemError(errno: number, syscall: string): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno: -errno, syscall });
}

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, 'latin1');
}

function socketAddress(address: Ipv4, port: number): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_IN);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, AF_INET);
  view.setUint16(2, port);
  view.setUint32(4, address);
  return bytes;
}

/** `struct sockaddr_ll` of all that an interface hears of one protocol. */
function linkAddress(index: number, etherType: number): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_LL);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, etherType);
  view.setInt32(4, index, true);
  return bytes;
}

/** `struct sock_filter[]`: no broadcast question of a busy network wakes who waits for replies. */
function arpReplyFilter(): BigUint64Array {
  const step = (code: number, otherwise: number, value: number) =>
    BigInt(code) | (BigInt(otherwise) << 24n) | (BigInt(value) << 32n);
  const [LOAD_16_AT, UNLESS_EQUAL_SKIP, RETURN] = [0x28, 0x15, 0x06] as const;
  return BigUint64Array.of(
    step(LOAD_16_AT, 0, 6),
    step(UNLESS_EQUAL_SKIP, 1, ARP_REPLY),
    step(RETURN, 0, 0xffff),
    step(RETURN, 0, 0),
  );
}
