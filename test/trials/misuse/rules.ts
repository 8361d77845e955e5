import { crdSchema } from '../../support/crd-schema.ts';

/**
 * Whether the operator is held to doing no harm: repair in place, notice for a stranger's replica, make before break by
 * `readyWhen`. A CRD whose status knows of the annotation recreate promises it.
 */
export const doesNoHarm = crdSchema('status').properties?.['lastHandledRecreate'] !== undefined;
