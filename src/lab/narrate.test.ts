import { describe, expect, it } from 'vitest';
import { coloured, type Event, narrate, plain } from './narrate.ts';
import { dr } from './topologies.ts';

const tell = (event: Event) => narrate(event, plain);

describe('narrate', () => {
  it('opens with who is who', () => {
    expect(tell({ kind: 'opening', title: 'walkthrough: step by step', lab: 'k3f9a', topology: dr })).toBe(
      [
        'walkthrough: step by step',
        '  lab k3f9a, topology dr',
        '  client    172.25.138.250',
        '  server1   172.25.138.1     the director',
        '  server2   172.25.138.2     a real server',
        '  server3   172.25.138.3     a real server',
        '',
      ].join('\n'),
    );
  });

  it('heads a step with its row, and wraps the reason', () => {
    const why = 'word '.repeat(25).trim();
    expect(tell({ kind: 'step', row: '7a', title: 'Cure one', why })).toBe(
      `\n7a  Cure one\n  ${'word '.repeat(20).trim()}\n  ${'word '.repeat(5).trim()}\n\n`,
    );
  });

  it('shows a command at the prompt of its host, and its output below', () => {
    expect(tell({ kind: 'command', host: 'server1', line: 'ipvsadm -ln' })).toBe('  server1# ipvsadm -ln\n');
    expect(tell({ kind: 'output', text: 'one\ntwo  \n' })).toBe('    one\n    two  \n');
    expect(tell({ kind: 'output', text: '' })).toBe('');
  });

  it('says what was expected, and what was seen instead', () => {
    const expectation = 'curl prints server2';
    expect(tell({ kind: 'check', expectation, seen: true })).toBe('  ✓ curl prints server2\n');
    expect(tell({ kind: 'check', expectation, seen: false, otherwise: 'a\nb\n' })).toBe(
      '  ✗ not so: curl prints server2\n    seen: a\n          b\n',
    );
  });

  it('ends with one line that can be read alone', () => {
    const end = { kind: 'end', name: 'walkthrough', seconds: 19.64 } as const;
    expect(tell({ ...end, passed: 40, failed: 0 })).toBe(
      '\n✓ walkthrough: every step showed what it must (40 checks, 19.6 s)\n',
    );
    expect(tell({ ...end, passed: 39, failed: 1 })).toBe(
      '\n✗ walkthrough: 1 of 40 checks did not hold (19.6 s)\n',
    );
  });

  it('says the same with colours', () => {
    const event: Event = { kind: 'check', expectation: 'curl answers', seen: false, otherwise: 'silence' };
    const esc = String.fromCharCode(27);
    const text = narrate(event, coloured);
    expect(text).toContain(`${esc}[31m`);
    expect(text.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '')).toBe(tell(event));
  });
});
