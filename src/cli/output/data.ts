import { dump } from 'js-yaml';

/** Data for programs, as a document that ends with a line end. */
export function documentOf(format: 'json' | 'yaml', data: unknown): string {
  return format === 'json' ? `${JSON.stringify(data, undefined, 2)}\n` : dump(data, { lineWidth: -1 });
}
