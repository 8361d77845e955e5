import { guidPattern } from '../../domain/entra.ts';
import { plainText, truncated } from '../../domain/text.ts';

/** Length in characters of the longest text that is taken over from Azure. */
const maxLength = 300;

/** Words before a GUID that make it the id of something that stays, and not the id of one call. */
const lastingThings = 'app|application|client|tenant|directory|object|principal|subscription|identity|identifier';

/** What is taken out of Azure's texts, with what stands in its place. */
const noise: readonly (readonly [RegExp, string])[] = [
  // Secrets: no answer should hold one, but the error page of a proxy or an issuer may echo the request.
  [/\b(client_secret|client_assertion|access_token|refresh_token|password|sig)=[^&\s"']+/gi, '$1=…'],
  [/\beyJ[\w-]{10,}(\.[\w-]*)*/g, '…'],
  [/\bBearer\s+[\w.~+/-]{8,}=*/g, 'Bearer …'],
  [/:\/\/[^\s/'"@]+@/g, '://…@'],
  // Ids and times of the single call: they would make the status change with each pass.
  [/\s*\bDiagnostic information:.*$/i, ''],
  [/(\/operation(?:s|statuses|results)?\/)[^\s'"<>]+/gi, '$1…'],
  [/\s*\([^()]*\b(trace|correlation|request|tracking|activity|operation)[ -]?id\b[^()]*\)/gi, ''],
  [
    new RegExp(
      `[,;(\\s]*\\b[\\w-]*\\s?(trace|correlation|request|tracking|activity|operation)[ -]?ids?\\b[^0-9a-z]{0,4}(is )?['"]?${guidPattern}['")]?`,
      'gi',
    ),
    '',
  ],
  [/[,;(\s]*\btimestamp\b[^0-9a-z]{0,4}['"]?[\d-]{8,10}[T ][\d:.]+(Z|[+-][\d:]+)?['")]?/gi, ''],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC|[+-]\d\d:\d\d)?/g, '…'],
  [/\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d\d(:\d\d)?( [AP]M)?/g, '…'],
  // A lone id is the call's; that of a person, an app or a scope stands in quotes, in a path or after its word.
  [new RegExp(`\\b([a-z]+)-${guidPattern}`, 'gi'), '$1-…'],
  [new RegExp(`(?<!\\b(?:${lastingThings})s?(?: id)?:? )(?<![\\w'"/-])${guidPattern}(?![\\w'"/-])`, 'gi'), '…'],
  // Counters: Azure says after how many seconds its limit is over.
  [/\bafter '?\d+'? seconds/gi, 'later'],
];

/** Azure's text without secrets, times and ids of the single call, in one line, ending as a sentence. */
export function steadyText(text: string, longest = maxLength): string {
  // The length is cut first, because the time that some patterns take grows with its square.
  let clean = plainText(text, 8 * maxLength).replaceAll(/\s+/g, ' ');
  for (const [pattern, by] of noise) clean = clean.replace(pattern, by);
  clean = clean.replaceAll(/\s+/g, ' ').trim();
  if (clean.length > longest) clean = `${truncated(clean, longest).trimEnd()}…`;
  return clean === '' || /[.!?\u2026]$/.test(clean) ? clean : `${clean}.`;
}

/** The same as part of a sentence: without the full stop at its end. */
export function steadyPhrase(text: string, longest = maxLength): string {
  return steadyText(text, longest).replace(/\.+$/, '');
}
