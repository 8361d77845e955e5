import { createReplicationApi } from '../../../src/azure/replications.ts';
import { reconcile } from '../../../src/controller/reconcile.ts';
import type { Operator } from './pass.ts';

/** The operator as it is. */
export const operator: Operator = { reconcile, createReplicationApi };
