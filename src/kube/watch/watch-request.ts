type Query = Readonly<Record<string, string>>;

/** Which objects of a collection are listed and watched; without selectors, all. */
export interface Selector {
  readonly labelSelector?: string | undefined;
  /** `metadata.name=<name>` is allowed by a Role that names the object. */
  readonly fieldSelector?: string | undefined;
}

/** The server ends each watch after 300 to 600 s, so that reconnecting clients spread over its replicas. */
const watchSeconds = { from: 300, to: 600 } as const;
const pageSize = 500;

/**
 * Query of a watch of all changes after version `from`. When `from` is undefined, the watch begins with all objects
 * there are (WatchList). `random`, from 0 to 1, decides how long it lasts.
 */
export function watchQuery(selector: Selector, from: string | undefined, random: number): Query {
  return {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: String(watchSeconds.from + Math.floor(random * (watchSeconds.to - watchSeconds.from))),
    ...selectorQuery(selector),
    ...(from === undefined
      ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
      : { resourceVersion: from }),
  };
}

/** Query of one page of a list; `next` is the page before's `metadata.continue`, undefined for the first page. */
export function pageQuery(selector: Selector, next: string | undefined): Query {
  return { limit: String(pageSize), ...selectorQuery(selector), ...(next ? { continue: next } : {}) };
}

/** Query of the smallest list that a server refuses (504) as long as it has not reached `version`. */
export function reachedQuery(selector: Selector, version: bigint): Query {
  const resourceVersion = String(version);
  return { limit: '1', ...selectorQuery(selector), resourceVersion, resourceVersionMatch: 'NotOlderThan' };
}

function selectorQuery({ labelSelector, fieldSelector }: Selector): Query {
  return { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
}
