/** The difference of two texts as `diff -u` prints it. (Myers, "An O(ND) difference algorithm", 1986.) */

export type Named = { readonly name: string; readonly text: string };

type Edit = { readonly op: ' ' | '-' | '+'; readonly line: string };

/** Lines around a change. */
const CONTEXT = 3;
/** Texts that differ in more lines than this are shown as replaced: the search takes time in its square. */
const MAX_EDITS = 3000;

/** Empty when the texts are equal; otherwise what `patch` understands. */
export function unifiedDiff(before: Named, after: Named): string {
  if (before.text === after.text) return '';
  const edits = editsOf(linesOf(before.text), linesOf(after.text));
  return `--- ${before.name}\n+++ ${after.name}\n${hunksOf(edits).map(formatHunk).join('')}`;
}

/** With their line ends. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function editsOf(before: readonly string[], after: readonly string[]): readonly Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const same = (line: string): Edit => ({ op: ' ', line });
  return [
    ...before.slice(0, start).map(same),
    ...shortestEdits(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

function shortestEdits(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const rounds = search(before, after);
  if (rounds === undefined) {
    return [
      ...before.map((line): Edit => ({ op: '-', line })),
      ...after.map((line): Edit => ({ op: '+', line })),
    ];
  }
  return backtrack(before, after, rounds);
}

/** How far each diagonal came, round by round; undefined when it would take too many. */
function search(before: readonly string[], after: readonly string[]): readonly Int32Array[] | undefined {
  const rounds: Int32Array[] = [];
  const limit = Math.min(before.length + after.length, MAX_EDITS);
  let reach = new Int32Array(3);
  for (let round = 0; round <= limit; round++) {
    rounds.push(reach);
    // Diagonal k is at index k + round + 1, with one of room on either side.
    const next = new Int32Array(2 * round + 5);
    for (let k = -round; k <= round; k += 2) {
      let x = startOf(reach, k, round);
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x++;
      next[k + round + 2] = x;
      if (x >= before.length && x - k >= after.length) return rounds;
    }
    reach = next;
  }
  return undefined;
}

/** Down (an addition) or to the right (a deletion) from whichever neighbour came further the round before. */
function startOf(reach: Int32Array, k: number, round: number): number {
  if (round === 0) return 0;
  return goesDown(reach, k, round) ? reach[k + 1 + round + 1]! : reach[k - 1 + round + 1]! + 1;
}

function goesDown(reach: Int32Array, k: number, round: number): boolean {
  return k === -round || (k !== round && reach[k - 1 + round + 1]! < reach[k + 1 + round + 1]!);
}

function backtrack(
  before: readonly string[],
  after: readonly string[],
  rounds: readonly Int32Array[],
): readonly Edit[] {
  const edits: Edit[] = [];
  let x = before.length;
  let y = after.length;
  for (let round = rounds.length - 1; round >= 0; round--) {
    const reach = rounds[round]!;
    const k = x - y;
    const start = startOf(reach, k, round);
    while (x > start) {
      edits.push({ op: ' ', line: before[--x]! });
      y--;
    }
    if (round === 0) break;
    if (goesDown(reach, k, round)) edits.push({ op: '+', line: after[--y]! });
    else edits.push({ op: '-', line: before[--x]! });
  }
  return edits.reverse();
}

type Hunk = { readonly before: number; readonly after: number; readonly edits: readonly Edit[] };

function hunksOf(edits: readonly Edit[]): readonly Hunk[] {
  const shown = edits.map(() => false);
  edits.forEach(({ op }, i) => {
    if (op === ' ') return;
    shown.fill(true, Math.max(0, i - CONTEXT), i + CONTEXT + 1);
  });
  const hunks: { before: number; after: number; edits: Edit[] }[] = [];
  let before = 1;
  let after = 1;
  edits.forEach((edit, i) => {
    if (shown[i]) {
      if (!shown[i - 1]) hunks.push({ before, after, edits: [] });
      hunks.at(-1)!.edits.push(edit);
    }
    if (edit.op !== '+') before++;
    if (edit.op !== '-') after++;
  });
  return hunks;
}

function formatHunk({ before, after, edits }: Hunk): string {
  const range = (start: number, without: Edit['op']) => {
    const count = edits.filter(({ op }) => op !== without).length;
    // An empty range is told by the line before it.
    return count === 1 ? `${start}` : `${count === 0 ? start - 1 : start},${count}`;
  };
  const lines = edits.map(({ op, line }) =>
    line.endsWith('\n') ? `${op}${line}` : `${op}${line}\n\\ No newline at end of file\n`,
  );
  return `@@ -${range(before, '+')} +${range(after, '-')} @@\n${lines.join('')}`;
}
