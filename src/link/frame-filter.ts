/**
 * Which frames the kernel hands over (classic BPF, `man 7 socket`): those of one machine, and DHCP, whose answers are
 * often broadcasts. Everything else on a busy link wakes nobody.
 */

type Step = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

const LOAD_8 = 0x30;
const LOAD_16 = 0x28;
const LOAD_32 = 0x20;
/** At the length of the IPv4 header and more. */
const LOAD_16_PAST_HEADER = 0x48;
const HEADER_LENGTH = 0xb1;
const IF_EQUAL = 0x15;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;

const ETH_P_IP = 0x0800;
const UDP = 17;
const DHCP_PORTS = [67, 68, 4011];

/** @returns `struct sock_filter[]` for an AF_PACKET socket that sees Ethernet headers */
export function machineFilter(mac: Uint8Array): BigUint64Array {
  const view = new DataView(mac.buffer, mac.byteOffset, 6);
  const [high, low] = [view.getUint16(0), view.getUint32(2)];
  const ports = [0, 2].flatMap((offset): Step[] => [
    [LOAD_16_PAST_HEADER, 0, 0, 14 + offset],
    ...DHCP_PORTS.map((port): Step => [IF_EQUAL, PASS, 0, port]),
  ]);
  return assembled([
    [LOAD_32, 0, 0, 8],
    [IF_EQUAL, 0, 2, low],
    [LOAD_16, 0, 0, 6],
    [IF_EQUAL, PASS, 0, high],
    [LOAD_32, 0, 0, 2],
    [IF_EQUAL, 0, 2, low],
    [LOAD_16, 0, 0, 0],
    [IF_EQUAL, PASS, 0, high],
    [LOAD_16, 0, 0, 12],
    [IF_EQUAL, 0, DROP, ETH_P_IP],
    [LOAD_8, 0, 0, 23],
    [IF_EQUAL, 0, DROP, UDP],
    // Behind the first fragment there are no ports.
    [LOAD_16, 0, 0, 20],
    [IF_ANY_BIT, DROP, 0, 0x1fff],
    [HEADER_LENGTH, 0, 0, 14],
    ...ports,
  ]);
}

/** Where a jump leads to: the two steps behind the last one. */
const DROP = -1;
const PASS = -2;

function assembled(steps: readonly Step[]): BigUint64Array {
  const all: readonly Step[] = [...steps, [RETURN, 0, 0, 0], [RETURN, 0, 0, 0x40000]];
  const jump = (target: number, at: number) =>
    target === DROP ? steps.length - at - 1 : target === PASS ? steps.length - at : target;
  return BigUint64Array.from(all, ([code, ifTrue, ifFalse, value], at) => {
    const jumps = (BigInt(jump(ifTrue, at)) << 16n) | (BigInt(jump(ifFalse, at)) << 24n);
    return BigInt(code) | jumps | (BigInt(value) << 32n);
  });
}
