import { useEffect, useRef } from 'preact/hooks';
import type { MapObject } from '../wire.ts';
import { isFixed } from './draft-set.ts';
import type { Mark } from './marks.ts';
import { text } from './text.ts';

interface PanelProps {
  readonly mark: Mark;
  readonly onClose: () => void;
  readonly children: preact.ComponentChildren;
}

/** What is told of the selected region. It takes the focus when it opens. */
export function Panel({ mark: { region }, onClose, children }: PanelProps) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) return; // the page was opened with it
    head.current?.focus();
    head.current?.scrollIntoView({ block: 'nearest' });
  }, [region.name]);
  return (
    <section class="card region" aria-labelledby="region-title">
      <header>
        <h3 id="region-title" ref={head} tabIndex={-1}>
          {region.label}
        </h3>
        <button type="button" class="close" aria-label={text.close} onClick={onClose}>
          <svg viewBox="-10 -10 20 20" aria-hidden="true">
            <path d="M-5,-5L5,5M-5,5L5,-5" />
          </svg>
        </button>
      </header>
      {children}
    </section>
  );
}

interface SetButtonProps {
  readonly object: MapObject;
  readonly mark: Mark;
  readonly onToggle: (region: string) => void;
}

/** Puts the region of the panel into the draft, or takes it back. */
export function SetButton({ object, mark: { region, draft, replica }, onToggle }: SetButtonProps) {
  if (isFixed(object, region.name)) return <p class="under">{text.homeFixed}</p>;
  const word = draft !== undefined ? text.takeBack : replica?.wanted === true ? text.remove : text.add;
  return (
    <div class="buttons">
      <button type="button" onClick={() => onToggle(region.name)}>
        {word}
      </button>
    </div>
  );
}
