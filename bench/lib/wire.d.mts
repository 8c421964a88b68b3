/** Shares of the IPv4 packets, 0 to 1. */
export type Faults = {
  readonly seed: number;
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
};

/** What passed in both directions. */
export type WireCounts = {
  readonly packets: number;
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
  readonly bytes: number;
};

export type LaidWire = {
  /** The command, so that it runs at that end. */
  server(command: readonly string[]): string[];
  client(command: readonly string[]): string[];
  /** One way, microseconds. */
  setDelay(microseconds: number): Promise<void>;
  close(): Promise<WireCounts>;
};

export function layWire(options: {
  /** Where the program is built. */
  readonly directory: string;
  readonly mbit?: number;
  readonly faults?: Faults;
}): Promise<LaidWire>;
