import { regionOf } from '../../domain/region.ts';
import { type Call, misused, Problem } from '../command.ts';
import { optionMs } from '../duration.ts';
import { told } from '../output/told.ts';
import { beginDrain } from '../steering/draining.ts';
import { objectWith, untilOf } from '../steering/drains.ts';

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
  const cautions = await beginDrain(opened, object, { location: region, until, reason }, call);
  terminal.out(`${region} of ${name} goes out of routing, until ${until}\n`);
  for (const caution of cautions) terminal.err(told(terminal, caution.text, 'warning:'));
  terminal.err(`${terminal.paint('faint', 'see how it goes:')} ${here(`kubectl acr-replication status ${name}`)}\n`);
  const ends = here(`kubectl acr-replication undrain ${region} ${name}`);
  terminal.err(`${terminal.paint('faint', 'end it before then:')} ${ends}\n`);
  return 0;
}
