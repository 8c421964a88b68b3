/** How many datagrams to take at a time, so that answering them does not hold up everything else. */

const FIRST = 8;

export class Pace {
  /** Datagrams for the next turn of the event loop. */
  share: number;
  private readonly turnMs: number | undefined;
  private readonly most: number;

  /** @param turnMs how long a turn may take; undefined: as long as it likes */
  constructor(turnMs: number | undefined, most: number) {
    this.turnMs = turnMs;
    this.most = most;
    this.share = turnMs === undefined ? most : Math.min(FIRST, most);
  }

  /** Does one turn and learns from how long it took. */
  run(turn: () => void): void {
    if (this.turnMs === undefined) {
      turn();
      return;
    }
    const begun = performance.now();
    turn();
    const late = performance.now() - begun > this.turnMs;
    this.share = late ? Math.max(1, this.share >> 1) : Math.min(this.most, this.share * 2);
  }
}
