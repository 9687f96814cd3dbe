/** What the engine has said, line by line. Pure. */

const outcomes = [
  // of steps that are done
  'did',
  'held',
  // of steps that are looked at
  'missing',
  // of steps that are taken back: by leave, or after a failure
  'undid',
  'left',
  'back',
  'stuck',
  // of a run
  'failed',
  'absent',
  'about',
] as const;
export type Outcome = (typeof outcomes)[number];

export type Line = {
  readonly outcome: Outcome;
  /** The key of a step, or a sentence. */
  readonly what: string;
  readonly detail?: string;
};

/** Lines that are none of the engine's are left out. */
export function readReport(text: string): readonly Line[] {
  return text.split('\n').flatMap((line) => {
    const [word, what, ...details] = line.split('\t');
    const outcome = outcomes.find((known) => known === word);
    if (outcome === undefined || what === undefined) return [];
    const detail = details.join(' ').trim();
    return [{ outcome, what, ...(detail !== '' && { detail }) }];
  });
}
