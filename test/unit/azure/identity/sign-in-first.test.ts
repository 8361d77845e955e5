import { expect, test } from 'vitest';
import { signInFirst } from '../../../../src/azure/identity/sign-in-first.ts';
import { createThrottle } from '../../../../src/azure/limits/throttle.ts';
import { TokenError } from '../../../../src/azure/refusals/token-error.ts';
import { ok } from '../../../../src/domain/failure.ts';
import type { ReplicationApi } from '../../../../src/ports/azure.ts';
import { known, operator, ref } from '../../../support/arm-stub.ts';
import { actual, noon, replica } from '../../../support/builders.ts';
import { clockAt } from '../../../support/clock.ts';

const signal = AbortSignal.timeout(60_000);
const wrongSecret = new TokenError(
  new Error('invalid_client: AADSTS7000215: Invalid client secret provided.'),
  undefined,
);

/** Two that name the same client: the operator, and a Secret with a wrong secret, over one quota. */
function world() {
  const calls: string[] = [];
  const answer = <T>(call: string, value: T) => {
    calls.push(call);
    return Promise.resolve(ok(value));
  };
  const api: ReplicationApi = {
    observe: () => answer('observe', actual()),
    readRegistry: () => answer('read', known),
    get: () => answer('get', replica('japaneast')),
    create: () => answer('create', replica('japaneast')),
    update: () => answer('update', replica('japaneast')),
    remove: () => answer('remove', undefined),
    readEndpoints: () => answer('endpoints', true),
  };
  const meter = { throttled: () => {}, throttleWaited: () => {} };
  const throttle = createThrottle({ clock: clockAt(() => noon), share: 0.8, meter });
  const guarded = throttle.guard(operator.clientId ?? '', api, 'edited');
  const options = { signer: operator, now: () => noon };
  return {
    calls,
    own: signInFirst(guarded, { ...options, getToken: () => Promise.resolve('t') }),
    bogus: signInFirst(guarded, { ...options, getToken: () => Promise.reject(wrongSecret) }),
  };
}

test('whoever cannot sign in makes no call and does not draw on the quota of the client that it names', async () => {
  const { calls, own, bogus } = world();
  const named = { region: 'japaneast', name: 'japaneast', tags: {} } as never;
  for (let i = 0; i < 300; i++) {
    const outcomes = [
      await bogus.observe(ref, known, signal),
      await bogus.readRegistry(ref, signal),
      await bogus.get(ref, 'japaneast', signal),
      await bogus.create(ref, named, signal),
      await bogus.update(ref, 'japaneast', {}, signal),
      await bogus.remove(ref, 'japaneast', signal),
      await bogus.readEndpoints?.(ref, signal),
    ];
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ ok: false, failure: { reason: 'AuthenticationFailed', code: 'AADSTS7000215' } });
    }
  }
  expect(calls).toEqual([]);
  await own.observe(ref, known, signal);
  await own.readRegistry(ref, signal);
  await own.get(ref, 'japaneast', signal);
  await own.create(ref, named, signal);
  await own.update(ref, 'japaneast', {}, signal);
  await own.remove(ref, 'japaneast', signal);
  await own.readEndpoints?.(ref, signal);
  expect(calls).toEqual(['observe', 'read', 'get', 'create', 'update', 'remove', 'endpoints']);
});

test('an abort while the token is fetched ends the call', async () => {
  const stop = new AbortController();
  const api = signInFirst(world().own, { signer: operator, now: () => noon, getToken: () => new Promise(() => {}) });
  const pending = api.observe(ref, known, stop.signal);
  stop.abort(new Error('stopping'));
  await expect(pending).rejects.toThrow('stopping');
});
