/**
 * Checks what clients send against the routes' schemas. A schema is compiled when the first request comes by it:
 * together they would take longer than all the rest of a daemon's start.
 */

import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';

type Compiled = ReturnType<typeof Compile>;
type SchemaError = ReturnType<Compiled['Errors']>[number];

// Of one change among several there are as many alternatives as routes, each with errors of its own.
Settings.Set({ maxErrors: 200 });

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
  // An error of this kind is said better by another one.
  const telling = errors.filter(({ keyword }) => keyword !== 'boolean' && keyword !== 'anyOf');
  // Where a literal differs, such as a route's name, something else was meant, with all that is inside.
  const others = telling.filter(({ keyword }) => keyword === 'const').map(alternativeOf);
  const isMeant = (error: SchemaError): boolean =>
    !others.some((other) => other !== '' && `${error.schemaPath}/`.startsWith(`${other}/`));
  const meant = telling.filter(isMeant);
  const alternatives = new Map<string, SchemaError[]>();
  for (const error of meant.length > 0 ? meant : telling) {
    const alternative = alternativeOf(error);
    alternatives.set(alternative, [...(alternatives.get(alternative) ?? []), error]);
  }
  const [nearest = []] = [...alternatives.values()].sort((one, other) => one.length - other.length);
  return nearest[0] ? `${nearest[0].instancePath} ${nearest[0].message}` : ' does not fit';
}

/** The innermost alternative that an error is of. */
function alternativeOf({ schemaPath }: SchemaError): string {
  return /^.*\/anyOf\/\d+/.exec(schemaPath)?.[0] ?? '';
}
