/** What a checker finds in a text, and how the checkers read lines. */

/** `error`: whatever reads the text refuses or misreads it; `warning`: it goes on, probably not as meant. */
export type FormatFinding = {
  /** UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly severity: 'error' | 'warning';
  /** Without values of one host, so that the same fault reads the same for all of them. */
  readonly message: string;
};

export type Line = {
  /** Without its line end. */
  readonly text: string;
  readonly offset: number;
};

export function linesOf(text: string): readonly Line[] {
  let offset = 0;
  return text.split('\n').map((raw) => {
    const line = { text: raw.endsWith('\r') ? raw.slice(0, -1) : raw, offset };
    offset += raw.length + 1;
    return line;
  });
}

export type Report = (offset: number, severity: FormatFinding['severity'], message: string) => void;

/** Collects what `run` reports, in the order of the text. */
export function findings(run: (report: Report) => void): readonly FormatFinding[] {
  const found: FormatFinding[] = [];
  run((offset, severity, message) => found.push({ offset, severity, message }));
  return found.sort((a, b) => a.offset - b.offset);
}

/** ` (did you mean "x"?)`, or nothing. */
export function orRather(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`;
}
