import type { Happened } from '../../view/happened.ts';
import type { RegionStory, Sentence, Story } from '../../view/story.ts';
import { wrapped } from '../help.ts';
import { age, duration } from '../output/age.ts';
import { colours, markFor, markOf } from '../output/marks.ts';
import type { Paint } from '../output/terminal.ts';

export interface StoryLook {
  readonly paint: Paint;
  readonly isUnicode: boolean;
  /** Characters in a line; 40 at least are used. */
  readonly width: number;
  readonly now: Date;
}

/** How many Events are shown. */
const lastEvents = 10;

/** The story on one screen. No line is longer than the width, but for words that are. */
export function storyText(story: Story, look: StoryLook): string {
  const { paint } = look;
  const { namespace, object, phase, summary, about, events } = story;
  const shown = typeof events === 'string' ? [`  They cannot be read: ${events}.`] : eventLines(events, look);
  return [
    ...folded(`${namespace}/${object}: ${phase}, ${summary} regions ready`, '', look).map((line) =>
      paint('strong', line),
    ),
    ...folded(about.join(', '), '', look),
    ...story.sentences.flatMap((sentence) => ['', ...sentenceLines(sentence, look)]),
    '',
    paint('strong', 'REGIONS'),
    ...story.regions.flatMap((region) => regionLines(region, story.regions, look)),
    '',
    paint('strong', 'LAST EVENTS'),
    ...(shown.length === 0 ? ['  none'] : shown),
    '',
  ].join('\n');
}

function sentenceLines({ standing, says, since, reason, message }: Sentence, look: StoryLook): readonly string[] {
  const ago = since === undefined ? '' : `, for ${age(since, look.now)}`;
  const title = `${says}${ago}${reason === undefined ? '' : ` (${reason})`}`;
  const mark = look.paint(colours[standing], markOf(standing, look.isUnicode));
  const [first = '', ...more] = folded(title, '  ', look);
  return [`${mark} ${first.slice(2)}`, ...more, ...folded(message, '  ', look)];
}

function regionLines(region: RegionStory, all: readonly RegionStory[], look: StoryLook): readonly string[] {
  const { awaits, standing, message, location } = region;
  const columns = all.map((one) => [one.location, stateText(one)] as const);
  const [place, state] = [0, 1].map((i) => Math.max(...columns.map((cells) => cells[i]?.length ?? 0))) as [
    number,
    number,
  ];
  const sign = markFor(region);
  const mark = look.paint(colours[sign], markOf(sign, look.isUnicode));
  const since = age(region.since, look.now);
  const cells = `${location.padEnd(place)}  ${stateText(region).padEnd(state)}  ${since === '' ? '' : `for ${since}`}`;
  const [first = '', ...more] = folded(cells.trimEnd(), '  ', look);
  const details = awaits.what === undefined ? [] : [`awaits ${awaits.what}`, nextText(region, look)];
  return [
    `${mark} ${first.slice(2)}`,
    ...more,
    ...[...details, pullText(region), ...(standing === 'ready' ? [] : [message])]
      .filter((text) => text !== '')
      .flatMap((text) => folded(text, '    ', look)),
  ];
}

/** `Ready`, `Creating`, `Failed, Syncing`; then what is unusual about it. */
export function stateText({
  provisioningState,
  status,
  managed,
  routing,
  drained,
  wanted,
  standing,
}: RegionStory): string {
  const state = provisioningState === 'Succeeded' && status !== '' ? [status] : [provisioningState, status];
  const isHome = managed === 'Home' && provisioningState !== 'home';
  return [
    ...state,
    isHome ? 'home' : '',
    drained === undefined && routing === 'Disabled' ? 'not routed' : '',
    drained === undefined ? '' : `drained until ${drained.until}`,
    !wanted && standing === 'unlisted' ? 'not in the spec' : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}

/** From where local pull has Pods of that region pull. */
function pullText({ endpoint, whyGlobal }: RegionStory): string {
  if (endpoint === undefined) return '';
  return whyGlobal === undefined ? `local pull: ${endpoint}` : `local pull: not from ${endpoint}, for ${whyGlobal}`;
}

function nextText({ awaits: { notBefore, withinMs } }: RegionStory, { now }: StoryLook): string {
  if (notBefore !== undefined) {
    return `not before ${notBefore.slice(11, 19)} UTC, in ${duration(Date.parse(notBefore) - now.getTime())}`;
  }
  return withinMs === undefined ? '' : `looked at again within ${duration(withinMs)}`;
}

function eventLines(events: readonly Happened[], look: StoryLook): readonly string[] {
  const shown = events.slice(-lastEvents);
  const reason = Math.max(0, ...shown.map((event) => event.reason.length));
  return shown.flatMap((event) => {
    const ago = age(event.time === '' ? undefined : event.time, look.now).padStart(4);
    const head = `${ago}  ${event.reason.padEnd(reason)}  `;
    const isNarrow = look.width < head.length + 30;
    const [first = '', ...more] = isNarrow
      ? [head.trimEnd(), ...folded(event.message, '      ', look)]
      : folded(event.message, ' '.repeat(head.length), look);
    const line = isNarrow ? first : `${head}${first.slice(head.length)}`;
    return [event.type === 'Warning' ? look.paint('busy', line) : line, ...more];
  });
}

/** Lines of at most the width, each after the indent. */
function folded(text: string, indent: string, { width }: StoryLook): readonly string[] {
  const room = Math.max(width, 40) - indent.length;
  const isAligned = text.length <= room; // only a text that is broken loses its columns
  return (isAligned ? [text] : wrapped(text.replaceAll(/ +/g, ' '), room)).map((line) => `${indent}${line}`);
}
