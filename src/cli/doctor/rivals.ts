import { type OperatorSettings } from '../plan/operators.ts';
import { type Check, failing } from './finding.ts';
import { type Deployment, leaseOf } from './installation.ts';

/** An operator's Deployment with its settings. */
export interface Operator {
  readonly deployment: Deployment;
  readonly settings: OperatorSettings;
}

/** Operators of one cluster that look after the same objects, and of which no Lease lets only one work. */
export function rivalChecks(operators: readonly Operator[]): readonly Check[] {
  const running = operators.filter(({ deployment }) => deployment.spec.replicas !== 0);
  return running.flatMap((one, at) =>
    running.slice(at + 1).flatMap((other): Check[] => {
      if (isSameLease(one, other) || !overlap(one.settings, other.settings)) return [];
      const { name, namespace } = other.deployment.metadata;
      return [
        failing(
          `two operators look after the same objects: ${one.settings.source} and ${other.settings.source}`,
          `kubectl -n ${namespace} scale deployment ${name} --replicas 0`,
        ),
      ];
    }),
  );
}

function isSameLease(one: Operator, other: Operator): boolean {
  const [a, b] = [leaseOf(one.deployment), leaseOf(other.deployment)];
  return a !== undefined && b !== undefined && a.namespace === b.namespace && a.name === b.name;
}

/** Different selectors are taken for shards. */
function overlap(one: OperatorSettings, other: OperatorSettings): boolean {
  const namespaces =
    one.namespaces.length === 0 ||
    other.namespaces.length === 0 ||
    one.namespaces.some((namespace) => other.namespaces.includes(namespace));
  const selectors = one.selector === undefined || other.selector === undefined || one.selector === other.selector;
  return namespaces && selectors;
}
