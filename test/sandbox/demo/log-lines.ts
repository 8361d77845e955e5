import type { OperatorProcess } from '../operator.ts';

/** The last lines of the operator's log, for people. */
export function logLines(operator: Pick<OperatorProcess, 'log'>, count = 15): readonly string[] {
  const lines = operator
    .log()
    .slice(-count)
    .map(({ timestamp, level, message, ...rest }) => {
      const facts = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      return `  ${timestamp.slice(11, 23)} ${level.padEnd(5)} ${message}  ${facts.join(' ')}`.trimEnd();
    });
  return ['', 'The operator said last:', ...lines];
}
