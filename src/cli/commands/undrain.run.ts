import { regionOf } from '../../domain/region.ts';
import type { Call } from '../command.ts';
import { cured, told } from '../output/told.ts';
import { endDrain } from '../steering/draining.ts';
import { objectWith } from '../steering/drains.ts';

export async function run(call: Call): Promise<number> {
  const { cluster, terminal, signal, here } = call;
  const [location = '', given] = call.args;
  const region = regionOf(location);
  const opened = cluster();
  const object = await objectWith(opened, { region, name: given, drained: true }, signal);
  const { name } = object.metadata;
  const cautions = await endDrain(opened, object, region, call);
  if (cautions === undefined) {
    terminal.out(`${region} of ${name} is not drained\n`);
    return 0;
  }
  terminal.out(`${region} of ${name} goes back to the routing that it has without a drain\n`);
  for (const { text, cure } of cautions) {
    terminal.err(told(terminal, text, 'warning:'));
    if (cure !== undefined) terminal.err(cured(terminal, cure));
  }
  terminal.err(`${terminal.paint('faint', 'see how it goes:')} ${here(`kubectl acr-replication status ${name}`)}\n`);
  return 0;
}
