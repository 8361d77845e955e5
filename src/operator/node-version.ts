/** Imported before everything else, which may need a newer Node. */
import { refuseOldNode } from '../old-node.ts';

refuseOldNode('acr-replication-operator');
