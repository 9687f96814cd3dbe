import { expect, test } from 'vitest';
import { parseIperf, parseWrk } from './load-output.ts';

const wrk = `Running 2s test @ http://172.25.138.112:80/
  2 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.66ms    4.41ms  57.55ms   92.51%
    Req/Sec    18.63k     3.32k   24.78k    70.00%
  Latency Distribution
     50%  980.00us
     75%    2.68ms
     90%    6.81ms
     99%    1.20s
  74129 requests in 2.05s, 11.67MB read
Requests/sec:  36160.48
Transfer/sec:      5.69MB
`;

test('of wrk the requests, their rate by its own clock and the latencies in milliseconds are taken', () => {
  expect(parseWrk(wrk)).toEqual({ done: 74129, rate: 74129 / 2.05, half: 0.98, most: 1200, failed: 0 });
});

test('socket errors and answers that say no are failures', () => {
  const text = wrk
    .replace('Requests/sec', '  Socket errors: connect 1, read 20, write 300, timeout 4000\nRequests/sec')
    .replace('Transfer', '  Non-2xx or 3xx responses: 50000\nTransfer');
  expect(parseWrk(text).failed).toBe(54321);
});

test('what wrk says when it cannot connect is no measurement', () => {
  expect(() => parseWrk('unable to connect to 172.25.138.112:80 Connection refused\n')).toThrow(
    /nothing of requests: unable to connect/,
  );
});

test('of iperf3 what the receiver got is taken', () => {
  const said = { end: { sum_sent: { bytes: 2000, seconds: 2 }, sum_received: { bytes: 1500, seconds: 3 } } };
  expect(parseIperf(JSON.stringify(said))).toEqual({ done: 1500, rate: 500, failed: 0 });
});

test("iperf3's error is passed on", () => {
  const said = { start: {}, end: {}, error: 'the server is busy running a test. try again later' };
  expect(() => parseIperf(JSON.stringify(said))).toThrow('iperf3: the server is busy');
});
