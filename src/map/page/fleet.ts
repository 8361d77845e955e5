import type { Gone, Hello, MapObject, Objects, Refusal, Trouble } from '../wire.ts';

/** All that the page knows, from the stream of the server. */
export interface Fleet {
  readonly hello?: Hello;
  readonly objects: ReadonlyMap<string, MapObject>;
  /** Whether `objects` are all there are. */
  readonly synced: boolean;
  /** `connecting`: never heard; `lost`: what is shown may be old. */
  readonly link: 'connecting' | 'open' | 'lost';
  /** When the connection was lost. */
  readonly lostAt?: Date;
  /** Why the server does not let the page in, when that is so. */
  readonly refusal?: Refusal;
  /** Why the server hears nothing of the API server. */
  readonly trouble: string | null;
  /** What a new connection has told until it is complete; until then the old is shown. */
  readonly arriving?: ReadonlyMap<string, MapObject>;
}

export type FleetEvent =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'objects'; readonly objects: Objects }
  | { readonly kind: 'gone'; readonly keys: Gone }
  | { readonly kind: 'synced' }
  | { readonly kind: 'trouble'; readonly trouble: Trouble }
  | { readonly kind: 'lost'; readonly at: Date; readonly refusal?: Refusal };

export const nothingYet: Fleet = { objects: new Map(), synced: false, link: 'connecting', trouble: null };

/** Whatever comes, the page never shows less than it knew before it knows better. */
export function after(fleet: Fleet, event: FleetEvent): Fleet {
  switch (event.kind) {
    case 'hello': {
      const { lostAt: _lostAt, refusal: _refusal, ...rest } = fleet;
      return { ...rest, hello: event.hello, link: 'open', trouble: null, arriving: new Map() };
    }
    case 'objects': {
      const known = fleet.arriving ?? fleet.objects;
      const next = new Map([...known, ...event.objects.map((object) => [object.key, object] as const)]);
      if (fleet.arriving === undefined) return { ...fleet, objects: next };
      return { ...fleet, arriving: next, ...(fleet.synced ? {} : { objects: next }) };
    }
    case 'gone': {
      const keys = new Set(event.keys);
      const left = (all: ReadonlyMap<string, MapObject>) => new Map([...all].filter(([key]) => !keys.has(key)));
      return {
        ...fleet,
        objects: left(fleet.objects),
        ...(fleet.arriving === undefined ? {} : { arriving: left(fleet.arriving) }),
      };
    }
    case 'synced': {
      const { arriving, ...rest } = fleet;
      return { ...rest, objects: arriving ?? fleet.objects, synced: true };
    }
    case 'trouble':
      return { ...fleet, trouble: event.trouble.why };
    case 'lost':
      return {
        ...fleet,
        link: 'lost',
        lostAt: fleet.lostAt ?? event.at,
        ...(event.refusal === undefined ? {} : { refusal: event.refusal }),
      };
  }
}
