/** The chart of bench/latency.mjs: seconds over round trip, both logarithmic, as an SVG for light and dark pages. */

const WIDTH = 860;
const HEIGHT = 520;
const PLOT = { left: 78, right: 590, top: 56, bottom: 452 };
const SECONDS = [0.3, 1, 3, 10, 30, 100, 300, 1000, 3600];
/** Okabe and Ito's colours, which most eyes can tell apart, darker or lighter where a page needs it. */
const SERIES = {
  'tftp-1': { colour: 'red', label: 'TFTP, window 1' },
  'tftp-16': { colour: 'orange', label: 'TFTP, window 16' },
  'tftp-64': { colour: 'yellow', label: 'TFTP, window 64' },
  ipxe: { colour: 'blue', label: 'HTTP, iPXE (256 KiB window)' },
  auto: { colour: 'green', label: 'HTTP, growing window' },
};

const STYLE = `
    text { font: 14px system-ui, sans-serif; fill: #24292f; }
    .small { font-size: 12px; fill: #57606a; }
    .title { font-size: 17px; font-weight: 600; }
    .grid { stroke: #d0d7de; }
    .line { fill: none; stroke-width: 2.5; }
    .peer { fill: none; stroke-width: 1.5; }
    .red { stroke: #b93a00; } .orange { stroke: #c77700; } .yellow { stroke: #8f7a00; }
    .blue { stroke: #0067a8; } .green { stroke: #007a58; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; } .small { fill: #9da7b3; } .grid { stroke: #3d444d; }
      .red { stroke: #ff7b45; } .orange { stroke: #f5a623; } .yellow { stroke: #e8d44d; }
      .blue { stroke: #58b4f0; } .green { stroke: #2fc79a; }
    }`;

/**
 * @param measured what bench/latency.mjs has measured, at least two round trips
 * @returns the SVG; lines are Chainboot, rings the peers
 */
export function latencyChart(measured) {
  const trips = measured.map(({ roundTrip }) => roundTrip);
  const x = logarithmic(trips[0], trips.at(-1), PLOT.left + 20, PLOT.right - 12);
  const y = logarithmic(SECONDS[0], SECONDS.at(-1), PLOT.bottom, PLOT.top);
  const series = Object.entries(SERIES).map(([way, { colour, label }]) =>
    drawSeries(measured, way, colour, label, x, y),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title">`,
    '  <title id="title">Seconds to fetch kernel and initrd over the round trip, by TFTP and by HTTP</title>',
    `  <style>${STYLE}\n  </style>`,
    text(PLOT.left, 26, 'Kernel and initrd (49 MB): time over round trip', 'title'),
    text(
      PLOT.left,
      44,
      'Both axes are logarithmic. Lines: Chainboot. Rings: dnsmasq, atftpd, nginx.',
      'small',
    ),
    ...SECONDS.flatMap((seconds) => [
      `  <path class="grid" d="M${PLOT.left} ${y(seconds)}H${PLOT.right}"/>`,
      text(PLOT.left - 8, y(seconds) + 5, nameOf(seconds), '', 'end'),
    ]),
    ...trips.flatMap((trip) => [
      `  <path class="grid" d="M${x(trip)} ${PLOT.top}V${PLOT.bottom}"/>`,
      text(x(trip), PLOT.bottom + 22, `${trip} ms`, '', 'middle'),
    ]),
    text(
      (PLOT.left + PLOT.right) / 2,
      PLOT.bottom + 46,
      'round trip between machine and server',
      'small',
      'middle',
    ),
    ...series,
    '</svg>',
    '',
  ].join('\n');
}

function drawSeries(measured, way, colour, label, x, y) {
  const points = (isOurs) =>
    measured.flatMap(({ roundTrip, rows }) =>
      rows
        .filter((row) => row.way === way && (row.server === 'Chainboot') === isOurs)
        .map(({ time }) => [x(roundTrip), y(time)]),
    );
  const ours = points(true);
  const [, end] = ours.at(-1);
  const last = measured.at(-1).rows.find((row) => row.way === way && row.server === 'Chainboot').time;
  return [
    `  <polyline class="line ${colour}" points="${ours.map((point) => point.join(',')).join(' ')}"/>`,
    ...points(false).map(([cx, cy]) => `  <circle class="peer ${colour}" cx="${cx}" cy="${cy}" r="6"/>`),
    text(PLOT.right + 8, end + 5, `${label}: ${nameOf(last)}`),
  ].join('\n');
}

/** A scale from values to places, both ends included, to a tenth. */
function logarithmic(from, to, start, end) {
  const span = Math.log(to / from);
  return (value) => Math.round((start + (Math.log(value / from) / span) * (end - start)) * 10) / 10;
}

function nameOf(seconds) {
  if (seconds === 3600) return '1 h';
  if (seconds >= 120) return `${Math.round(seconds / 60)} min`;
  return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
}

const text = (x, y, words, kind = '', anchor = 'start') =>
  `  <text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}">${words}</text>`;
