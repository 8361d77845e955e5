import { plainText } from '../../domain/text.ts';

/** What a Kubernetes Status object says, as far as the operator reads it. */
interface KubeStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
    readonly [field: string]: unknown;
  };
}

export interface KubeErrorOptions {
  /** What was asked, see requestTitle(). */
  readonly request: string;
  readonly status: number;
  readonly reason: string;
  readonly message?: string;
  readonly details?: KubeStatus['details'];
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Kubernetes said no, or could not be asked. The message is fit for people and logs: no headers, no tokens. */
export class KubeError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Kubernetes' reason (NotFound, Conflict, …); without an answer the cause's code (ECONNREFUSED, Timeout, …). */
  readonly reason: string;
  readonly details: KubeStatus['details'];
  /** The pause the server asked for (429, 503). */
  readonly retryAfterMs: number | undefined;

  constructor({ request, status, reason, message, details, retryAfterMs, cause }: KubeErrorOptions) {
    const what = [...(status === 0 ? [] : [status]), reason].join(' ');
    super(`${request}: ${what}${message === undefined ? '' : `: ${message}`}`, cause === undefined ? {} : { cause });
    this.name = 'KubeError';
    this.status = status;
    this.reason = reason;
    this.details = details;
    this.retryAfterMs = retryAfterMs;
  }

  /** The version asked for is one that this server has not reached: it was restored from a backup. */
  get versionTooLarge(): boolean {
    return this.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge') ?? false;
  }
}

/** `PATCH registryreplications/platform/contoso/status`: the verb, and the path without API group and query. */
export function requestTitle(method: string, path: string): string {
  const [bare = path] = path.split('?');
  const short = bare.replace(/^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\//, '');
  return `${method} ${short.replace(/^namespaces\/([^/]+)\/([^/]+)/, '$2/$1')}`;
}

/** How much of an answer is shown: of a Status the longest validation error worth reading, of a proxy's page its beginning. */
const shownCharacters = { message: 2_000, page: 200 } as const;

/** From the body of an answer of 400 and over, or from the object of a watch's ERROR event. */
export function fromStatus(request: string, httpStatus: number, body: unknown, retryAfter?: string): KubeError {
  const { message, reason, code, details } = statusIn(body);
  const seconds = Number(retryAfter ?? details?.retryAfterSeconds);
  const text =
    typeof body === 'string'
      ? plainText(body, shownCharacters.page)
      : plainText(message ?? '', shownCharacters.message);
  return new KubeError({
    request,
    status: httpStatus === 0 ? (code ?? 0) : httpStatus,
    reason: reason ?? 'Unknown',
    details,
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
    ...(text === '' ? {} : { message: text }),
  });
}

/** What of a body has the type it should have; in front of the API server stand proxies that know nothing of Status. */
function statusIn(body: unknown): KubeStatus {
  const { message, reason, code, details } = recordOf(body);
  const { causes, retryAfterSeconds, ...others } = recordOf(details);
  return {
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof reason === 'string' && /^\w{1,100}$/.test(reason) ? { reason } : {}),
    ...(typeof code === 'number' ? { code } : {}),
    ...(details === undefined
      ? {}
      : {
          details: {
            ...others,
            ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
            ...(Array.isArray(causes) ? { causes: causes.map(recordOf) } : {}),
          },
        }),
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** From what fetching threw: connection refused or reset, TLS, DNS, an unreadable token file. */
export function fromThrown(request: string, error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = (cause instanceof Error ? cause : new Error(String(cause))) as NodeJS.ErrnoException;
  const reason = code !== undefined && code !== '' ? code : 'NetworkError';
  return new KubeError({ request, status: 0, reason, message, cause: error });
}
