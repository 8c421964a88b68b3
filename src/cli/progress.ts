/** How far long work has come, for a person who waits: one line on a terminal, nothing elsewhere. */

export type Progress = {
  readonly show: (done: number, of: number) => void;
  /** Takes the line away again. */
  readonly end: () => void;
};

const BAR = 30;
/** Work that is over sooner needs no bar. */
const DELAY_MS = 500;
const EVERY_MS = 100;

/** @param what is counted: `renderings` */
export function progressOn(stream: NodeJS.WriteStream, what: string, now: () => number = Date.now): Progress {
  let next = now() + DELAY_MS;
  let shown = false;
  return {
    show: (done, of) => {
      if (stream.isTTY !== true || now() < next) return;
      next = now() + EVERY_MS;
      shown = true;
      const filled = Math.floor((done / of) * BAR);
      stream.write(`\r[${'#'.repeat(filled)}${' '.repeat(BAR - filled)}] ${done} of ${of} ${what}`);
    },
    end: () => {
      if (shown) stream.write('\r\u001b[K');
    },
  };
}
