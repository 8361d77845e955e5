import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

/**
 * Checks what is sent to and said by Azure against the official swagger. Each gives the problems found; none is good.
 */
export type Problems = readonly string[];

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly schema?: Schema }>>;
}
type Schema = Readonly<Record<string, unknown>>;
interface Parameter {
  readonly $ref?: string;
  readonly in: string;
  readonly name: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly schema?: Schema;
}
interface Swagger {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly definitions: Readonly<Record<string, unknown>>;
}
interface Found {
  readonly operation: Operation;
  readonly values: Readonly<Record<string, string>>;
}

interface Validators {
  /** `path` may carry a query; without one the api-version is not asked for. */
  readonly validateRequest: (method: string, path: string, body: unknown) => Problems;
  readonly validateResponse: (method: string, path: string, status: number, body: unknown) => Problems;
}

const FILE = new URL('../sandbox/emulator/data/swagger/containerregistry-2025-11-01.subset.json', import.meta.url);
/** What an operation's status URL says is of the common types, not of a path in the swagger. */
const STATUS_PATH = /\/replications\/[^/]+\/operationStatuses\/[^/]+$/i;
const RESULT_PATH = /\/locations\/[^/]+\/operationResults\/[^/]+$/i;

function validators(): Validators {
  const swagger = JSON.parse(readFileSync(FILE, 'utf8')) as Swagger;
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('arm-id', /^\/subscriptions\/[0-9a-f-]{36}(\/.+)?$/i);
  ajv.addSchema({ ...swagger, $id: 'swagger' }, 'swagger');
  const compiled = new Map<string, ValidateFunction>();
  const against = (ref: string, body: unknown): Problems => {
    let validate = compiled.get(ref);
    if (validate === undefined) {
      validate = ajv.compile({ $ref: `swagger${ref}` });
      compiled.set(ref, validate);
    }
    return validate(withoutNullStatus(body))
      ? []
      : (validate.errors ?? []).map((e) => `${e.instancePath || '/'} ${e.message ?? ''}`);
  };
  return {
    validateRequest(method, path, body) {
      const found = find(swagger, method, path);
      if (found === undefined) return [`${method} ${path} is not in the swagger`];
      const query = new URL(path, 'https://any').searchParams;
      const problems: string[] = [];
      for (const given of found.operation.parameters ?? []) {
        const parameter = resolve(swagger, given);
        if (parameter.in === 'path') problems.push(...inPath(parameter, found.values[parameter.name] ?? ''));
        if (parameter.in === 'query' && path.includes('?') && !query.get(parameter.name))
          problems.push(`${parameter.name} is missing`);
        if (parameter.in === 'body') problems.push(...against(String(parameter.schema?.['$ref']), body));
      }
      const takesBody = (found.operation.parameters ?? []).some((p) => p.in === 'body');
      if (!takesBody && body !== undefined && body !== null) problems.push('no body is expected');
      return problems;
    },
    validateResponse(method, path, status, body) {
      const { pathname } = new URL(path, 'https://any');
      if (status < 400 && STATUS_PATH.test(pathname)) return against('#/definitions/OperationStatusResult', body);
      if (status < 400 && RESULT_PATH.test(pathname))
        return body === undefined || body === null ? [] : ['no body is expected'];
      const found = find(swagger, method, path);
      if (found === undefined)
        return status < 400
          ? [`${method} ${path} is not in the swagger`]
          : against('#/definitions/ErrorResponse', body);
      const response =
        found.operation.responses[String(status)] ?? (status >= 400 ? found.operation.responses['default'] : undefined);
      if (response === undefined) return [`status ${status} is not in the swagger`];
      if (response.schema === undefined) return body === undefined || body === null ? [] : ['no body is expected'];
      return against(String(response.schema['$ref']), body);
    },
  };
}

/** Checks against the swagger of 2025-11-01, which the emulator ships. */
export const { validateRequest, validateResponse } = validators();

function find(swagger: Swagger, method: string, path: string): Found | undefined {
  const { pathname } = new URL(path, 'https://any');
  const segments = pathname.split('/');
  for (const [template, operations] of Object.entries(swagger.paths)) {
    const parts = template.split('/');
    const operation = operations[method.toLowerCase()];
    if (operation === undefined || parts.length !== segments.length) continue;
    if (!parts.every((p, i) => p.startsWith('{') || p.toLowerCase() === segments[i]?.toLowerCase())) continue;
    const values = parts.flatMap((p, i) =>
      p.startsWith('{') ? [[p.slice(1, -1), decodeURIComponent(segments[i] ?? '')]] : [],
    );
    return { operation, values: Object.fromEntries(values) as Record<string, string> };
  }
  return undefined;
}

function resolve(swagger: Swagger, parameter: Parameter): Parameter {
  const name = parameter.$ref?.split('/').at(-1);
  return (name === undefined ? undefined : swagger.parameters[name]) ?? parameter;
}

function inPath(
  { name, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Parameter,
  value: string,
): Problems {
  if (value.length < minLength || value.length > maxLength) return [`${name} '${value}' has a wrong length`];
  return pattern !== undefined && !asOfDotNet(pattern).test(value)
    ? [`${name} '${value}' does not match ${pattern}`]
    : [];
}

/** Official examples carry `"status": null` where the swagger wants an object: it stands for absent. */
function withoutNullStatus(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNullStatus);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([k, v]) => (k === 'status' && v === null ? [] : [[k, withoutNullStatus(v)]])),
  );
}

/** The patterns of Azure's swaggers are .NET's, where \w is a letter of any language. */
function asOfDotNet(pattern: string): RegExp {
  return new RegExp(pattern.replaceAll(String.raw`\w`, String.raw`\p{L}\p{Mn}\p{Nd}\p{Pc}`), 'u');
}
