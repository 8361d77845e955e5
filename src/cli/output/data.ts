import { dump } from 'js-yaml';

export type DataFormat = 'json' | 'yaml';

/** Data for programs, as a document that ends with a line end. */
export function documentOf(format: DataFormat, data: unknown): string {
  return format === 'json' ? `${JSON.stringify(data, undefined, 2)}\n` : dump(data, { lineWidth: -1 });
}

/**
 * The same of a list of `kind`, in pieces as its items come: ten thousand objects need not be in memory at once. What fails
 * while they come leaves a document without its end.
 */
export async function* listDocument(
  format: DataFormat,
  head: { readonly apiVersion: string; readonly kind: string },
  pages: AsyncIterable<readonly object[]>,
): AsyncIterable<string> {
  const isJson = format === 'json';
  const begin = isJson
    ? `${documentOf(format, head).slice(0, -'\n}\n'.length)},\n  "items": [`
    : `${documentOf(format, head)}items:\n`;
  let isEmpty = true;
  for await (const items of pages) {
    if (items.length === 0) continue;
    const text = documentOf(format, items).trimEnd();
    if (isEmpty) yield begin;
    if (isJson) yield `${isEmpty ? '' : ','}${indented(text.slice(1, -'\n]'.length))}`;
    else yield `${indented(`\n${text}`).slice(1)}\n`;
    isEmpty = false;
  }
  if (isEmpty) yield documentOf(format, { ...head, items: [] });
  else if (isJson) yield '\n  ]\n}\n';
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
