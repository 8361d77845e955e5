import type { Command } from '../command.ts';
import { outputOption } from '../global-options.ts';

export const logs: Command = {
  name: 'logs',
  summary: "The operator's log about an object, a region or a request, as sentences.",
  details: [
    'Reads the log of all pods of the operator, in the order of time, which is shown in your time zone. With nothing named it shows every line.',
  ],
  args: [{ name: 'NAME', optional: true, completes: 'object' }],
  options: [
    { name: 'region', value: 'REGION', says: 'Only lines about this region.', completes: 'region' },
    {
      name: 'id',
      value: 'CORRELATION',
      says: "Only lines with this correlation id, which messages of refusals and Azure's activity log have.",
    },
    { name: 'follow', short: 'f', says: 'Go on and show what comes, until Ctrl-C.' },
    { name: 'since', value: 'DURATION', says: 'Only lines that are no older, such as 15m or 2h.' },
    {
      name: 'operator-namespace',
      value: 'NAME',
      says: "The operator's namespace; default: wherever it is.",
      completes: 'namespace',
    },
    { ...outputOption('json'), says: "How to print; json: the log's own lines." },
  ],
  examples: [
    { does: 'What was done about contoso in the last hour', line: 'logs contoso --since 1h' },
    { does: 'What happens in Japan East, as it happens', line: 'logs --region japaneast -f' },
    { does: 'What a message with a correlation id is about', line: 'logs --id 0f0c8e4e-9d7c-4d8e-b1d2-000000000003' },
  ],
  needs: "to list Pods and get pods/log in the operator's namespace (Kubernetes' role view there).",
  load: () => import('./logs.run.ts'),
};
