import { BlockList, isIP } from 'node:net';
import type { Cloud } from '../azure/cloud.ts';
import { type Part, unmade } from './part.ts';
import type { Environment } from './values.ts';

/** The proxy on the way to Azure. */
export interface ProxyConfig {
  /** Address of the proxy, with user and password if it wants them; undefined: there is none. */
  readonly url: string | undefined;
  /** The hosts of Azure that are reached without it. */
  readonly direct: readonly string[];
  /** What of the address must never be logged. */
  readonly secrets: readonly string[];
}

const none: ProxyConfig = { url: undefined, direct: [], secrets: [] };

/** The variables that curl takes for an https:// address, in small letters, too; the first that is set counts. */
const proxyVariables = ['HTTPS_PROXY', 'ALL_PROXY'] as const;
/** The host that the identity library asks about token issuers that it does not know. */
const discoveryOrigin = 'https://login.microsoftonline.com';

/**
 * Makes the part from the variables that curl and Go programs know, as they understand them: the scheme may be missing,
 * and NO_PROXY holds names with their subdomains, addresses, CIDRs, each with or without a port, or `*`.
 */
export function proxyConfig(env: Environment, cloud: Part<{ readonly cloud: Cloud }>): Part<ProxyConfig> {
  const name = proxyVariables.flatMap((each) => [each, each.toLowerCase()]).find((each) => env[each]?.trim());
  if (name === undefined) return { ok: true, value: none };
  const url = proxyUrl(env[name]?.trim() ?? '');
  if (url === undefined) {
    // Not shown: it may hold a password.
    return unmade(
      `${name} is wrong, it must be http://host:port or https://host:port, with user:password@ before the host if need be; what is special in a password (/ # ? @ :) is written as %2F %23 %3F %40 %3A. SOCKS is not supported`,
    );
  }
  if (!cloud.ok) return unmade();
  const { resourceManagerEndpoint, authorityHost } = cloud.value.cloud;
  const targets = [resourceManagerEndpoint, authorityHost, discoveryOrigin].map((text) => new URL(text));
  const rules = (env['NO_PROXY']?.trim() || env['no_proxy'] || '').split(/[,\s]+/).filter((rule) => rule !== '');
  const direct = targets.filter((target) => rules.some((rule) => exempts(rule.toLowerCase(), target)));
  return {
    ok: true,
    value: {
      url: direct.length === targets.length ? undefined : url.href.replace(/\/$/, ''),
      direct: [...new Set(direct.map(({ hostname }) => hostname))],
      secrets: secretsIn(url),
    },
  };
}

/**
 * The environment's variables as the Azure SDK must find them, which knows fewer forms; undefined: the variable must
 * not be there.
 */
export function proxyEnvironment({ url, direct }: ProxyConfig): Environment {
  const unset = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
  return {
    ...Object.fromEntries(unset.map((name) => [name, undefined])),
    ...(url === undefined ? {} : { HTTPS_PROXY: url, NO_PROXY: direct.join(',') }),
  };
}

function proxyUrl(text: string): URL | undefined {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') return undefined;
  // What stands behind the host was meant for the password: an unescaped # or / ends the host.
  return url.pathname === '/' && url.search === '' && url.hash === '' ? url : undefined;
}

/** User and password, as they are written and as they are meant. */
function secretsIn({ username, password }: URL): readonly string[] {
  const written = password === '' ? [] : [password, `${username}:${password}`];
  return [...new Set([...written, ...written.map(decoded)])];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether one entry of NO_PROXY is about the host. */
function exempts(rule: string, { hostname, port }: URL): boolean {
  if (rule === '*') return true;
  const [, bracketed, bare, rulePort] = /^(?:\[([^\]]+)\]|([^[\]]*?))(?::(\d+))?$/.exec(rule) ?? [];
  const isBareIPv6 = isIP(rule) === 6;
  const name = isBareIPv6 ? rule : (bracketed ?? bare ?? rule);
  if (!isBareIPv6 && rulePort !== undefined && rulePort !== (port || '443')) return false;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return name.includes('/') ? inRange(host, name) : isSameAddress(host, name);
  const domain = name.replace(/^\*?\./, '');
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`));
}

function inRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

function isSameAddress(host: string, address: string): boolean {
  return isIP(address) === isIP(host) && inRange(host, `${address}/${isIP(host) === 4 ? 32 : 128}`);
}
