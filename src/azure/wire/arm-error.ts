import { plainText } from '../../domain/text.ts';

/** In characters: enough for a message that lists all regions. A longer text would only cost time in what reads it. */
const longestMessage = 4_000;

/** What an error body of ARM says. Source: https://github.com/Azure/azure-resource-manager-rpc, common-types v6 */
export interface ArmError {
  readonly code: string | undefined;
  readonly message: string;
  /** The field additionalInfo as Azure gave it, by its specification an array of { type, info }. */
  readonly info: unknown;
}

/** Codes that say nothing but that the details hold the error. */
const envelopes = new Set(['DeploymentFailed', 'MultipleErrorsOccurred', 'ResourceDeploymentFailure']);

/**
 * Parses the error in a body; undefined when the body holds none (HTML, nothing, half a document). A provider's error
 * that arrives as a JSON string inside the message, or as the first detail of an envelope, takes the place of the
 * outer one.
 */
export function parseArmError(body: string): ArmError | undefined {
  return armErrorIn(jsonOf(body), 3);
}

function armErrorIn(value: unknown, depth: number): ArmError | undefined {
  if (!isRecord(value)) return undefined;
  const error = isRecord(value['error']) ? value['error'] : value;
  const code = armCode(error['code'] ?? error['Code']);
  const message = nonEmptyText(error['message'] ?? error['Message']);
  if (code === undefined && message === undefined) return undefined;
  const own = { code, message: plainText(message ?? '', longestMessage), info: error['additionalInfo'] };
  if (depth === 0) return own;
  const detail = Array.isArray(error['details']) ? error['details'][0] : undefined;
  const inside = armErrorIn(jsonOf(message ?? ''), depth - 1);
  if (inside !== undefined) return { ...own, ...inside, code: inside.code ?? code };
  if (code === undefined || !envelopes.has(code)) return own;
  return armErrorIn(detail, depth - 1) ?? own;
}

/** What a JSON object holds; undefined for any other text. */
export function jsonOf(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A code that may stand in status and metrics: as long as the CRD takes, with "_" for what belongs in no word. */
function armCode(value: unknown): string | undefined {
  return nonEmptyText(value)
    ?.slice(0, 100)
    .replace(/[^\w.:-]+/g, '_');
}

function nonEmptyText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
