import { expect, test } from 'vitest';
import { here, quoted, typedLine } from '../../../src/cli/typed.ts';

const given =
  (options: Readonly<Record<string, readonly string[]>>) =>
  (line: string): string =>
    here(line, { text: (name) => options[name]?.[0], texts: (name) => options[name] ?? [] });

test.each([
  ['contoso', 'contoso'],
  ['--as=system:admin', '--as=system:admin'],
  ['Japan East', "'Japan East'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
  ['$(id)', "'$(id)'"],
])('a shell takes %j for one word as %s', (word, shown) => expect(quoted(word)).toBe(shown));

test('a command line is shown as it was typed', () => {
  expect(typedLine(['recreate', 'contoso', 'Japan East', '-n', 'platform'])).toBe(
    "kubectl acr-replication recreate contoso 'Japan East' -n platform",
  );
});

const all = given({
  namespace: ['platform'],
  context: ['my prod'],
  kubeconfig: ['/home/me/k'],
  as: ['jane'],
  'as-group': ['a', 'b'],
});
const chosen = "--context 'my prod' --kubeconfig /home/me/k --as jane --as-group a --as-group b";
test.each([
  ['kubectl acr-replication logs contoso', `kubectl acr-replication logs contoso -n platform ${chosen}`],
  ['kubectl acr-replication list --all-namespaces', `kubectl acr-replication list --all-namespaces ${chosen}`],
  ['kubectl describe deployment x -n system', `kubectl describe deployment x -n system ${chosen}`],
  ['kubectl apply --server-side -k deploy', `kubectl apply --server-side -k deploy ${chosen}`],
  ['kubectl config get-contexts', 'kubectl config get-contexts --kubeconfig /home/me/k'],
  ['kubectl acr-replication list --help', 'kubectl acr-replication list --help'],
  ['az login', 'az login'],
  ['one of japaneast, westeurope', 'one of japaneast, westeurope'],
])('%s is about the same place when it is pasted', (line, pasted) => expect(all(line)).toBe(pasted));

test('nothing is added that was not given', () => {
  expect(given({})('kubectl acr-replication logs contoso')).toBe('kubectl acr-replication logs contoso');
});
