/** A state table as it is printed in books: a column for each state, a row for each event. */

export type StateTable<Event extends string, State extends string> = Readonly<
  Record<Event, Readonly<Record<State, State>>>
>;

/** `abbreviations` are the states in words of their own, by which the table names them. */
export function stateTable<Event extends string, State extends string>(
  abbreviations: Readonly<Record<string, State>>,
  text: string,
): StateTable<Event, State> {
  const [columns = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/));
  const stateOf = (word = ''): State => {
    const state = abbreviations[word];
    if (state === undefined) throw new Error(`no state ${word}`);
    return state;
  };
  const table = rows.map(([event = '', ...states]) => [
    event,
    Object.fromEntries(columns.map((column, index) => [stateOf(column), stateOf(states[index])])),
  ]);
  return Object.fromEntries(table) as StateTable<Event, State>;
}
