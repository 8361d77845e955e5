import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A file of the page. */
export interface PageFile {
  readonly path: string;
  readonly type: string;
  readonly gzip: Buffer;
  readonly plain: () => Buffer;
}

/** What build.ts puts into the bundles: dist/map-page.json. */
declare const MAP_PAGE: string | undefined;

/** The files of the page by their path; 100 kB that are read once, when the map is served. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  const text = typeof MAP_PAGE === 'string' ? MAP_PAGE : readFileSync('dist/map-page.json', 'utf8'); // in the repository, after a build
  const files = JSON.parse(text) as readonly { readonly path: string; readonly type: string; readonly gzip: string }[];
  return new Map(
    files.map(({ path, type, gzip }) => {
      const bytes = Buffer.from(gzip, 'base64');
      return [path, { path, type, gzip: bytes, plain: () => gunzipSync(bytes) }];
    }),
  );
}
