import { describe, expect, test } from 'vitest';

import { objectRights, rightsChecks } from '../../../../src/cli/doctor/rights.ts';
import { told } from './told.ts';

describe('rights in Kubernetes', () => {
  const may = (...verbs: readonly string[]) => rightsChecks('platform', ({ verb }) => verbs.includes(verb), undefined);

  test('all of them are one line each for seeing and changing', () => {
    const { see, change } = objectRights('platform');
    expect(told(may(...[...see, ...change].map(({ verb }) => verb)))).toEqual([
      'ok: you may see RegistryReplications in namespace platform',
      'ok: you may change RegistryReplications in namespace platform',
    ]);
  });

  test('who only sees is told so; who sees nothing must be helped', () => {
    expect(told(may('get', 'list', 'watch'))[1]).toBe(
      'warning: you may not create, patch, delete RegistryReplications in namespace platform',
    );
    const [seeing] = may('get');
    expect(seeing).toEqual({
      verdict: 'failing',
      says: 'you may not list, watch RegistryReplications in namespace platform',
      cure: 'kubectl create rolebinding acr-replication-view -n platform --clusterrole acr-replication-view --user YOU',
    });
  });

  test.each([
    ['anna@contoso.com', '--user anna@contoso.com'],
    ['system:serviceaccount:shop:robot', '--serviceaccount shop:robot'],
    ["Anna O'Hara", String.raw`--user 'Anna O'\''Hara'`],
    [undefined, '--user YOU'],
  ])('%s is named in the command that gives the right', (user, subject) => {
    expect(rightsChecks('platform', () => false, user)[0]?.cure).toBe(
      `kubectl create rolebinding acr-replication-view -n platform --clusterrole acr-replication-view ${subject}`,
    );
  });
});
