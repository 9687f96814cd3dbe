/** The thread that reads a configuration (read-aside.ts): its text comes as the thread's data, and what it means goes back. */

import { parentPort, workerData } from 'node:worker_threads';
import { readConfiguration } from '../../config/read.ts';
import { version } from '../../ipvs/version.ts';
import type { ThreadAnswer } from './read-aside.ts';

parentPort?.postMessage({ version, result: readConfiguration(String(workerData)) } satisfies ThreadAnswer);
