import { describe, expect, it } from 'vitest';
import { createEventPage } from './event-stream.ts';
import { createEvents } from './events.ts';

const noon = Date.UTC(2026, 0, 1, 12);

function director(capacity?: number) {
  const events = createEvents(() => noon, capacity);
  const happen = (...changes: readonly number[]) => {
    for (const number of changes) events.emit({ kind: 'configuration-applied', changes: number });
  };
  return { events, happen };
}

/** A follower that reads when the test says so. */
function follower(
  { events }: ReturnType<typeof director>,
  request: { readonly last?: string; readonly since?: string; readonly heartbeat?: number } = {},
) {
  const leaving = new AbortController();
  const headers = request.last === undefined ? {} : { 'last-event-id': request.last };
  const query = request.since === undefined ? {} : { since: request.since };
  const page = createEventPage(events, request.heartbeat);
  const { pieces } = page({ query, headers, signal: leaving.signal });
  const stream = (pieces as AsyncIterable<string>)[Symbol.asyncIterator]();
  return {
    leave: () => leaving.abort(),
    read: async () => {
      const { done, value } = await stream.next();
      return done ? undefined : (value as string);
    },
  };
}

const idsIn = (text = '') => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id) - noon);

describe('a stream of events', () => {
  it('has what happens from now on, each with number, kind and all that is known of it', async () => {
    const there = director();
    there.happen(1);
    const { read, leave } = follower(there);
    expect(await read()).toBe('retry: 2000\n\n');
    there.happen(2);
    expect(await read()).toBe(
      `id: ${noon + 2}\nevent: configuration-applied\ndata: {"kind":"configuration-applied","changes":2,"id":${noon + 2},"at":"2026-01-01T12:00:00.000Z"}\n\n`,
    );
    const end = read();
    leave();
    expect(await end).toBe(undefined);
  });

  it('goes on behind the last event that was heard, by header or in the URL', async () => {
    const there = director();
    there.happen(1, 2, 3);
    expect(idsIn(await follower(there, { last: String(noon + 1) }).read())).toEqual([2, 3]);
    expect(idsIn(await follower(there, { since: String(noon + 2) }).read())).toEqual([3]);
    expect(idsIn(await follower(there, { since: '0' }).read())).toEqual([1, 2, 3]);
    expect(await follower(there, { last: String(noon + 3) }).read()).toBe('retry: 2000\n\n');
  });

  it('says so where events in between are no longer known, be it after a restart', async () => {
    const there = director(2);
    there.happen(1, 2, 3, 4);
    const text = await follower(there, { last: String(noon + 1) }).read();
    expect(text).toContain(`event: lost\ndata: {"after":${noon + 1},"before":${noon + 3}}\n\n`);
    expect(idsIn(text)).toEqual([3, 4]);
    const fresh = director();
    expect(await follower(fresh, { last: String(noon - 1000) }).read()).toContain('event: lost\n');
  });

  it('has a sign of life where nothing happens', async () => {
    const { read, leave } = follower(director(), { heartbeat: 1 });
    await read();
    expect(await read()).toBe(': nothing new\n\n');
    expect(await read()).toBe(': nothing new\n\n');
    leave();
  });

  it('ends for whoever does not read, who can take it up again where it ended', async () => {
    const there = director(3000);
    const { read } = follower(there);
    await read();
    const waiting = read();
    there.happen(...Array.from({ length: 1500 }, (_, at) => at));
    const heard = idsIn(await waiting);
    expect(heard).toHaveLength(1000);
    expect(await read(), 'the end').toBe(undefined);
    const again = idsIn(await follower(there, { last: String(noon + 1000) }).read());
    expect([again[0], again.length]).toEqual([1001, 500]);
  });

  it('is refused for a number that is none, and where enough are following', async () => {
    const there = director();
    expect(() => follower(there, { last: 'x1' })).toThrow("the last event's number: x1");
    const page = createEventPage(there.events);
    const { signal } = new AbortController();
    const open = () =>
      (page({ query: {}, headers: {}, signal }).pieces as AsyncIterable<string>)[Symbol.asyncIterator]();
    const streams = Array.from({ length: 64 }, open);
    await Promise.all(streams.map((stream) => stream.next()));
    expect(open).toThrow('64 follow the events already');
    await streams[0]?.return?.();
    expect(open).not.toThrow();
  });
});
