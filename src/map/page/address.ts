/** What the hash of the page's address keeps, so that a link shows the same. */
export interface Address {
  /** The chosen object, `namespace/name`; undefined: all. */
  readonly object?: string;
  /** The region whose panel is open. */
  readonly region?: string;
  /** The middle of the map on its plane, and how many times it is enlarged; undefined: the whole world. */
  readonly view?: { readonly x: number; readonly y: number; readonly zoom: number };
}

const objectPattern = /^[a-z0-9.-]{1,253}\/[a-z0-9.-]{1,253}$/;
const regionPattern = /^[a-z0-9-]{1,60}$/;
const viewPattern = /^(-?\d{1,4}(?:\.\d)?),(-?\d{1,4}(?:\.\d)?),(\d{1,2}(?:\.\d{1,2})?)$/;

/** Reads a hash; what makes no sense is left out. */
export function addressOf(hash: string): Address {
  const parts = new Map(
    hash
      .replace(/^#/, '')
      .split('&')
      .map((part) => {
        const [name = '', ...value] = part.split('=');
        return [name, value.join('=')] as const;
      }),
  );
  const object = parts.get('object') ?? '';
  const region = parts.get('region') ?? '';
  const [, x, y, zoom] = viewPattern.exec(parts.get('view') ?? '') ?? [];
  return {
    ...(objectPattern.test(object) ? { object } : {}),
    ...(regionPattern.test(region) ? { region } : {}),
    ...(zoom === undefined ? {} : { view: { x: Number(x), y: Number(y), zoom: Number(zoom) } }),
  };
}

/** The hash of an address; empty for the whole world and all objects. */
export function hashOf({ object, region, view }: Address): string {
  const parts = [
    ...(object === undefined ? [] : [`object=${object}`]),
    ...(region === undefined ? [] : [`region=${region}`]),
    ...(view === undefined ? [] : [`view=${[view.x.toFixed(1), view.y.toFixed(1), view.zoom.toFixed(2)].join()}`]),
  ];
  return parts.length === 0 ? '' : `#${parts.join('&')}`;
}
