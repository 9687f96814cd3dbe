/** Keys in what a terminal sends: characters as they are, others by name. Pure. */

const names: Readonly<Record<string, string>> = {
  '\u0003': 'ctrl-c',
  '\u001a': 'ctrl-z',
  '\u001b': 'escape',
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\u001bOA': 'up',
  '\u001bOB': 'down',
  '\u001b[C': 'enter',
  '\u001b[D': 'enter',
  '\u001b[5~': 'page-up',
  '\u001b[6~': 'page-down',
  '\u001b[H': 'home',
  '\u001b[F': 'end',
  '\u001b[1~': 'home',
  '\u001b[4~': 'end',
};

/** The keys in one piece of input. Sequences that nobody knows are left out, as are control characters. */
export function keysIn(input: string): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what keys are made of
  const sequences = input.match(/\u001b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])|[\s\S]/gu) ?? [];
  return sequences.flatMap((sequence) => {
    const name = names[sequence];
    if (name !== undefined) return name;
    return sequence.length === 1 && sequence >= ' ' ? sequence : [];
  });
}
