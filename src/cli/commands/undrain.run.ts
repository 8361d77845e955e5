import { regionOf } from '../../domain/region.ts';
import type { Call } from '../command.ts';
import { told } from '../output/told.ts';
import { objectWith, stateDrains, takeOut, withoutDrain } from '../steering/drains.ts';

export async function run(call: Call): Promise<number> {
  const { cluster, terminal, now, signal, here } = call;
  const [location = '', given] = call.args;
  const region = regionOf(location);
  const opened = cluster();
  const object = await objectWith(opened, { region, name: given, drained: true }, signal);
  const { name } = object.metadata;
  if (!object.spec.drains?.some((drain) => regionOf(drain.location) === region)) {
    terminal.out(`${region} of ${name} is not drained\n`);
    return 0;
  }
  const stored = await stateDrains(opened, name, (last) => withoutDrain(last, region, now()), signal);
  const others = await takeOut(opened, stored, region, signal);
  terminal.out(`${region} of ${name} goes back to the routing that it has without a drain\n`);
  if (others !== undefined) {
    const text = `somebody else states this drain too, and may bring it back: take it out of that file.`;
    terminal.err(told(terminal, text, 'warning:'));
  }
  if (object.spec.suspend === true) {
    terminal.err(told(terminal, `${name} is suspended: nothing is put back until it is resumed.`, 'warning:'));
  }
  terminal.err(`${terminal.paint('faint', 'see how it goes:')} ${here(`kubectl acr-replication status ${name}`)}\n`);
  return 0;
}
