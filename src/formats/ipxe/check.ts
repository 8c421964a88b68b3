import { type FormatFinding, linesOf } from '../finding.ts';
import { lintScript } from './lint.ts';

export function checkIpxe(text: string): readonly FormatFinding[] {
  const lines = linesOf(text);
  return lintScript(text).map(({ line, severity, message }) => ({
    offset: lines[line - 1]!.offset,
    severity,
    message,
  }));
}
