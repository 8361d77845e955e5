import { elapsed } from './elapsed.ts';
import type { Fleet } from './fleet.ts';
import { text } from './text.ts';

export function Bar({ fleet: { hello, link } }: { readonly fleet: Fleet }) {
  const word = { connecting: text.connecting, open: text.live, lost: text.lost }[link];
  return (
    <header class="bar">
      <img src="/icon.svg" alt="" width="28" height="28" />
      <h1>{text.title}</h1>
      {hello !== undefined && (
        <p class="cluster">
          <span class="unseen">{text.cluster}: </span>
          {hello.cluster}
        </p>
      )}
      <p class={`link-state ${link}`}>
        <svg viewBox="-6 -6 12 12" aria-hidden="true">
          {link === 'open' ? <circle r="4.5" /> : <path d="M-4,-4L4,4M-4,4L4,-4" />}
        </svg>
        {word}
      </p>
    </header>
  );
}

export function Alerts({ fleet, now }: { readonly fleet: Fleet; readonly now: Date }) {
  const { link, lostAt, refusal, trouble, hello } = fleet;
  return (
    <div class="alerts">
      {link === 'lost' && (
        <div class="alert">
          <strong>{text.lost}.</strong>{' '}
          {lostAt !== undefined && hello !== undefined && text.lostFor(elapsed(lostAt.toISOString(), now))}{' '}
          {refusal === undefined
            ? hello !== undefined && text.lostHelp[hello.host]
            : `${refusal.error} ${refusal.cure ?? ''}`}
        </div>
      )}
      {link === 'open' && trouble !== null && <div class="alert">{text.trouble(trouble)}</div>}
    </div>
  );
}
