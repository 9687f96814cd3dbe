/** The way through direct routing: programs that are there as long as there is somebody to use them. */

import { messageOf } from '../../ipvs/errors.ts';
import { ProbeFailure } from '../attempt.ts';
import { createFlowBook, type Flow, type FlowBook } from './flows.ts';
import { type CheckPrograms, startCheckPrograms } from './programs.ts';

export type DirectPath = {
  /** Loads the programs, if they are not there yet: before the first probe, whose time it is not. */
  open(): void;
  /** Until `release` packets of this flow are exchanged. Throws a ProbeFailure where that cannot be. */
  take(flow: Omit<Flow, 'localPort'>): Flow;
  release(flow: Flow): void;
  /** Takes the programs off. It may be opened again. */
  close(): void;
};

const followMilliseconds = 2000;
/** What could not be loaded is not tried again at once. */
const retryMilliseconds = 5000;

type Ready = { readonly programs: CheckPrograms; readonly book: FlowBook; readonly timer: NodeJS.Timeout };

export function createDirectPath(log: (line: string) => void): DirectPath {
  let ready: Ready | undefined;
  let refusal: { readonly message: string; readonly at: number } | undefined;

  const follow = (): void => {
    try {
      ready?.programs.follow();
    } catch (error) {
      log(`checks through direct routing: ${messageOf(error)}`);
    }
  };
  const open = (): void => {
    if (ready || (refusal && performance.now() - refusal.at < retryMilliseconds)) return;
    try {
      const programs = startCheckPrograms();
      const timer = setInterval(follow, followMilliseconds);
      ready = { programs, timer, book: createFlowBook(programs.table) };
      refusal = undefined;
    } catch (error) {
      refusal = { message: messageOf(error), at: performance.now() };
      log(`checks through direct routing: ${refusal.message}`);
    }
  };
  const close = (): void => {
    if (!ready) return;
    const { programs, book, timer } = ready;
    ready = undefined;
    clearInterval(timer);
    book.close();
    programs.remove();
  };
  return {
    open,
    take(wanted) {
      open();
      if (!ready) throw new ProbeFailure('local', `no way through direct routing: ${refusal?.message}`);
      const flow = ready.book.take(wanted);
      if (!flow) throw new ProbeFailure('local', `every port is taken on the way to ${wanted.rip}`);
      return flow;
    },
    release: (flow) => ready?.book.release(flow),
    close,
  };
}
