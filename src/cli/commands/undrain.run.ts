import { regionOf } from '../../domain/region.ts';
import type { Call } from '../command.ts';
import { cured, told } from '../output/told.ts';
import { objectWith, othersStating, stateDrains, takeOut, withoutDrain } from '../steering/drains.ts';
import { gitToolOf } from '../steering/git.ts';

export async function run(call: Call): Promise<number> {
  const { cluster, terminal, now, signal } = call;
  const [location = '', given] = call.args;
  const region = regionOf(location);
  const opened = cluster();
  const object = await objectWith(opened, { region, name: given }, signal);
  const { name } = object.metadata;
  if (!object.spec.drains?.some((drain) => regionOf(drain.location) === region)) {
    terminal.out(`${region} of ${name} is not drained\n`);
    return 0;
  }
  const stored = await stateDrains(opened, name, (last) => withoutDrain(last, region, now()), signal);
  const others = othersStating(stored, region);
  await takeOut(opened, stored, region, signal);
  terminal.out(`${region} of ${name} goes back to the routing that it has without a drain\n`);
  if (others.length > 0) {
    const tool = gitToolOf(stored);
    const text = `${others.join(', ')} stated this drain, too: a file that has it brings it back.`;
    terminal.err(told(terminal, text, 'warning:'));
    terminal.err(cured(terminal, `take it out of that file${tool === undefined ? '' : `, or ${tool.pause}`}`));
  }
  if (object.spec.suspend === true) {
    terminal.err(told(terminal, `${name} is suspended: nothing is put back until it is resumed.`, 'warning:'));
  }
  return 0;
}
