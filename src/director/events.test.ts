import { describe, expect, it } from 'vitest';
import type { DirectorEvent } from '../api/events.ts';
import { createEvents } from './events.ts';

const applied = (changes: number) => ({ kind: 'configuration-applied', changes }) as const;
const noon = Date.UTC(2026, 0, 1, 12);

describe('the events of a director', () => {
  it('are numbered in their order and carry their time', () => {
    const events = createEvents(() => noon);
    events.emit(applied(1));
    events.emit(applied(2));
    expect(events.since()).toEqual([
      { ...applied(1), id: noon + 1, at: '2026-01-01T12:00:00.000Z' },
      { ...applied(2), id: noon + 2, at: '2026-01-01T12:00:00.000Z' },
    ]);
  });

  it('are told to those who follow, until they have enough', () => {
    const events = createEvents(() => noon);
    const heard: DirectorEvent[] = [];
    const leave = events.subscribe((event) => heard.push(event));
    events.emit(applied(1));
    leave();
    events.emit(applied(2));
    expect(heard).toMatchObject([applied(1)]);
  });

  it('can be had from a number on, so that nobody who comes back misses one', () => {
    const events = createEvents(() => noon);
    for (let changes = 1; changes <= 3; changes++) events.emit(applied(changes));
    expect(events.since(noon + 1)).toMatchObject([applied(2), applied(3)]);
    expect(events.since(noon + 3)).toEqual([]);
  });

  it('are forgotten, the oldest first, when there are many', () => {
    const events = createEvents(() => noon, 2);
    for (let changes = 1; changes <= 3; changes++) events.emit(applied(changes));
    expect(events.since()).toMatchObject([applied(2), applied(3)]);
  });

  it('of a later daemon have higher numbers', () => {
    const before = createEvents(() => noon);
    for (let changes = 1; changes <= 500; changes++) before.emit(applied(changes));
    const after = createEvents(() => noon + 1000);
    after.emit(applied(1));
    expect(after.since(before.since().at(-1)?.id)).toHaveLength(1);
  });
});
