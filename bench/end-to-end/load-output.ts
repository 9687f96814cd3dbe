/** What wrk and iperf3 print. Pure. */

export type Load = {
  /** Requests, or octets, that came through. */
  readonly done: number;
  /** Of them, each second. */
  readonly rate: number;
  /** Half of all answers took no longer, and 99 of 100: milliseconds. */
  readonly half?: number;
  readonly most?: number;
  /** Requests without an answer, or with another than 2xx or 3xx. */
  readonly failed: number;
};

const milliseconds: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/** Of `wrk --latency`. Throws RangeError on anything else. */
export function parseWrk(text: string): Load {
  const [, count, seconds, unit] = /(\d+) requests in ([\d.]+)(us|ms|s|m),/.exec(text) ?? [];
  if (count === undefined || seconds === undefined)
    throw new RangeError(`wrk said nothing of requests: ${text.trim()}`);
  const part = (percent: number): number => {
    const [, time, timeUnit] = new RegExp(`^\\s*${percent}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(text) ?? [];
    if (time === undefined) throw new RangeError(`wrk said nothing of latencies: ${text.trim()}`);
    return Number(time) * (milliseconds[timeUnit ?? ''] ?? Number.NaN);
  };
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? [];
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? '0';
  const failed = [...errors.slice(1), refused].reduce((sum, number) => sum + Number(number), 0);
  const took = (Number(seconds) * (milliseconds[unit ?? ''] ?? Number.NaN)) / 1000;
  return { done: Number(count), rate: Number(count) / took, half: part(50), most: part(99), failed };
}

/** Of `iperf3 --json`: what the receiver got. Throws RangeError when the test failed. */
export function parseIperf(text: string): Load {
  const said = JSON.parse(text) as {
    readonly error?: string;
    readonly end?: { readonly sum_received?: { readonly bytes: number; readonly seconds: number } };
  };
  const received = said.end?.sum_received;
  if (received === undefined || received.bytes === 0)
    throw new RangeError(`iperf3: ${said.error ?? 'nothing was received'}`);
  return { done: received.bytes, rate: received.bytes / received.seconds, failed: 0 };
}
