/** What was put in first comes out first, each in constant time however much there is (an array's shift() is not). */

export type Queue<T> = {
  put(item: T): void;
  take(): T | undefined;
  /** Everything in it, which it then no longer has. */
  takeAll(): readonly T[];
  length(): number;
  /** Another one with the same in it. */
  copy(): Queue<T>;
};

export function createQueue<T>(items: readonly T[] = []): Queue<T> {
  let incoming: T[] = [...items];
  let outgoing: T[] = [];
  return {
    put: (item) => void incoming.push(item),
    take() {
      if (outgoing.length === 0) {
        outgoing = incoming.reverse();
        incoming = [];
      }
      return outgoing.pop();
    },
    takeAll() {
      const all = [...outgoing.reverse(), ...incoming];
      incoming = [];
      outgoing = [];
      return all;
    },
    length: () => incoming.length + outgoing.length,
    copy: () => createQueue([...outgoing.toReversed(), ...incoming]),
  };
}
