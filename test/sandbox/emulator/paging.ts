import type { Azure } from './azure.ts';
import type { Call } from './call.ts';

/** One page of a list, with `nextLink` when the emulator has a page size and there is more. */
export function page<T>(
  { pageSize, origin }: Azure,
  call: Call,
  items: readonly T[],
): { readonly value: readonly T[]; readonly nextLink?: string } {
  if (pageSize === undefined) return { value: items };
  const from = Number(Buffer.from(call.query.get('$skiptoken') ?? '', 'base64url').toString()) || 0;
  const value = items.slice(from, from + pageSize);
  if (from + pageSize >= items.length) return { value };
  const token = Buffer.from(`${from + pageSize}`).toString('base64url');
  return {
    value,
    nextLink: `${origin}${call.path}?api-version=${call.query.get('api-version') ?? ''}&$skiptoken=${token}`,
  };
}
