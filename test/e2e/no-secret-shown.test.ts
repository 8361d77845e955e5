import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { apiVersion, plural } from '../../src/api/registryreplication.ts';
import { selfSigned } from '../sandbox/certificates.ts';
import { contosoApp, credentialsWorld, goodSecret, tenantId } from '../support/object-credentials.ts';

const mark = (): string => `mark-${randomBytes(12).toString('hex')}`;

/** A text as it is, inside a URL or JSON, and inside of base64, where it may begin at any of three places. */
function tracesOf(text: string): readonly string[] {
  const inBase64 = [0, 1, 2].map((before) => {
    const bits = { from: before * 8, to: (before + text.length) * 8 };
    const whole = Buffer.from(' '.repeat(before) + text).toString('base64');
    return whole.slice(Math.ceil(bits.from / 6), Math.floor(bits.to / 6));
  });
  return [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1), ...inBase64];
}

const isIn = (shown: string, secret: string): boolean => tracesOf(secret).some((trace) => shown.includes(trace));

/** Every line of a key is a mark of its own. */
const linesOf = (pem: string): readonly string[] =>
  pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'));

test('nothing secret is in logs, events, status or metrics, whatever goes well or wrong', async (t) => {
  const marks = { good: mark(), wrong: mark(), swapped: mark(), tenant: mark(), pem: mark() };
  const [good, unregistered, ec] = [await selfSigned(), await selfSigned(), await selfSigned('ec')];
  const world = await credentialsWorld(t, { secret: marks.good, certificate: good.cert });
  const { kube, issuer } = world.cluster;
  await world.azure.control.putApp({
    clientId: contosoApp,
    federation: {
      issuer,
      subject: `system:serviceaccount:${world.namespace}:contoso-replication`,
      jwks: await world.cluster.jwks(),
    },
  });
  await world.grant('secret');
  await world.putSecret({ ...goodSecret, AZURE_CLIENT_SECRET: marks.good });
  const operator = await world.start({ LOG_LEVEL: 'debug' });
  const spec = { regions: [{ location: 'uksouth' }], credentialsRef: { name: 'azure-contoso' } };
  await world.apply('contoso', spec);
  await world.untilReady('contoso');

  const certificate = (pem: string) => ({ AZURE_CLIENT_SECRET: undefined, AZURE_CLIENT_CERTIFICATE: pem });
  const bad = [
    { values: { AZURE_CLIENT_SECRET: marks.wrong }, reason: 'Retrying', says: /client secret is wrong/ },
    { values: { AZURE_CLIENT_ID: marks.swapped }, says: /AZURE_CLIENT_ID/ },
    { values: { AZURE_TENANT_ID: marks.tenant }, says: /AZURE_TENANT_ID/ },
    { values: certificate(marks.pem), says: /holds no certificate/ },
    { values: certificate(unregistered.cert + good.key), says: /does not belong/ },
    { values: certificate(ec.cert + ec.key), says: /not RSA/ },
    { values: certificate(unregistered.cert + unregistered.key), reason: 'Retrying', says: /not registered/ },
  ];
  for (const { values, reason = 'AuthenticationFailed', says } of bad) {
    await world.putSecret({ ...goodSecret, AZURE_CLIENT_SECRET: marks.good, ...values });
    await world.untilReason('contoso', reason, says);
  }
  const troubles = [
    { effect: { kind: 'respond', status: 503, code: 'Busy' }, says: /503 instead of a token/ },
    { effect: { kind: 'body', form: 'html' }, says: /502 instead of a token/ },
    { effect: { kind: 'reset' }, says: /connection/ },
  ] as const;
  for (const { effect, says } of troubles) {
    await world.azure.control.addFault({ match: { kind: 'token' }, effect });
    await world.putSecret({ ...goodSecret, AZURE_CLIENT_SECRET: marks.wrong });
    await world.untilReason('contoso', 'Retrying', says);
    await world.azure.control.clearFaults();
  }
  await world.putSecret({ ...goodSecret, ...certificate(good.cert + good.key) });
  await world.untilReady('contoso');
  await world.grant('service-account', { 'REPLACE-WITH-CLIENT-ID': contosoApp, 'REPLACE-WITH-TENANT-ID': tenantId });
  await world.apply('contoso', { ...spec, credentialsRef: { serviceAccountName: 'contoso-replication' } });
  await world.untilReady('contoso');

  const metrics = await (await fetch(operator.metricsUrl)).text();
  const objects = await kube.list(`/apis/${apiVersion}/namespaces/${world.namespace}/${plural}`);
  const events = await kube.list(`/apis/events.k8s.io/v1/namespaces/${world.namespace}/events`);
  await operator.stop();
  const shown: Readonly<Record<string, string>> = {
    log: operator.output(),
    metrics,
    objects: JSON.stringify(objects),
    events: JSON.stringify(events),
  };
  expect(shown['log']).toContain('"level":"debug"');
  expect(shown['metrics']).toContain('acr_replication_');
  expect(shown['objects']).toContain('"Ready"');
  const keys = [good, unregistered, ec].flatMap(({ key }) => linesOf(key));
  const secrets = [...Object.values(marks), ...keys];
  for (const [where, text] of Object.entries(shown)) {
    for (const secret of secrets) expect(isIn(text, secret), `${secret.slice(0, 12)}… in ${where}`).toBe(false);
    expect(text, where).not.toMatch(/\beyJ[\w-]{20}/); // tokens of Kubernetes and of Azure
    expect(text, where).not.toMatch(/PRIVATE KEY/);
  }
});

test('a planted secret would be found as text, in a Secret, and in the middle of another text', () => {
  const secret = mark();
  const shown = [secret, `a${secret}b`, `ab${secret}`, `{"x":"${secret}"}`];
  for (const text of shown.flatMap((s) => [s, Buffer.from(s).toString('base64')]))
    expect(isIn(text, secret)).toBe(true);
  expect(isIn(Buffer.from(mark()).toString('base64'), secret)).toBe(false);
});
