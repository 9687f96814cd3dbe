#!/usr/bin/env node
/** Formats everything: `npm run format`. The C sources only where clang-format is installed. */

import { listFiles } from './lib/files.mjs';
import { findProgram, npmProgram, run } from './lib/run.mjs';

const { status } = await run(npmProgram('biome'), ['check', '--write', '.'], { show: true });
const clangFormat = findProgram('clang-format');
const formatted =
  clangFormat && (await run(clangFormat, ['-i', ...listFiles(['bpf'], /\.[ch]$/)], { show: true }));
if (!clangFormat) process.stderr.write('format: bpf/ left as it is, clang-format is missing\n');
process.exitCode = status || (formatted ? formatted.status : 0);
