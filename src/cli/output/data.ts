import { dump } from 'js-yaml';

export type DataFormat = 'json' | 'yaml';

/** Data for programs, as a document that ends with a line end. */
export function documentOf(format: DataFormat, data: unknown): string {
  return format === 'json' ? `${JSON.stringify(data, undefined, 2)}\n` : dump(data, { lineWidth: -1 });
}

const itemsAtOnce = 500;

/** The same of a list of `kind`, in pieces: the whole text of ten thousand objects would take as much memory as they. */
export function* listDocument(
  format: DataFormat,
  head: { readonly apiVersion: string; readonly kind: string },
  items: readonly object[],
): Iterable<string> {
  if (items.length === 0) {
    yield documentOf(format, { ...head, items });
    return;
  }
  const isJson = format === 'json';
  yield isJson
    ? `${documentOf(format, head).slice(0, -'\n}\n'.length)},\n  "items": [`
    : `${documentOf(format, head)}items:\n`;
  for (let first = 0; first < items.length; first += itemsAtOnce) {
    const text = documentOf(format, items.slice(first, first + itemsAtOnce)).trimEnd();
    if (isJson) yield `${first === 0 ? '' : ','}${indented(text.slice(1, -'\n]'.length))}`;
    else yield `${indented(`\n${text}`).slice(1)}\n`;
  }
  if (isJson) yield '\n  ]\n}\n';
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
