/** Builds what the tests need of other people's programs, one after the other; says nothing when all are there. */
import { obtainControlPlane } from './sandbox/control-plane.ts';
import { obtainTool, toolNames } from './sandbox/tool.ts';

await obtainControlPlane();
for (const name of toolNames) await obtainTool(name);
