/**
 * `ipvsadm -R`: each line of standard input is one command line. What the director refuses is said, and the next
 * line is read; a line that makes no sense ends it, and so do a listing that fails, `-h` and `-v`. The exit code is
 * that of the last line that was read. All as the real tool has it.
 *
 * Changes that have been read at once go to the director together, which answers each.
 */

import { type BatchedCall, maxBatch } from '../api/batch.ts';
import type { BatchAnswer } from '../api/routes.ts';
import { type ErrorCode, FairleadError } from '../ipvs/errors.ts';
import { type Ending, endingOf, exitCode } from './exit-codes.ts';
import { parse, tryHelp, type UsageError } from './parse.ts';
import { callOf, done, endingOfCall, isChange, type RunModules, run } from './run.ts';

export type RestoreModules = RunModules & {
  readonly input: AsyncIterable<string | Uint8Array>;
  /** Takes a piece of standard error. */
  readonly complain: (text: string) => Promise<unknown>;
};

/** How a line ended, and whether it is the last that is read. */
type Outcome = Ending & { readonly last: boolean };

/** After so many lines the socket has its turn: what is under way to the director would wait for all that was read. */
const linesPerTurn = 50;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** What there is to say on standard error has been said when it ends. */
export async function restore({ input, complain, ...modules }: RestoreModules): Promise<Ending> {
  const waiting = createWaiting(modules, complain);
  let outcome: Outcome = { ...done, last: false };
  let count = 0;
  for await (const lines of lineGroups(input)) {
    for (const argv of lines.map(wordsOf)) {
      if (argv.length === 0) continue;
      if (++count % linesPerTurn === 0) await turn();
      const command = await parse(argv, modules.names);
      const call = command.kind !== 'error' && isChange(command) ? callOf(command) : undefined;
      if (call) waiting.add(call);
      if (call && !waiting.isFull()) continue;
      outcome = (await (call ? waiting.spill() : waiting.flush())) ?? outcome;
      if (!call && !outcome.last) {
        outcome = await runLine(command, modules);
        if (outcome.stderr !== '') await complain(outcome.stderr);
      }
      if (outcome.last) return { stderr: '', code: outcome.code };
    }
    // What has been read is made even if nothing more comes, but meanwhile the next lines are read.
    outcome = (await waiting.spill()) ?? outcome;
    if (outcome.last) break;
  }
  outcome = (await waiting.flush()) ?? outcome;
  return { stderr: '', code: outcome.code };
}

/** Changes that wait for each other. How the last of those that were made has ended is answered; nothing if there was none. */
function createWaiting({ connect }: RunModules, complain: RestoreModules['complain']) {
  let calls: BatchedCall[] = [];
  let underWay: Promise<Outcome | undefined> = Promise.resolve(undefined);
  /** Has them made and says what was refused. */
  const send = async (sent: readonly BatchedCall[]): Promise<Outcome> => {
    const endings = await endingsOf(sent, connect).catch((error: unknown) => [endingOf(error)]);
    for (const { stderr } of endings) if (stderr !== '') await complain(stderr);
    return asOutcome(endings.at(-1) ?? done);
  };
  return {
    add: (call: BatchedCall): void => void calls.push(call),
    isFull: (): boolean => calls.length >= maxBatch,
    /** Once those before have been made, has the others made while more is read. */
    async spill(): Promise<Outcome | undefined> {
      const outcome = await underWay;
      const sent = calls;
      calls = [];
      underWay = sent.length === 0 || outcome?.last ? Promise.resolve(outcome) : send(sent);
      return outcome;
    },
    async flush(): Promise<Outcome | undefined> {
      const outcome = await underWay;
      const sent = calls;
      underWay = Promise.resolve(undefined);
      calls = [];
      return sent.length === 0 || outcome?.last ? outcome : await send(sent);
    },
  };
}

async function endingsOf(
  calls: readonly BatchedCall[],
  connect: RunModules['connect'],
): Promise<readonly Ending[]> {
  const answers = await (await connect()).call('batch', { body: calls });
  return calls.map((call, index) => endingOfAnswer(call, answers[index] ?? null));
}

function endingOfAnswer(call: BatchedCall, answer: BatchAnswer): Ending {
  return answer ? endingOfCall(call, new FairleadError(answer.code as ErrorCode, answer.detail)) : done;
}

async function runLine(command: Awaited<ReturnType<typeof parse>>, modules: RunModules): Promise<Outcome> {
  if (command.kind === 'error') return asLine(command);
  if (command.kind === 'restore') return asLine(tryHelp);
  const outcome = asOutcome(await run(command, modules));
  return command.kind === 'help' || command.kind === 'version' ? { ...outcome, last: true } : outcome;
}

function asLine({ message, code, passing }: UsageError): Outcome {
  return { stderr: `${message}\n`, code, last: !passing };
}

function asOutcome(ending: Ending): Outcome {
  return { ...ending, last: ending.code !== exitCode.ok && ending.code !== exitCode.refused };
}

/** There is no quoting. `ipvsadm` may stand anywhere, so that scripts of commands can be fed. */
function wordsOf(line: string): readonly string[] {
  return line.split(/\s+/).filter((word) => word !== '' && word !== 'ipvsadm');
}

/** The lines that have come to their end with each piece that was read. */
async function* lineGroups(input: AsyncIterable<string | Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let begun = '';
  for await (const piece of input) {
    const lines = (
      begun + (typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }))
    ).split('\n');
    begun = lines.pop() ?? '';
    yield lines;
  }
  yield [begun];
}
