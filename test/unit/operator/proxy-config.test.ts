import { describe, expect, test } from 'vitest';
import { cloudAt, clouds } from '../../../src/azure/cloud.ts';
import { type ProxyConfig, proxyConfig, proxyEnvironment } from '../../../src/operator/proxy-config.ts';

type Env = Readonly<Record<string, string>>;
const inPublic = { ok: true, value: { cloud: clouds.AzurePublicCloud } } as const;

function proxyOf(env: Env, cloud = clouds.AzurePublicCloud): ProxyConfig {
  const part = proxyConfig(env, { ok: true, value: { cloud } });
  if (!part.ok) throw new Error(part.problems.join());
  return part.value;
}

describe('the proxy is found as curl and Go programs find it', () => {
  const cases: readonly (readonly [Env, string | undefined])[] = [
    [{}, undefined],
    [{ HTTPS_PROXY: '' }, undefined],
    [{ HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128'],
    [{ HTTPS_PROXY: 'http://proxy:3128/' }, 'http://proxy:3128'],
    [{ HTTPS_PROXY: 'proxy:3128' }, 'http://proxy:3128'],
    [{ HTTPS_PROXY: 'proxy' }, 'http://proxy'],
    [{ HTTPS_PROXY: '10.0.0.1:3128' }, 'http://10.0.0.1:3128'],
    [{ HTTPS_PROXY: '[fd00::1]:3128' }, 'http://[fd00::1]:3128'],
    [{ HTTPS_PROXY: 'robot:pass@proxy:3128' }, 'http://robot:pass@proxy:3128'],
    [{ https_proxy: 'https://proxy:3129' }, 'https://proxy:3129'],
    [{ HTTPS_PROXY: 'big:1', https_proxy: 'small:2' }, 'http://big:1'],
    [{ ALL_PROXY: 'proxy:3128' }, 'http://proxy:3128'],
    [{ HTTP_PROXY: 'http://proxy:3128' }, undefined],
  ];
  for (const [env, expected] of cases) {
    test(`${JSON.stringify(env)}: ${expected ?? 'none'}`, () => expect(proxyOf(env).url).toBe(expected));
  }
});

describe('a proxy that is none is refused without a word of it', () => {
  for (const text of [
    'http://robot:S3cret#pass@proxy:3128',
    'http://robot:12#S3cret@proxy:3128',
    'http://robot:S3/cret@proxy:3128',
    'socks5://robot:S3cret@proxy:1080',
    'http://',
    'http://proxy:S3cret',
    'http://proxy:3128/path',
  ]) {
    test(text, () => {
      const part = proxyConfig({ HTTPS_PROXY: text }, inPublic);
      expect(part).toEqual({ ok: false, problems: [expect.stringMatching(/^HTTPS_PROXY is wrong, it must be http:/)] });
      expect(JSON.stringify(part)).not.toMatch(/S3|cret|robot/);
    });
  }
});

test('user and password are secrets, as written and as meant', () => {
  expect(proxyOf({ HTTPS_PROXY: 'http://robot:S3cret%23pass@proxy:3128' }).secrets).toEqual([
    'S3cret%23pass',
    'robot:S3cret%23pass',
    'S3cret#pass',
    'robot:S3cret#pass',
  ]);
});

describe('NO_PROXY', () => {
  const stack = cloudAt('https://10.1.2.3:30024', 'https://[fd00::7]:30025');
  const cases: readonly (readonly [string, typeof stack, readonly string[]])[] = [
    ['', clouds.AzurePublicCloud, []],
    ['management.azure.com', clouds.AzurePublicCloud, ['management.azure.com']],
    ['MANAGEMENT.Azure.com', clouds.AzurePublicCloud, ['management.azure.com']],
    ['azure.com', clouds.AzurePublicCloud, ['management.azure.com']],
    ['.azure.com', clouds.AzurePublicCloud, ['management.azure.com']],
    ['*.azure.com', clouds.AzurePublicCloud, ['management.azure.com']],
    ['.management.azure.com', clouds.AzurePublicCloud, ['management.azure.com']],
    ['ment.azure.com', clouds.AzurePublicCloud, []],
    ['management.azure.com:443', clouds.AzurePublicCloud, ['management.azure.com']],
    ['management.azure.com:8443', clouds.AzurePublicCloud, []],
    ['10.0.0.0/8, localhost azure.com', clouds.AzurePublicCloud, ['management.azure.com']],
    ['10.0.0.0/8', stack, ['10.1.2.3']],
    ['10.2.0.0/16', stack, []],
    ['10.1.2.3', stack, ['10.1.2.3']],
    ['10.1.2.3:30024', stack, ['10.1.2.3']],
    ['10.1.2.3:1', stack, []],
    ['fd00::/8', stack, ['[fd00::7]']],
    ['fd00:0::7', stack, ['[fd00::7]']],
    ['[fd00::7]:30025', stack, ['[fd00::7]']],
    ['10.0.0.0/99,x/8,/,:,[', stack, []],
  ];
  for (const [rules, cloud, expected] of cases) {
    test(`${JSON.stringify(rules)} exempts ${expected.join() || 'nothing'}`, () => {
      const proxy = proxyOf({ HTTPS_PROXY: 'proxy:1', NO_PROXY: rules }, cloud);
      expect([proxy.url, proxy.direct]).toEqual(['http://proxy:1', expected]);
    });
  }

  test('a star exempts everything', () => {
    expect(proxyOf({ HTTPS_PROXY: 'proxy:1', NO_PROXY: '*' }).url).toBeUndefined();
  });

  test('may be written in small letters', () => {
    expect(proxyOf({ https_proxy: 'proxy:1', no_proxy: 'azure.com' }).direct).toEqual(['management.azure.com']);
  });
});

test('the SDK finds what was found here, and nothing else', () => {
  const direct = { url: undefined, direct: [], secrets: [] };
  expect(Object.values(proxyEnvironment(direct)).every((value) => value === undefined)).toBe(true);
  expect(Object.keys(proxyEnvironment(direct))).toEqual(
    expect.arrayContaining([
      'HTTPS_PROXY',
      'https_proxy',
      'HTTP_PROXY',
      'http_proxy',
      'ALL_PROXY',
      'all_proxy',
      'NO_PROXY',
      'no_proxy',
    ]),
  );
  expect(proxyEnvironment({ url: 'http://proxy:1', direct: ['a', 'b'], secrets: [] })).toMatchObject({
    HTTPS_PROXY: 'http://proxy:1',
    https_proxy: undefined,
    HTTP_PROXY: undefined,
    NO_PROXY: 'a,b',
  });
});
