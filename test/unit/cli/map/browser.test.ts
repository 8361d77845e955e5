import { expect, test } from 'vitest';
import { openerOf } from '../../../../src/cli/map/browser.ts';

test.each([
  ['darwin', {}, ['open']],
  ['win32', {}, ['cmd.exe', '/d', '/s', '/c', 'start', '""']],
  ['linux', { DISPLAY: ':0' }, ['xdg-open']],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
  ['linux', { WSL_DISTRO_NAME: 'Ubuntu' }, ['xdg-open']],
  ['linux', { DISPLAY: '' }, undefined],
  ['linux', {}, undefined],
] as const)('on %s with %j', (platform, env, opener) => expect(openerOf(platform, env)).toEqual(opener));
