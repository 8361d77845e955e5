const widths = new Map<string, number>();
let pen: CanvasRenderingContext2D | null | undefined;

/** The width of the widest line in pixels. */
export function widest(lines: readonly string[], unit: number): number {
  pen ??= document.createElement('canvas').getContext('2d');
  const width = (line: string, i: number): number => {
    const key = `${i === 0}${line}`;
    const had = widths.get(key);
    if (had !== undefined) return had;
    if (pen !== null && pen !== undefined) pen.font = `${i === 0 ? 600 : 400} 100px system-ui, sans-serif`;
    const measured = (pen?.measureText(line).width ?? line.length * 60) / 100;
    if (widths.size > 5_000) widths.clear();
    widths.set(key, measured);
    return measured;
  };
  return Math.max(0, ...lines.map(width)) * 12.5 * unit;
}
