import { plainText } from '../../domain/text.ts';
import { KubernetesFailure } from '../../ports/store.ts';

/** A Status object of Kubernetes, with the fields that the operator reads. */
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

/** What a person needs to mend an error. */
export interface Placed {
  /** What to do, in words that follow a semicolon; undefined: nobody knows. */
  readonly step: string | undefined;
  /** The API server, and where its address and the credentials come from. */
  readonly where: string;
}

export interface KubeErrorOptions {
  /** Title of the request that failed, as requestTitle() gives it. */
  readonly request: string;
  readonly status: number;
  readonly reason: string;
  readonly message?: string;
  /** HTTP status of an answer that is not Kubernetes'; undefined for all others. */
  readonly answered?: number;
  /** Where the request went and what to do about it; both end the message. */
  readonly placed?: Placed;
  readonly details?: KubeStatus['details'];
  readonly retryAfterMs?: number | undefined;
}

/**
 * Kubernetes refused a request, or gave no answer. The message is fit for people and logs: it has no headers or tokens.
 */
export class KubeError extends KubernetesFailure {
  readonly details: KubeStatus['details'];
  /** The pause that the server asked for (429, 503). Undefined: it asked for none. */
  readonly retryAfterMs: number | undefined;
  /** HTTP status of an answer that is not Kubernetes'; undefined for all others. */
  readonly answered: number | undefined;
  /** The message without the request, its code and what was placed. */
  readonly said: string | undefined;
  readonly placed: Placed | undefined;
  readonly #options: KubeErrorOptions;

  constructor(options: KubeErrorOptions) {
    const { request, status, answered, reason, message, placed, details, retryAfterMs } = options;
    const code = answered ?? status;
    const what = code === 0 ? reason : `${code} ${reason}`;
    super(`${request}: ${what}${message === undefined ? '' : `: ${message}`}${endOf(placed)}`, { status, reason });
    this.#options = options;
    this.said = message;
    this.placed = placed;
    this.name = 'KubeError';
    this.details = details;
    this.retryAfterMs = retryAfterMs;
    this.answered = answered;
  }

  /** The same error, with where it happened and what to do; one that says so already stays as it is. */
  saying(placed: Placed): KubeError {
    return this.placed === undefined ? new KubeError({ ...this.#options, placed }) : this;
  }

  /** Whether the server has not reached the version that was asked for: it was restored from a backup. */
  get versionTooLarge(): boolean {
    return this.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge') ?? false;
  }
}

function endOf(placed: Placed | undefined): string {
  if (placed === undefined) return '';
  return `${placed.step === undefined ? '' : `; ${placed.step}`} (${placed.where})`;
}

/** The verb, and the path without API group and query: `PATCH registryreplications/platform/contoso/status`. */
export function requestTitle(method: string, path: string): string {
  const [bare = path] = path.split('?');
  const short = bare.replace(/^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\//, '');
  return `${method} ${short.replace(/^namespaces\/([^/]+)\/([^/]+)/, '$2/$1')}`;
}

/** How many characters of an answer the message repeats: the longest validation error worth reading. */
const shownCharacters = 2_000;

/** The error in the body of a refusal, or in the object of a watch's ERROR event, whose HTTP status is given as 0. */
export function fromStatus(request: string, httpStatus: number, body: unknown, retryAfter?: string): KubeError {
  const { message, reason, code, details } = statusIn(body);
  const text = plainText(message ?? '', shownCharacters);
  return new KubeError({
    request,
    status: httpStatus === 0 ? (code ?? 0) : httpStatus,
    reason: reason ?? 'Unknown',
    details,
    retryAfterMs: retryAfterMs(retryAfter ?? details?.retryAfterSeconds),
    ...(text === '' ? {} : { message: text }),
  });
}

/** The pause that a Retry-After in seconds asks for, in milliseconds; undefined when it asks for none. */
export function retryAfterMs(seconds: string | number | undefined): number | undefined {
  const ms = Number(seconds) * 1_000;
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/** Whether a body is a Status, with which Kubernetes refuses. */
export function isStatus(body: unknown): boolean {
  return recordOf(body)['kind'] === 'Status';
}

/** Whether Kubernetes says that there is no such object. That it has no such API at all is not meant. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404 && error.reason === 'NotFound';
}

/** The fields of a body that have the right type: a proxy in front of the API server may answer with anything. */
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

/** The error for what sending threw: connection refused or reset, TLS, DNS, an unreadable token file. */
export function fromThrown(request: string, error: unknown): KubeError {
  if (error instanceof KubeError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = (cause instanceof Error ? cause : new Error(String(cause))) as NodeJS.ErrnoException;
  const reason = code !== undefined && code !== '' ? code : 'NetworkError';
  const text = plainText(message === '' ? messagesIn(cause) : message, shownCharacters);
  return new KubeError({ request, status: 0, reason, message: text });
}

/** The messages of the attempts at several addresses of one name: Node's error for all of them has none of its own. */
function messagesIn(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map((one) => (one as Error).message).join('; ') : 'no answer';
}
