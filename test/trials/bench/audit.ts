import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Access, AuditEvent } from '../../sandbox/cluster-access.ts';

/** What somebody asked of Kubernetes. */
export interface Traffic {
  /** Everything but get, list and watch; without Events and Leases. */
  readonly writes: number;
  readonly events: number;
  /** The same by verb and resource, `patch registryreplications status`, Events and Leases included. */
  readonly byKind: Readonly<Record<string, number>>;
  /** Watches that began. */
  readonly watches: number;
}

export interface Asker {
  readonly username: string;
  readonly namespace: string;
}

/** Where the audit log ends now. */
export function auditMark({ auditLogFile }: Access): number {
  return auditLogFile === undefined ? 0 : statSync(auditLogFile).size;
}

/** What one user asked in a namespace after that mark. A line may come a moment after the response. */
export function trafficSince({ auditLogFile }: Access, mark: number, asker: Asker): Traffic {
  if (auditLogFile === undefined) throw new Error('this control plane was started without auditLog');
  return trafficOf(linesFrom(auditLogFile, mark), asker);
}

const reading = new Set(['get', 'list', 'watch']);

export function trafficOf(lines: Iterable<string>, { username, namespace }: Asker): Traffic {
  const byKind: Record<string, number> = {};
  let watches = 0;
  for (const line of lines) {
    if (!line.includes(username)) continue; // most lines are of others, and parsing costs most
    const { verb, objectRef, stage, user } = JSON.parse(line) as AuditEvent;
    if (user.username !== username || objectRef?.namespace !== namespace) continue;
    if (verb === 'watch' && stage === 'ResponseStarted') watches += 1;
    if (reading.has(verb) || stage !== 'ResponseComplete') continue;
    const what = [verb, objectRef.resource, objectRef.subresource].filter(Boolean).join(' ');
    byKind[what] = (byKind[what] ?? 0) + 1;
  }
  const count = (resources: (what: string) => boolean) =>
    Object.entries(byKind).reduce((sum, [what, times]) => (resources(what) ? sum + times : sum), 0);
  return {
    writes: count((what) => !/ (events|leases)( |$)/.test(what)),
    events: count((what) => / events( |$)/.test(what)),
    byKind,
    watches,
  };
}

/** The whole lines of a file from that byte on, read in pieces: the log of 10,000 objects has tens of megabytes. */
function* linesFrom(file: string, from: number): Generator<string> {
  const log = openSync(file, 'r');
  try {
    const end = fstatSync(log).size;
    const piece = Buffer.alloc(4 * 2 ** 20);
    let rest = Buffer.alloc(0);
    for (let at = from; at < end; ) {
      const size = readSync(log, piece, 0, Math.min(piece.length, end - at), at);
      at += size;
      const text = Buffer.concat([rest, piece.subarray(0, size)]);
      const last = text.lastIndexOf(10) + 1;
      yield* text.toString('utf8', 0, last).split('\n').slice(0, -1);
      rest = Buffer.from(text.subarray(last));
    }
  } finally {
    closeSync(log);
  }
}
