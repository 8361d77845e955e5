/** One warning or error of the operator, as text: `level message {"fields":…}`; what is no JSON comes as it is. */
interface LogClass {
  readonly name: string;
  readonly line: RegExp;
  /** Whether the line is expected only while the API server starts. */
  readonly starting?: true;
}

const noAnswer =
  'ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|UND_ERR_[A-Z_]+|Timeout|NetworkError|socket hang up|no answer within|other side closed';

/**
 * All lines that faults, foreign hands and an API server that goes away may lead to. A line that fits none fails the
 * run.
 */
const classes: readonly LogClass[] = [
  { name: 'Azure throttles', line: /^warn azure (could not be read|refused) .*"reason":"Throttled"/ },
  { name: 'Azure passes: retried soon', line: /^warn azure (could not be read|refused) .*"reason":"Retrying"/ },
  {
    name: 'Azure forbids',
    line: /^warn azure (could not be read|refused) .*"reason":"Forbidden","code":"AuthorizationFailed"/,
  },
  { name: 'Azure policy', line: /^warn azure refused .*"reason":"PolicyDenied","code":"RequestDisallowedByPolicy"/ },
  { name: 'Azure lock', line: /^warn azure refused .*"reason":"Locked","code":"ScopeLocked"/ },
  { name: 'registry deleted by hand', line: /^warn azure (could not be read|refused) .*"reason":"RegistryNotFound"/ },
  { name: 'no token', line: /^warn azure (could not be read|refused) .*"reason":"AuthenticationFailed"/ },
  { name: 'Azure rejects', line: /^warn azure (could not be read|refused) .*"reason":"Rejected"/ },
  {
    name: 'API server away: watch',
    line: new RegExp(
      `^warn watch interrupted, will go on .*(${noAnswer}|Expired|"status":(0|5\\d\\d|429|410)|silent|stall)`,
    ),
  },
  {
    name: 'API server away: pass',
    line: new RegExp(
      `^error pass failed .*(${noAnswer}|ServiceUnavailable|InternalError|TooManyRequests|"status":5\\d\\d)`,
    ),
  },
  {
    name: 'API server away: lease',
    line: /^warn (lease not renewed|lease not released, it will expire|the lease cannot be asked for) /,
  },
  { name: 'API server away: leadership lost', line: /^error leadership lost .*not renewed in time/ },
  // For its first moments it refuses everybody, the roles not being read yet.
  {
    name: 'API server starting',
    line: /^(warn|error) (watch interrupted|pass failed|event not written|lease|the lease).* 403 Forbidden/,
    starting: true,
  },
  {
    name: 'API server starting: Secret',
    line: /^warn azure could not be read .*"reason":"Forbidden","code":"KubernetesForbidden"/,
    starting: true,
  },
  {
    name: 'API server away: event',
    line: new RegExp(`^warn event not written; .*(${noAnswer}|ServiceUnavailable|InternalError)`),
  },
];

/** The class of a line, undefined for one that nobody foresaw. */
export function classOf(line: string, starting = false): string | undefined {
  return classes.find((known) => (starting || known.starting !== true) && known.line.test(line))?.name;
}

export interface LogCounts {
  /** Takes a line as the operator wrote it; only warnings, errors and what is no JSON count. */
  read(line: string): void;
  readonly byClass: ReadonlyMap<string, number>;
  readonly lines: () => number;
}

/**
 * Counts lines by class, and hands over those without. `starting` says whether the API server was starting at a moment.
 */
export function logCounts(unknown: (line: string) => void, starting: (at: number) => boolean): LogCounts {
  const byClass = new Map<string, number>();
  let lines = 0;
  return {
    byClass,
    lines: () => lines,
    read(line) {
      lines += 1;
      const text = textOf(line);
      if (text === undefined) return;
      const name = classOf(text, starting(timeOf(line)));
      if (name === undefined) unknown(line);
      else byClass.set(name, (byClass.get(name) ?? 0) + 1);
    },
  };
}

function timeOf(line: string): number {
  return Date.parse(/"timestamp":"([^"]+)"/.exec(line)?.[1] ?? '');
}

function textOf(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  try {
    const { timestamp: _, level, message, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (level === 'info' || level === 'debug') return undefined;
    return `${String(level)} ${String(message)} ${JSON.stringify(fields)}`;
  } catch {
    return line;
  }
}
