/** Things that are to be done each for itself. */

import { messageOf } from '../ipvs/errors.ts';

/** Does them all, in order, also behind one that throws, and answers in words what went wrong. */
export function failuresOf(actions: readonly (() => void)[]): readonly string[] {
  return actions.flatMap((action) => {
    try {
      action();
      return [];
    } catch (error) {
      return [messageOf(error)];
    }
  });
}
