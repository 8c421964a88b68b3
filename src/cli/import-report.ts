/** What an import says of itself: on the terminal what matters, in a file all of it. */

import { writeFileSync } from 'node:fs';
import { ChainbootError, reasonOf } from '../errors.ts';
import { formatPlace } from '../moving/place.ts';
import { type Note, OUTCOMES, type Outcome } from '../moving/report.ts';

const TITLES: Readonly<Record<Outcome, string>> = {
  taken: 'Taken',
  left: 'Left out; nothing is lost by it',
  human: 'For somebody to look at',
  refused: 'Refused',
};

export function counts(notes: readonly Note[]): Readonly<Record<Outcome, number>> {
  const count = (outcome: Outcome) => notes.filter((note) => note.outcome === outcome).length;
  return { taken: count('taken'), left: count('left'), human: count('human'), refused: count('refused') };
}

/** Lines under a heading for each outcome that there is. */
export function reportLines(
  notes: readonly Note[],
  outcomes: readonly Outcome[] = OUTCOMES,
): readonly string[] {
  return outcomes.flatMap((outcome) => {
    const own = notes.filter((note) => note.outcome === outcome);
    if (own.length === 0) return [];
    return [`${TITLES[outcome]}:`, ...own.map((note) => `  ${lineOf(note)}`)];
  });
}

function lineOf(note: Note): string {
  return `${formatPlace(note)}: ${note.subject}: ${note.message}`;
}

/** As JSON where the name says so. @throws ChainbootError FILE_UNWRITABLE */
export function writeReport(file: string, notes: readonly Note[]): void {
  const text = file.endsWith('.json')
    ? `${JSON.stringify({ counts: counts(notes), notes }, null, 2)}\n`
    : `${reportLines(notes).join('\n')}\n`;
  writeOut(file, text);
}

export function writeOut(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new ChainbootError('FILE_UNWRITABLE', { name: file, reason: reasonOf(error) });
  }
}
