import { expect, test } from 'vitest';
import { createKubeClient } from '../../../src/kube/http/client.ts';
import { createReviews } from '../../../src/kube/reviews.ts';
import { type Answer, answers, startWatchServer, status } from '../../support/watch-server.ts';

const never = new AbortController().signal;
const visitor = {
  username: 'system:serviceaccount:monitoring:prometheus',
  uid: '1',
  groups: ['system:authenticated'],
  extra: { 'authentication.kubernetes.io/pod-name': ['prometheus-0'] },
};

async function asked(...script: readonly Answer[]) {
  await using server = await startWatchServer();
  server.script(...script);
  const told: string[] = [];
  const client = createKubeClient({
    kubeConfig: server.kubeConfig,
    onAnswer: (host, method, code) => told.push(`${host === new URL(server.url).host} ${method} ${code}`),
  });
  const { visitorOf, mayGet } = createReviews(client);
  const whose = await visitorOf('secret', never).catch(String);
  const may = await mayGet(visitor, '/metrics', never).catch(String);
  await client.close();
  return { seen: server.seen, told, answered: [whose, may] };
}

const cases: readonly { readonly name: string; readonly status: object; readonly is: readonly unknown[] }[] = [
  { name: 'yes', status: { authenticated: true, user: visitor, allowed: true }, is: [visitor, true] },
  { name: 'no', status: { authenticated: false, user: visitor, allowed: false }, is: [undefined, false] },
  { name: 'allowed and denied', status: { allowed: true, denied: true }, is: [undefined, false] },
  { name: 'nothing', status: {}, is: [undefined, false] },
  { name: 'a token of nobody', status: { authenticated: true, user: {}, allowed: 'true' }, is: [undefined, false] },
];
for (const { name, status: says, is } of cases) {
  test(`an API server that says ${name} about a token is understood`, async () => {
    const answer = answers(201, { status: says });
    expect((await asked(answer, answer)).answered).toEqual(is);
  });
}

test('the questions are those of TokenReview and SubjectAccessReview, about a URL that is no resource', async () => {
  const answer = answers(201, { status: {} });
  const { seen } = await asked(answer, answer);
  const bodies = seen.map(({ method, path, body }) => ({ method, path, ...(JSON.parse(body) as object) }));
  expect(bodies).toMatchObject([
    {
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      kind: 'TokenReview',
      spec: { token: 'secret' },
    },
    {
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      kind: 'SubjectAccessReview',
      spec: {
        user: visitor.username,
        uid: visitor.uid,
        groups: visitor.groups,
        extra: visitor.extra,
        nonResourceAttributes: { path: '/metrics', verb: 'get' },
      },
    },
  ]);
});

test('a refused question and a broken connection are errors without the token, and both are counted', async () => {
  const refused = answers(403, status(403, 'Forbidden', { message: 'cannot create tokenreviews' }));
  const { answered, told } = await asked(refused, (response) => void response.destroy());
  expect(answered).toEqual([
    expect.stringMatching(/^KubeError: POST tokenreviews: 403 Forbidden/),
    expect.stringMatching(/^KubeError: POST subjectaccessreviews: ECONNRESET/),
  ]);
  expect(JSON.stringify(answered)).not.toContain('secret');
  expect(told).toEqual(['true POST 403', 'true POST undefined']);
});
