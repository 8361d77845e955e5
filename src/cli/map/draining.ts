import { regionOf } from '../../domain/region.ts';
import type { Post } from '../../map/server.ts';
import type { Drained } from '../../map/wire.ts';
import { optionMs } from '../duration.ts';
import { beginDrain, type Caution, endDrain } from '../steering/draining.ts';
import { having, untilOf } from '../steering/drains.ts';
import { type Asked, drainRequest, storedOf, told, undrainRequest, writesTimeoutMs } from './requests.ts';

/**
 * Begins and ends drains as the commands `drain` and `undrain` do, with the rights of who started the map. A tool that
 * applies the object from Git leaves them, so nothing keeps them from being changed here.
 */
export function drainPosts(asked: Asked & { readonly now: () => Date }): Readonly<Record<string, Post>> {
  const { cluster, now, here } = asked;

  async function drain(body: unknown, signal: AbortSignal): Promise<Drained> {
    const request = drainRequest(body);
    const region = regionOf(request.region);
    const object = having(await storedOf(asked, request, signal), region);
    const until = untilOf(now(), { forMs: optionMs(request.for, '--for') });
    const entry = { location: region, until, reason: request.reason };
    const cautions = await beginDrain(placeOf(request), object, entry, whileWriting());
    return { said: [`${region} is drained until ${until}.`, ...cautions.map(but)] };
  }

  async function undrain(body: unknown, signal: AbortSignal): Promise<Drained> {
    const request = undrainRequest(body);
    const region = regionOf(request.region);
    const object = await storedOf(asked, request, signal);
    const cautions = await endDrain(placeOf(request), object, region, whileWriting());
    if (cautions === undefined) return { said: [`${region} is not drained.`] };
    return { said: [`${region} goes back to the routing that it has without a drain.`, ...cautions.map(but)] };
  }

  const placeOf = ({ namespace }: { readonly namespace: string }) => ({ client: cluster.client, namespace });
  const whileWriting = () => ({ now, signal: AbortSignal.timeout(writesTimeoutMs) });
  return { '/api/drain': told(drain, here), '/api/undrain': told(undrain, here) };
}

/** A caution as a sentence of its own: it may begin with the object's name, so its first letter stays. */
function but({ text, cure }: Caution): string {
  return `But ${text}${cure === undefined ? '' : ` What helps: ${cure}`}`;
}
