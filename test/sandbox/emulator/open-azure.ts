import { Agent, request } from 'undici';
import { onTestFinished } from 'vitest';
import { validateRequest, validateResponse } from '../../support/swagger.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { jsonIn } from './json.ts';
import type { EmulatorOptions } from './settings.ts';
import { signIn } from './sign-in.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Undefined when there is no JSON. */
  readonly body: unknown;
}

/**
 * A started emulator whose clock the test turns, and plain HTTP to it. Everything that is in the swagger is validated
 * against it.
 */
export interface OpenAzure extends Emulator {
  readonly tick: (ms: number) => void;
  readonly token: () => Promise<string>;
  /**
   * `path` is relative to the origin, or whole. Sends a good token unless `authorization` is given; empty sends none.
   */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  /** The default registry with its api-version, or one of its children: `acr('/replications/japaneast')`. */
  readonly acr: (child?: string, registry?: string) => string;
}

export const START = Date.parse('2026-09-10T06:44:50.000Z');

/** `atEnd` is handed the tidying up; default: when the test has finished. */
export async function openAzure(
  options: EmulatorOptions = {},
  atEnd: (tidy: () => Promise<void>) => void = onTestFinished,
): Promise<OpenAzure> {
  let now = START;
  const emulator = await startEmulator({ clock: () => now, ...options });
  const dispatcher = new Agent({ connect: { ca: emulator.caPem } });
  atEnd(async () => {
    await dispatcher.destroy();
    await emulator.stop();
  });
  const send = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: string,
  ): Promise<Answer> => {
    const url = new URL(path, emulator.url);
    const response = await request(url, {
      method: method as 'GET',
      headers,
      dispatcher,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: flat(response.headers), text, body: jsonIn(text) };
  };
  const token = () => signIn(emulator, dispatcher);
  let remembered: string | undefined;
  return {
    ...emulator,
    token,
    tick: (ms) => {
      now += ms;
    },
    acr: (child = '', registry = 'contoso') =>
      `/subscriptions/${emulator.subscriptionId}/resourceGroups/registries/providers/Microsoft.ContainerRegistry/registries/${registry}${child}?api-version=2025-11-01`,
    async call(method, path, body, headers = {}) {
      remembered ??= headers['authorization'] === undefined ? await token() : undefined;
      const all = {
        authorization: `Bearer ${remembered ?? ''}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      };
      if (all.authorization === '') Reflect.deleteProperty(all, 'authorization');
      const answer = await send(
        method,
        path,
        all,
        body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      );
      conforms(method, path, body, answer);
      return answer;
    },
  };
}

/**
 * Throws when a call of Container Registry that went well is not what the swagger says. Errors are held to its error
 * body.
 */
function conforms(method: string, path: string, body: unknown, { status, body: given, text }: Answer): void {
  if (!path.includes('Microsoft.ContainerRegistry/') || (status >= 400 && given === undefined)) return;
  const asked = status < 400 && !path.includes('/operation') ? validateRequest(method, path, body) : [];
  const said = validateResponse(method, path, status, text === '' ? undefined : given);
  if (asked.length + said.length > 0)
    throw new Error(`not as in the swagger: ${[...asked, ...said].join('; ')}\n${text}`);
}

export function errorOf({ body }: Answer): { readonly code: string; readonly message: string } {
  return (body as { readonly error: { readonly code: string; readonly message: string } }).error;
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}
