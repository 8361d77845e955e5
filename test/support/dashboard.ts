interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

export interface Expression {
  readonly panel: string;
  readonly expr: string;
}

/** Every query of a Grafana dashboard, with the title of its panel. */
export function expressionsOf(dashboard: string): readonly Expression[] {
  const { panels } = JSON.parse(dashboard) as { readonly panels: readonly Panel[] };
  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ panel: title, expr })));
}

/** The query with its variables filled in as Grafana does it, for all jobs and the given ranges. */
export function filledIn(expr: string, { rate, range }: { readonly rate: string; readonly range: string }): string {
  return expr.replaceAll('$job', '.+').replaceAll('$__rate_interval', rate).replaceAll('$__range', range);
}
