import { type Answer, answers, type Group } from '../test/unit/azure/refusals/answers.ts';

/** The sections of the page, in its order: a symptom, and what all messages under it have in common. */
const sections: readonly { readonly group: Group; readonly title: string; readonly about: string }[] = [
  {
    group: 'sign-in',
    title: 'Signing in to Azure fails',
    about:
      'Reason `AuthenticationFailed`. The message says whose credentials they are: those of the operator, or of the Secret or ServiceAccount that the object names in `spec.credentialsRef`.',
  },
  {
    group: 'rights',
    title: 'Azure forbids it',
    about:
      'Reason `Forbidden`. The identity is known and signed in; it may not do what the message says, where it says.',
  },
  {
    group: 'policy',
    title: 'A policy, a lock, a quota or the subscription stands in the way',
    about:
      'Reasons `PolicyDenied`, `Locked`, `QuotaExceeded`, `ProviderNotRegistered`, `RegionUnavailable`, `Rejected`.',
  },
  {
    group: 'missing',
    title: 'The registry is not found',
    about:
      'Reason `RegistryNotFound`. Azure also says so of things that exist, for seconds after they were made, so it counts only when it lasts.',
  },
  {
    group: 'spec',
    title: 'Azure does not accept what the spec or the registry asks for',
    about: 'Reasons `InvalidSpec`, `RegionUnavailable`, `SkuNotPremium`, `Rejected`.',
  },
  {
    group: 'busy',
    title: 'Azure is busy, limits the requests, or is down',
    about: 'Reasons `Retrying` and `Throttled`. As a rule there is nothing to do.',
  },
  {
    group: 'way',
    title: 'Something on the way to Azure',
    about:
      'Reason `Retrying`. DNS, firewalls, proxies and certificates: Azure itself has said nothing, and nothing is concluded from such an answer.',
  },
];

const head = `# Troubleshooting

<!-- Made from test/unit/azure/refusals/answers.ts by \`npm run generate\`. Do not edit. -->

Which message do you see, what does it mean, and what can you do? The message stands in the Ready condition of the
object, after the region that it is about:

\`\`\`sh
kubectl get registryreplications.acr-replication.dev --all-namespaces --output wide
kubectl describe registryreplications.acr-replication.dev -n platform contoso
\`\`\`

Search this page for Azure's code, which is in \`status.readError.code\` where Azure could not be read, in
\`status.replicas[].error.code\` where a change was refused, and in the operator's log, or for words of the message. Names
and ids in the examples are made up. Each message is tried: the tests answer the operator with what Azure, Microsoft Entra,
the managed identity endpoint or a proxy say, for twenty minutes, when it reads and when it changes something, and compare
what comes of it with this page.

A registry that was Ready stays so at first: until it could not be read four times in 14 seconds, or twice in half a minute
where the same often lasts.
`;

