import { isDeleting } from '../../api/registryreplication.ts';
import { regionOf } from '../../domain/region.ts';
import { type Call, misused, Problem } from '../command.ts';
import { optionMs } from '../duration.ts';
import { told } from '../output/told.ts';
import { isLastRouted, isListReplaced, objectWith, stateDrains, untilOf, withDrain } from '../steering/drains.ts';

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
  const drain = { location: region, until, reason };
  const stored = await stateDrains(opened, name, (last) => withDrain(last, drain, now()), signal);
  terminal.out(`${region} of ${name} is out of routing until ${until}\n`);
  if (object.spec.suspend === true) {
    terminal.err(told(terminal, `${name} is suspended: no drain begins or ends until it is resumed.`, 'warning:'));
  }
  if (object.spec.mode === 'Observe') {
    terminal.err(told(terminal, `${name} has mode: Observe: nothing is changed in Azure.`, 'warning:'));
  }
  if (isLastRouted(object, region)) {
    const text = `no other region of ${name} is in routing: the drain waits until one is.`;
    terminal.err(told(terminal, text, 'warning:'));
  }
  if (isListReplaced(stored)) {
    const text = `the file that ${name} was applied from has spec.drains, whose list replaces this one at its next apply: write this drain into it, too.`;
    terminal.err(told(terminal, text, 'warning:'));
  }
  const ends = here(`kubectl acr-replication undrain ${region} ${name}`);
  terminal.err(`${terminal.paint('faint', 'end it before then:')} ${ends}\n`);
  return 0;
}
