import type { RowResults } from "../bench.ts";
import { fallsBehind, latencyOf } from "./report.ts";

const WIDTH = 860;
const HEIGHT = 480;
const BOX = { left: 64, right: 640, top: 44, bottom: 420 };
const MILLIS = { least: 0.1, most: 10_000 };
const COLOURS = [
  "#d6336c",
  "#1c7ed6",
  "#2b8a3e",
  "#e8590c",
  "#7048e8",
  "#0c8599",
  "#5c3d2e",
  "#868e96",
  "#e6a700",
  "#364fc7",
];

/** Latency against rate, both logarithmic: the median as a line, the 99th percentile dashed. */
export function plot(rows: readonly RowResults[], rates: readonly number[]): string {
  const lines = rows.filter((row) => rates.some((rate) => latencyOf(row, rate) !== undefined));
  const x = scale(Math.min(...rates) / 1.3, Math.max(...rates) * 1.3, BOX.left, BOX.right);
  const y = scale(MILLIS.least, MILLIS.most, BOX.bottom, BOX.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" ` +
    `viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(BOX.left, 22, "Latency from send to receipt, ms", `font-size="14" font-weight="600"`),
    text(BOX.left, HEIGHT - 14, "messages a second; solid p50, dashed p99; hollow: falls behind"),
    ...rates.map((rate) => grid([x(rate), BOX.top, x(rate), BOX.bottom])),
    ...rates.map((rate) => text(x(rate), BOX.bottom + 18, String(rate), `text-anchor="middle"`)),
    ...[0.1, 1, 10, 100, 1000, 10_000].flatMap((ms) => [
      grid([BOX.left, y(ms), BOX.right, y(ms)]),
      text(BOX.left - 8, y(ms) + 4, String(ms), `text-anchor="end"`),
    ]),
    ...lines.flatMap((row, i) => {
      const colour = COLOURS[i % COLOURS.length]!;
      const cells = rates.flatMap((rate) => latencyOf(row, rate) ?? []);
      const curve = (of: "p50" | "p99", dash: string): string => {
        const points = cells.filter((cell) => !Number.isNaN(cell[of]))
          .map((cell) => `${x(cell.rate).toFixed(1)},${y(cell[of]).toFixed(1)}`);
        return `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" ` +
          `stroke-width="2"${dash}/>`;
      };
      const dots = cells.filter((cell) => !Number.isNaN(cell.p50)).map((cell) =>
        `<circle cx="${x(cell.rate).toFixed(1)}" cy="${y(cell.p50).toFixed(1)}" r="4" ` +
        `fill="${fallsBehind(cell) ? "#fff" : colour}" stroke="${colour}" stroke-width="2"/>`
      );
      const at = BOX.top + 10 + i * 20;
      return [
        curve("p50", ""),
        curve("p99", ` stroke-dasharray="5 4" opacity="0.6"`),
        ...dots,
        `<rect x="${BOX.right + 24}" y="${at - 9}" width="14" height="10" fill="${colour}"/>`,
        text(BOX.right + 46, at, row.name),
      ];
    }),
    "</svg>\n",
  ].join("\n");
}

/** A logarithmic scale; what lies outside is drawn at the edge. */
function scale(least: number, most: number, from: number, to: number): (value: number) => number {
  const span = Math.log(most / least);
  return (value) => {
    const share = Math.log(Math.min(Math.max(value, least), most) / least) / span;
    return from + share * (to - from);
  };
}

function grid([x1, y1, x2, y2]: readonly [number, number, number, number]): string {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" ` +
    `y2="${y2.toFixed(1)}" stroke="#dee2e6"/>`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${
    y.toFixed(1)
  }" fill="#212529" ${attributes}>${safe}</text>`;
}
