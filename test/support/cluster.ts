import { inject } from 'vitest';
import { type Access, access } from '../sandbox/cluster-access.ts';

/** The control plane that all integration and end-to-end tests of this run share: work in namespaces of your own. */
export function controlPlane(): Access {
  return access(inject('controlPlane'));
}
