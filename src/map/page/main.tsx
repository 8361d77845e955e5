import { render } from 'preact';
import { globe, land, plane } from './world.generated.ts';

render(
  <svg viewBox={`0 0 ${plane.width} ${plane.height}`}>
    <path d={globe} fill="none" stroke="currentColor" />
    <path d={land} />
  </svg>,
  document.body,
);
