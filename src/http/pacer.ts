/**
 * Shares the event loop between transfers. A large write copies into the kernel while nothing else runs, so the
 * bytes one turn of the loop may copy are divided among those who send: alone, a client gets large writes; with
 * 64 of them, a DHCP request still waits a few milliseconds only.
 */

/**
 * About 12 ms of copying at the 2.5 GB/s of a slow core. A datagram in the same process waited, with 64 clients
 * at full speed, 4 ms (median) for 16 MiB, 7 for 32, 23 for 128; 16 MiB cost a quarter of the throughput.
 */
const TURN_BYTES = 32 * 1024 * 1024;
/** Below this, the cost of a write is that of the call. */
const LEAST = 64 * 1024;

export class Pacer {
  #running = 0;

  /** Counts a transfer as running while `transfer` does. */
  async during(transfer: () => Promise<void>): Promise<void> {
    this.#running++;
    try {
      await transfer();
    } finally {
      this.#running--;
    }
  }

  /** Bytes a running transfer may write at a time. */
  share(): number {
    return Math.max(LEAST, Math.floor(TURN_BYTES / Math.max(1, this.#running)));
  }

  /** Lets the loop look at the sockets. A write that the kernel takes at once would else follow the last. */
  yield(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}