/** What people see before they see a message, and where it leads. */
const symptoms: readonly (readonly [string, string])[] = [
  [
    '`the server doesn\'t have a resource type "registryreplications"`',
    'The CRD is not installed: [Install](install.md).',
  ],
  [
    'STATUS and REASON stay empty',
    'No operator looks at the object: `kubectl get pods -n acr-replication-system`. Where they run, `WATCH_NAMESPACES` or `WATCH_SELECTOR` leaves the object out, or none leads: `/readyz` of each pod says why.',
  ],
  [
    'pods in `ImagePullBackOff`',
    'No image is published yet: [build it](install.md#before-you-begin), set `image.repository`.',
  ],
  [
    'pods that end with code 2',
    'The configuration is wrong; the log lists every problem: [Configuration](configuration.md).',
  ],
  [
    'pods that run and are not ready',
    '`/readyz` names the part: the API server, the cache, the lease or the token of Azure: [Signing in](#signing-in-to-azure-fails).',
  ],
  [
    'an error when applying',
    'The API server refuses the spec and says what to write instead: [the fields](registryreplication.md#writing-a-registryreplication-spec).',
  ],
  ['`Pending`, `PlanPending`', 'Mode is `Observe`: `status.plan` says what would be changed.'],
  ['`Pending`, another reason', 'The registry could not be read yet; MESSAGE is one of those below.'],
  [
    '`Syncing` for hours',
    'Images are being copied; Azure tells no progress. `readyWhen: Provisioned` does not wait for it.',
  ],
  [
    '`Creating` for more than half an hour',
    'MESSAGE and `kubectl acr-replication status` say what Azure answers. With private endpoints: a subnet without free addresses, or the action `privateLinkServiceProxies/write` missing.',
  ],
  [
    '`Failed`',
    'A person must act: look for REASON in [Conditions](registryreplication.md#conditions), for MESSAGE below.',
  ],
  [
    '`Deleting` without end',
    'Azure refuses, or cannot be asked; MESSAGE says which. The way out: [let go of the replicas](registryreplication.md#let-go-of-the-replicas).',
  ],
  [
    'a namespace in `Terminating` without end',
    '[Deleting a watched namespace](kubernetes.md#deleting-a-watched-namespace).',
  ],
  [
    'a replica outside the set stays',
    "MESSAGE and `status.plan` say why: a wanted region is not ready, five minutes' notice, `prune`, `mode: Observe`, or another owner's tag.",
  ],
  [
    '`Ready`, though somebody changed a replica',
    'It is seen at the next look, `spec.interval`: [have it looked at now](registryreplication.md#have-it-looked-at-now).',
  ],
  [
    '`Ready`, and a Pod cannot pull what was just pushed elsewhere',
    "Replicas get new images a moment later: `manifest unknown` until then. Azure's webhooks tell when an image has arrived.",
  ],
  ['Argo CD waits for nothing', 'It needs [the health script](gitops.md).'],
  ['a message with a correlation id', '[From an id to its lines](monitoring.md#from-an-id-to-its-lines).'],
];

/** The text of docs/troubleshooting.md. */
export function troubleshootingPage(): string {
  const parts = sections.map(({ group, title, about }) => {
    const entries = answers.filter((answer) => answer.group === group).map(entryOf);
    return [`## ${title}\n`, `${about}\n`, ...entries].join('\n');
  });
  const contents = sections.map(({ title }) => `- [${title}](#${anchorOf(title)})`).join('\n');
  const seen = [
    '## What do you see?\n',
    '| you see | it is |',
    '|---|---|',
    ...symptoms.map((row) => `| ${row.join(' | ')} |`),
  ];
  const doctor = '`kubectl acr-replication doctor` looks for most of these, each with its cure.\n';
  return [head, `- [What do you see?](#what-do-you-see)\n${contents}\n`, ...seen, '', doctor, ...parts].join('\n');
}

function entryOf(answer: Answer): string {
  const { name, means, then } = answer;
  return `### ${name}

> ${escaped(then.message)}

- **What it means:** ${escaped(means)}
- **What to do:** ${escaped(then.advice)}
- **Meanwhile:** ${courseOf(answer)}
- **Answer:** ${originOf(answer)}
`;
}

/** Whether a person must act, and when the operator tries again. */
function courseOf({ then }: Answer): string {
  const { reason, stalled, pace, settles, busy, waitsSeconds } = then;
  const condition = `\`${reason}\``;
  if (pace === 'throttled') return `${condition}; the operator waits as long as Azure asks.`;
  const again = {
    soon: 'The operator tries again within a minute.',
    slow: 'The operator tries again every few minutes.',
    terminal: 'The operator looks again when the spec changes, at the interval at the latest.',
  }[pace];
  const wait = waitsSeconds === undefined ? '' : ' It never comes back before the moment that the answer names.';
  if (busy === true) return `${condition}, and after ten minutes of the same Stalled as \`Rejected\`. ${again}${wait}`;
  if (!stalled) return `${condition}; it passes by itself. ${again}${wait}`;
  if (settles !== true) return `${condition}, Stalled. ${again}${wait}`;
  const settling = '`Retrying` for five minutes, for it often passes by itself after a change; then';
  return `${settling} ${condition}, Stalled. The operator tries again within a minute at first, then every few minutes.${wait}`;
}

function originOf({ from, status, then, source }: Answer): string {
  const number = status === undefined ? '' : ` ${status}`;
  const where = source.startsWith('https://') ? `[source](${source})` : source;
  return `\`${then.code}\`${number} from ${from}; ${where}.`;
}

/** Plain text as Markdown shows it as it is. */
function escaped(text: string): string {
  return text.replaceAll(/[<>*_`\\]/g, String.raw`\$&`);
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
