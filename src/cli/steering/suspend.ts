import { group, isDeleting, plural } from '../../api/registryreplication.ts';
import { type Call, Problem } from '../command.ts';
import { cured, told } from '../output/told.ts';
import { gitToolOf } from './git.ts';
import { mergePatch } from './patch.ts';

/** Sets spec.suspend of the object that the call names, and says who may set it back. */
export async function setSuspend(
  { args: [name = ''], cluster, terminal, signal }: Call,
  suspend: boolean,
): Promise<number> {
  const opened = cluster();
  const before = await opened.object(name, signal);
  if (isDeleting(before)) {
    throw new Problem(
      `${name} is being deleted, which goes on whether it is suspended or not; only its replicas can be kept`,
      `kubectl patch ${plural}.${group} ${name} -n ${opened.namespace} --type merge -p '{"spec":{"deletionPolicy":"Retain"}}'`,
    );
  }
  const word = suspend ? 'suspended' : 'resumed';
  if ((before.spec.suspend ?? false) === suspend) {
    terminal.out(`${name} is ${suspend ? 'suspended' : 'not suspended'} already\n`);
    return 0;
  }
  const after = await mergePatch(opened, name, { spec: { suspend } }, signal);
  terminal.out(`${name} ${word}\n`);
  const effect = suspend
    ? 'nothing is read from Azure or written to it until it is resumed; what Azure has begun goes on'
    : 'the operator looks at it within seconds';
  terminal.err(terminal.paint('faint', told(terminal, effect)));
  const tool = gitToolOf(after);
  if (tool !== undefined) {
    terminal.err(told(terminal, `${tool.name} applies this object and may set spec.suspend back.`, 'warning:'));
    terminal.err(cured(terminal, `set suspend: ${suspend} in Git, or ${tool.pause}`));
  }
  return 0;
}
