import { type Cloud, cloudAt, cloudNamed, cloudNames, clouds } from '../azure/cloud.ts';
import { misused, Problem } from './command.ts';

/**
 * The cloud by AZURE_RESOURCE_MANAGER_ENDPOINT with AZURE_AUTHORITY_HOST, or AZURE_ENVIRONMENT; else the public one. Throws
 * a Problem where one of them says nothing that can be used.
 */
export function cloudOf(env: Readonly<Record<string, string | undefined>>): Cloud {
  const { AZURE_ENVIRONMENT: name } = env;
  const [endpoint, issuer] = [originIn(env, 'AZURE_RESOURCE_MANAGER_ENDPOINT'), originIn(env, 'AZURE_AUTHORITY_HOST')];
  const named = name ? cloudNamed(name) : undefined;
  if (name && named === undefined) {
    throw new Problem(`AZURE_ENVIRONMENT is ${name}, and can be ${cloudNames}`, 'unset AZURE_ENVIRONMENT', misused);
  }
  if (endpoint !== undefined) return cloudAt(endpoint, issuer ?? (named ?? clouds.AzurePublicCloud).authorityHost);
  const issued = Object.values(clouds).find(({ authorityHost }) => authorityHost === issuer);
  return named ?? issued ?? clouds.AzurePublicCloud;
}

/** An address that tokens may be sent to: only https. */
function originIn(env: Readonly<Record<string, string | undefined>>, variable: string): string | undefined {
  const text = env[variable];
  if (!text) return undefined;
  const url = URL.parse(text);
  if (url?.protocol === 'https:') return text.replace(/\/+$/, '');
  throw new Problem(`${variable} is ${text}, and must be an https:// address`, `unset ${variable}`, misused);
}
