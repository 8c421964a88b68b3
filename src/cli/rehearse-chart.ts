/** The times of a fleet as bars: on the terminal, and as a picture. Pure. */

import type { FleetReport, PhaseTimes } from '../client/fleet.ts';

const WIDTH = 50;

/** A line for each phase: `█` to p50, `▓` to p95, `░` to p99. */
export function chartLines({ phases }: FleetReport): readonly string[] {
  const longest = Math.max(1, ...phases.map(({ p99 }) => p99));
  const columns = (value: number) => Math.round((value / longest) * WIDTH);
  const bars = phases.map(({ phase, p50, p95, p99 }) => {
    const [to50, to95, to99] = [Math.max(1, columns(p50)), columns(p95), columns(p99)];
    const bar =
      '█'.repeat(to50) +
      '▓'.repeat(Math.max(0, to95 - to50)) +
      '░'.repeat(Math.max(0, to99 - Math.max(to50, to95)));
    return `${phase.padEnd(8)} ${bar} ${p99} ms`;
  });
  return [...bars, `${' '.repeat(9)}█ to p50  ▓ to p95  ░ to p99`];
}

const ROW = 34;
const LEFT = 90;
const BARS = 560;
const SHADES = [
  ['p99', '#c6dbef'],
  ['p95', '#6baed6'],
  ['p50', '#08519c'],
] as const satisfies readonly (readonly [keyof PhaseTimes, string])[];

/** SVG. */
export function chartPicture({ phases, machines, booted, seconds }: FleetReport): string {
  const longest = Math.max(1, ...phases.map(({ p99 }) => p99));
  const height = 70 + phases.length * ROW;
  const rows = phases.flatMap((times, i) => {
    const y = 50 + i * ROW;
    const bars = SHADES.map(([share, color]) => {
      const width = Math.max(1, (times[share] / longest) * BARS).toFixed(1);
      return `<rect x="${LEFT}" y="${y}" width="${width}" height="20" fill="${color}"><title>${share}: ${times[share]} ms</title></rect>`;
    });
    const end = LEFT + (times.p99 / longest) * BARS + 6;
    return [
      `<text x="${LEFT - 8}" y="${y + 15}" text-anchor="end">${times.phase}</text>`,
      ...bars,
      `<text x="${end.toFixed(1)}" y="${y + 15}">${times.p50} / ${times.p95} / ${times.p99} ms</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="860" height="${height}" font-family="sans-serif" font-size="13">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="16" y="26" font-size="16">${booted} of ${machines} machines booted in ${seconds} s: p50, p95 and p99 of each phase</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}
