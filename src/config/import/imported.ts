/** What importers make: a configuration, and what they could not take over. */

import type { FileEntry } from '../schema/file.ts';

export type Note = { readonly line: number; readonly message: string };

export type Imported = {
  readonly file: FileEntry;
  /** In the order of the text. */
  readonly notes: readonly Note[];
};

/** Says what is not taken over. */
export type Say = (line: number, message: string) => void;

/** A list of notes and what fills it; the same is said once. */
export function createNotes(): { readonly say: Say; readonly notes: () => readonly Note[] } {
  const notes: Note[] = [];
  return {
    say: (line, message) => {
      if (!notes.some((note) => note.message === message && note.line === line))
        notes.push({ line, message });
    },
    notes: () => [...notes].sort((a, b) => a.line - b.line),
  };
}
