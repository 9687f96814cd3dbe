/** What random command lines are made of: a few services and servers that meet again, odd numbers, and rubbish. */

import { flags } from '../../src/ipvsadm/options.ts';

/** All within half of all addresses, for the same reason as `marks`. */
export const services = [
  '10.0.0.100:80',
  '10.0.0.100:80',
  '10.0.0.100:http',
  '10.0.0.100:0',
  '10.0.0.100',
  '10.0.0.100:53',
  '10.0.0.100:domain',
  '10.0.0.2:8080',
  '192.168.7.9:443',
  '224.0.0.5:80',
  'www.example.org:https',
  '0.0.0.0:80',
  '255.255.255.255:21',
  '[fd00::100]:80',
  '[fd00::100]:http',
  '[fd00::100]:0',
  'fd00::100',
  '[2001:db8::1]:65535',
  '[::]:53',
  '[::1]:80',
  '[ff02::5]:80',
  '[fe80::1]:80',
  '[::ffff:10.0.0.100]:80',
] as const;

export const servers = [
  '10.0.0.11',
  '10.0.0.11:80',
  '10.0.0.11:8080',
  '10.0.0.12:http',
  '10.0.0.12:0',
  '10.0.0.13',
  '10.0.0.255:80',
  '127.0.0.1:80',
  'localhost',
  'www:8080',
  '172.16.200.200:65535',
  '0.0.0.0',
  '224.0.0.1:80',
  '255.255.255.255',
  '[fd00::11]:80',
  '[fd00::11]:8080',
  'fd00::11',
  'fd00::12',
  '[::1]:80',
  '::',
  'fe80::1',
  'ff02::1',
  '::ffff:10.0.0.11',
] as const;

/** Neither of them, or by a hair. */
export const oddAddresses = [
  '',
  '80',
  ':80',
  '10',
  '10.6:80',
  '10.0.100:80',
  '010.0.0.5:80',
  '0x0a000064:80',
  '0xa.0.0.0144:80',
  '08.0.0.1:80',
  '10.0.0.256:80',
  '10.0.0.1.1:80',
  '10.0.0.100.:80',
  '4294967295:80',
  '4294967296:80',
  '10.0.0.100:',
  '10.0.0.100:65536',
  '10.0.0.100:-1',
  '10.0.0.100:+80',
  '10.0.0.100: 80',
  '10.0.0.100:80 ',
  ' 10.0.0.100:80',
  '10.0.0.100:080',
  '10.0.0.100:nosuch',
  '10.0.0.100:HTTP',
  '10.0.0.100:80:80',
  'nosuch.example.org:80',
  'under_score:80',
  'two words:80',
  '[fd00::100]',
  '[fd00::100]:',
  '[fd00::100]:65536',
  '[fd00::100]80',
  '[fd00::100:80',
  '[fd00::100]:80:80',
  'fd00::100]:80',
  '[10.0.0.100]:80',
  '[localhost]:80',
  '[]:80',
  '[fd00::g]:80',
  'fd00:::1',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7::',
  '::1:2:3:4:5:6:7',
  'fd00::1%lo',
  '::10.0.0.1',
  '::10.0.0.256',
  'FD00::ABCD',
  '-',
  '--',
] as const;

/** Further apart than half of all numbers there is no order in ipvsadm, only a hash's. */
export const marks = ['1', '7', '7', '2147483646', '4294967295'] as const;

export const numbers = [
  ...['0', '1', '2', '3', '5', '60', '100', '255', '300', '65535', '100000'],
  ...[
    '256',
    '65507',
    '65508',
    '65536',
    '2678400',
    '2678401',
    '2147483647',
    '2147483648',
    '4294967295',
    '4294967296',
  ],
  ...['-1', '-0', '+5', '010', '0x10', '1e3', '1.5', '', ' 7', '7 ', '\t9', '--5', '+', 'abc', '7abc'],
  ...['9223372036854775807', '9223372036854775808', '99999999999999999999', '-99999999999999999999'],
] as const;

/** What is given as a rule, and what now and then. */
type Pool = { readonly usual: readonly string[]; readonly odd: readonly string[] };

/** Without `twos`, which Linux 6.1 does not have. */
export const schedulers: Pool = {
  usual: [
    'rr',
    'wrr',
    'lc',
    'wlc',
    'lblc',
    'lblcr',
    'dh',
    'sh',
    'sed',
    'nq',
    'fo',
    'ovf',
    'mh',
    'none',
    'sh',
    'mh',
  ],
  odd: ['', 'RR', 'nosuch', 'rr ', 'aschedulernameofmorethanfifteen', 'wlc,rr'],
};

export const schedulerFlags: Pool = {
  usual: [
    ...['sh-fallback', 'sh-port', 'sh-fallback,sh-port', 'mh-fallback', 'mh-port', 'mh-port,mh-fallback'],
    ...[
      'flag-1',
      'flag-2',
      'flag-3',
      'flag-1,flag-2,flag-3',
      'flag-3,flag-1',
      'flag-1,flag-1',
      'mh-port,flag-1',
    ],
  ],
  odd: [
    '',
    ',',
    'sh-port,mh-port',
    'flag-4',
    'flag-1,,flag-2',
    'flag-1, flag-2',
    'SH-PORT',
    'flag',
    'sh-port,x',
  ],
};

export const netmasks: Pool = {
  usual: ['255.255.255.0', '255.255.255.255', '255.0.0.0', '64', '128', '1', '24'],
  odd: [
    ...['0.0.0.0', '32', '0', '129', '255.0.255.0', '255.255.255', '64abc', '-1', '', 'localhost', 'nosuch'],
    ...['fd00::', '4294967360'],
  ],
};

export const interfaces: Pool = {
  usual: ['eth0', 'eth0', 'lo'],
  odd: ['nosuch', '', 'averyverylongname', 'eth0 ', 'ETH0'],
};

export const groups: Pool = {
  usual: ['224.0.0.81', '224.0.0.82', '239.255.255.255', 'ff02::81', 'FF05:0::81', 'ff0e::1.2.3.4'],
  odd: [
    ...['10.0.0.1', 'fd00::1', '224.81', '224.0.0.081', '', ':', 'ff02::81%eth0', ' 224.0.0.81', '240.0.0.1'],
  ],
};

export const engines: Pool = { usual: ['sip'], odd: ['', 'SIP', 'nosuch', 'anenginenameofmorethanfifteen'] };
export const tunnelTypes: Pool = { usual: ['ipip', 'gue', 'gre', 'gue'], odd: ['', 'IPIP', 'vxlan'] };
export const roles: Pool = { usual: ['master', 'backup'], odd: ['both', '', 'MASTER', 'masterly'] };

/** Every flag as a word, and words that look like flags. */
export const flagWords: readonly string[] = [
  ...flags.flatMap(({ long, short }) => [`--${long}`, ...(short ? [`-${short}`] : [])]),
  ...[
    '-',
    '--',
    '---',
    '-q',
    '-1',
    '--nosuch',
    '--list-all',
    '--lis',
    '-Lnq',
    '-tn',
    '--=',
    '-=',
    '--numeric=1',
  ],
  ...[
    '--weight=',
    '--persistent=',
    '-n=',
    '-p=5',
    '-Ln=',
    '-LnX',
    '-Lcn',
    '-nL',
    '-AD',
    '-?',
    '-V',
    '-H',
    '-I',
  ],
];

export const rubbish = [
  'foo',
  'ipvsadm',
  'ä',
  '\u20ac',
  '#',
  '*',
  '"',
  "'",
  '\\',
  '%s',
  '%n',
  ';',
  '\t',
  ' ',
] as const;
