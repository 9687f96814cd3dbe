import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Imported } from '../../config/import/imported.ts';
import { importKeepalived } from '../../config/import/keepalived/keepalived.ts';
import { importLdirectord } from '../../config/import/ldirectord/ldirectord.ts';
import { readConfiguration } from '../../config/read.ts';
import { renderFile } from '../../config/render.ts';
import { createNames } from '../../ipvsadm/names.ts';
import { importIpvsadm } from './from-ipvsadm.ts';

const samples = fileURLToPath(new URL('../../../test/config/import/', import.meta.url));

const names = createNames({
  readText: (path) => Promise.resolve(path === '/etc/services' ? 'http 80/tcp\n' : ''),
  lookup: () => Promise.reject(new Error('no such host')),
  reverse: () => Promise.reject(new Error('no such address')),
});

function imported(name: string, text: string): Imported | Promise<Imported> {
  if (name.startsWith('keepalived')) return importKeepalived(text);
  return name.startsWith('ldirectord') ? importLdirectord(text) : importIpvsadm(text, names);
}

describe('what other programs had is taken over, and what is not is said', () => {
  const cases = readdirSync(samples).filter((name) => !name.endsWith('.yaml'));

  it.each(cases)('%s', async (name) => {
    const { file, notes } = await imported(name, readFileSync(`${samples}${name}`, 'utf8'));
    const said = notes.map(({ line, message }) => `not taken over, line ${line}: ${message}`);
    const text = renderFile(file, said);
    expect(readConfiguration(text), text).toHaveProperty('configuration');
    await expect(text).toMatchFileSnapshot(`${samples}${name.replace(/\.\w+$/, '.yaml')}`);
  });
});

describe('text that is not what it should be', () => {
  it.each([
    ['}\n', 'a } too many'],
    ['virtual_server 10.0.0.1 80 {\n', 'a } is missing at the end'],
    ['virtual_server $VIP 80 {\n}\n', '$VIP is not defined'],
    ['virtual_server group NONE {\n}\n', 'there is no group NONE'],
    ['virtual_server 10.0.0.300 80 {\n}\n', '10.0.0.300 80 is no address that is known here'],
    [
      'virtual_server 10.0.0.1 53 {\n lb_algo rr protocol UDP\n}\n',
      'protocol UDP on the line of lb_algo: a statement has its own',
    ],
    [
      'virtual_server 10.0.0.1 80 {\n real_server 10.0.0.2 80 {\n weight 1 TCP_CHECK { }\n}\n}\n',
      'TCP_CHECK {…} on the line of weight: a statement has its own',
    ],
    [
      'virtual_server 10.0.0.1 80 {\n real_server 10.0.0.2 80 {\n MISC_CHECK {\n misc_path /bin/check -p 80\n}\n}\n}\n',
      '-p 80 on the line of misc_path: a statement has its own',
    ],
    ['include more.conf\n', 'include more.conf: import that file, too'],
    [
      'virtual_server 10.0.0.1 53 {\n protocol UDP\n real_server 10.0.0.2 53 {\n UDP_CHECK {\n require_reply\n min_reply_length 40\n}\n}\n}\n',
      'min_reply_length of UDP_CHECK',
    ],
    [
      'virtual_server 10.0.0.1 80 {\n real_server 10.0.0.2 80 {\n MISC_CHECK {\n misc_path /bin/check\n user nobody web\n}\n}\n}\n',
      "the group web: a program runs with its user's own",
    ],
  ])('of keepalived, %j, is said', (text, message) => {
    expect(importKeepalived(text).notes.map((note) => note.message)).toContain(message);
  });

  it.each([
    ['-D -t 10.0.0.1:80\n', 'there is no such service above'],
    ['-A -t 10.0.0.1:80\n-e -t 10.0.0.1:80 -r 10.0.0.2 -w 3\n', 'there is no such real server above'],
    ['-A -t 10.0.0.1:80\n-d -t 10.0.0.1:80 -r 10.0.0.2\n', 'there is no such real server above'],
  ])('of ipvsadm, %j, is said', async (text, message) => {
    const { notes } = await importIpvsadm(text, names);
    expect(notes.map((note) => note.message.replace(/^.*: /, ''))).toEqual([message]);
  });

  it.each([
    ['virtual = www.example.org:80\n', 'www.example.org:80 is no address with a port in numbers'],
    ['virtual = 10.0.0.1:80\n\treal: 10.0.0.2\n', 'real: 10.0.0.2: no key = value'],
    [
      'virtual = 10.0.0.1:80\n\treal = 10.0.0.9->10.0.0.2 gate\n',
      '10.0.0.9->10.0.0.2 is no address: names are not looked up',
    ],
  ])('of ldirectord, %j, is said', (text, message) => {
    expect(importLdirectord(text).notes.map((note) => note.message)).toContain(message);
  });
});
