/**
 * Checks what clients send against the routes' schemas. A schema is compiled when the first request comes by it:
 * together they would take longer than all the rest of a daemon's start.
 */

import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

type Compiled = ReturnType<typeof Compile>;
type SchemaError = ReturnType<Compiled['Errors']>[number];

/** What fastify asks for, once for each schema: a function that takes what came. Nothing is made to fit. */
export function validatorOf({ schema, httpPart = '' }: { schema: unknown; httpPart?: string | undefined }) {
  let compiled: Compiled | undefined;
  return (value: unknown): { readonly error: Error } | { readonly value: unknown } => {
    compiled ??= Compile(schema as TSchema);
    if (compiled.Check(value)) return { value };
    return { error: new Error(`${httpPart}${sentence(compiled.Errors(value))}`) };
  };
}

/** `/port must be <= 65535`: of alternatives, what keeps the nearest one from fitting. */
function sentence(errors: readonly SchemaError[]): string {
  const alternatives = new Map<string, SchemaError[]>();
  for (const error of errors) {
    if (error.keyword === 'boolean' || error.keyword === 'anyOf') continue; // another one says it better
    const alternative = /^.*?\/anyOf\/\d+/.exec(error.schemaPath)?.[0] ?? '';
    alternatives.set(alternative, [...(alternatives.get(alternative) ?? []), error]);
  }
  const [nearest = []] = [...alternatives.values()].sort((one, other) => one.length - other.length);
  return nearest[0] ? `${nearest[0].instancePath} ${nearest[0].message}` : ' does not fit';
}
