/**
 * /v1/events: what happens, as server-sent events (the HTML standard's `text/event-stream`). Whoever comes back with the
 * number of the last event he has heard (`Last-Event-ID`) hears those that he has missed; where some of them are no
 * longer kept, an event `lost` says so. Between two events a comment comes now and then, so that a connection that is
 * broken is known to be.
 */

import type { DirectorEvent } from '../api/events.ts';
import type { Page, PageRequest } from '../api/page.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { Events } from './events.ts';

/** Followers at a time. */
const mostFollowers = 64;
/** Events that wait for a follower who does not read; beyond it he has to come back. */
const mostWaiting = 1000;
const heartbeatMilliseconds = 15_000;

/** Throws BAD_REQUEST for what is no number, BUSY where enough are following already. */
export function createEventPage(
  events: Events,
  heartbeat = heartbeatMilliseconds,
): (request: PageRequest) => Page {
  let followers = 0;
  async function* follow(last: number | undefined, signal: AbortSignal): AsyncGenerator<string> {
    followers++;
    const mailbox = createMailbox(mostWaiting);
    const leave = events.subscribe(mailbox.put);
    try {
      yield `retry: 2000\n\n${last === undefined ? '' : missed(events, last)}`;
      while (!signal.aborted) {
        const isFilled = await mailbox.filled(heartbeat, signal);
        const news = mailbox.take().map(eventText).join('');
        if (news !== '') yield news;
        else if (!isFilled) yield ': nothing new\n\n';
        if (mailbox.isFull()) return;
      }
    } finally {
      leave();
      followers--;
    }
  }
  return ({ query, headers, signal }) => {
    const last = lastOf([headers['last-event-id'] ?? query['since'] ?? []].flat()[0]);
    if (followers >= mostFollowers) throw new FairleadError('BUSY', `${followers} follow the events already`);
    return {
      status: 200,
      type: 'text/event-stream; charset=utf-8',
      headers: { 'cache-control': 'no-store', connection: 'close' },
      pieces: follow(last, signal),
    };
  };
}

function lastOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new FairleadError('BAD_REQUEST', `the last event's number: ${text}`);
  return Number(text);
}

/** What came after the event of this number; 0 is before all others. */
function missed(events: Events, last: number): string {
  const kept = events.since(last);
  const text = kept.map(eventText).join('');
  const next = kept[0]?.id ?? events.next();
  const isWhole = last === 0 || next <= last + 1;
  return isWhole ? text : `event: lost\ndata: ${JSON.stringify({ after: last, before: next })}\n\n${text}`;
}

function eventText(event: DirectorEvent): string {
  return `id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Events on their way to one follower. */
function createMailbox(capacity: number) {
  let waiting: DirectorEvent[] = [];
  let full = false;
  let wake = (): void => undefined;
  return {
    put(event: DirectorEvent): void {
      if (waiting.length >= capacity) full = true;
      else waiting.push(event);
      wake();
    },
    take(): readonly DirectorEvent[] {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    /** Whether one had to be turned away. */
    isFull: () => full,
    /** Resolves as soon as something is there or `signal` fires, or, with false, after so many milliseconds. */
    async filled(milliseconds: number, signal: AbortSignal): Promise<boolean> {
      if (waiting.length > 0 || full || signal.aborted) return true;
      return await new Promise<boolean>((resolve) => {
        const done = (isFilled: boolean): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', awake);
          wake = () => undefined;
          resolve(isFilled);
        };
        const awake = (): void => done(true);
        const timer = setTimeout(() => done(false), milliseconds);
        signal.addEventListener('abort', awake, { once: true });
        wake = awake;
      });
    },
  };
}
