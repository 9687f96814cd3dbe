import { expect, test } from 'vitest';
import { mapIn } from './memory.ts';

test('a map says its number and what the kernel accounts for it', () => {
  const info =
    'pos:\t0\nflags:\t02000002\nmap_type:\t2\nkey_size:\t4\nmemlock:\t2097464\nmap_id:\t21900\nfrozen:\t0\n';
  expect(mapIn(info)).toEqual({ id: '21900', bytes: 2_097_464 });
});

test('a program and a file are no maps', () => {
  expect(mapIn('prog_type:\t3\nmemlock:\t4096\nprog_id:\t7\n')).toBeUndefined();
  expect(mapIn('pos:\t0\nflags:\t0100000\n')).toBeUndefined();
});
