import { isDeleting } from '../../api/registryreplication.ts';
import { regionOf } from '../../domain/region.ts';
import { type Call, misused, Problem } from '../command.ts';
import { optionMs } from '../duration.ts';
import { told } from '../output/told.ts';
import { isClaimed, isLastRouted, objectWith, stateDrains, statedBy, untilOf, withDrain } from '../steering/drains.ts';

export async function run(call: Call): Promise<number> {
  const { cluster, terminal, text, now, signal, here, typed } = call;
  const [location = '', given] = call.args;
  const region = regionOf(location);
  const reason = text('reason')?.trim() ?? '';
  if (reason === '')
    throw new Problem('say why: somebody will find the region drained', `${typed} --reason TEXT`, misused);
  const length = text('for');
  const forMs = length === undefined ? undefined : optionMs(length, '--for');
  const until = untilOf(now(), { forMs, until: text('until') });
  const opened = cluster();
  const object = await objectWith(opened, { region, name: given }, signal);
  const { name } = object.metadata;
  if (isDeleting(object)) throw new Problem(`${name} is being deleted: it drains nothing any more`);
  try {
    await stateDrains(opened, name, (stored) => withDrain(stored, { location: region, until, reason }, now()), signal);
  } catch (error) {
    const others = statedBy(error);
    if (others.length === 0) throw error;
    throw new Problem(
      `${name} has a drain of ${region} already, which ${others.join(' and ')} states: change it there, or end it first`,
      here(`kubectl acr-replication undrain ${region} ${name}`),
    );
  }
  terminal.out(`${region} of ${name} goes out of routing, until ${until}\n`);
  if (object.spec.suspend === true) {
    terminal.err(told(terminal, `${name} is suspended: no drain begins or ends until it is resumed.`, 'warning:'));
  }
  if (object.spec.mode === 'Observe') {
    terminal.err(told(terminal, `${name} has mode: Observe: nothing is changed in Azure.`, 'warning:'));
  }
  if (isClaimed(object)) {
    const text = `another object manages the registry of ${name}: nothing is drained here.`;
    terminal.err(told(terminal, text, 'warning:'));
  }
  if (isLastRouted(object, region)) {
    const text = `no other region of ${name} is in routing: the drain waits until one is.`;
    terminal.err(told(terminal, text, 'warning:'));
  }
  terminal.err(`${terminal.paint('faint', 'see how it goes:')} ${here(`kubectl acr-replication status ${name}`)}\n`);
  const ends = here(`kubectl acr-replication undrain ${region} ${name}`);
  terminal.err(`${terminal.paint('faint', 'end it before then:')} ${ends}\n`);
  return 0;
}
