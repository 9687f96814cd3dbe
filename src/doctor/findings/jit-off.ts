/** BPF programs are interpreted. */

import type { Disorder } from '../finding.ts';

export const jitOff: Disorder = {
  code: 'jit-off',
  title: 'The kernel interprets BPF programs instead of compiling them',
  breaks: 'Every packet costs several times what it should.',
  onDirector: ({ host }) =>
    host.setting('net.core.bpf_jit_enable') === '0'
      ? [
          {
            problem: 'bpf_jit_enable is 0',
            evidence: ['sysctl net.core.bpf_jit_enable: 0'],
            host: { role: 'director' },
            cure: {
              on: 'director',
              commands: ['sysctl -w net.core.bpf_jit_enable=1', 'fairlead unload'],
              note: 'programs that are loaded stay as they are: services have to be set up again, as after a reboot',
            },
          },
        ]
      : [],
};
