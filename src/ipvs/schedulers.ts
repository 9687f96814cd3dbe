/** The schedulers by name, with the flags that mean something to them (ipvsadm(8), -s and -b). */

export const schedulers = [
  'wlc',
  'rr',
  'wrr',
  'lc',
  'sed',
  'nq',
  'fo',
  'ovf',
  'lblc',
  'lblcr',
  'dh',
  'sh',
  'mh',
  'twos',
  'none',
] as const;
export type Scheduler = (typeof schedulers)[number];
export const defaultScheduler: Scheduler = 'wlc';

/** The same three bits under every scheduler; sh and mh call the first `fallback` and the second `port`. */
export type SchedulerFlag = 'flag-1' | 'flag-2' | 'flag-3';
export const schedulerFlags: readonly SchedulerFlag[] = ['flag-1', 'flag-2', 'flag-3'];
