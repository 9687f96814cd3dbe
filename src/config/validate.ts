/**
 * Whether a value has the shape that a schema asks for. A small part of JSON Schema, as much as schema/ uses, because
 * what is wrong must be said in its own place and in words that mend it, which general validators do not.
 */

import { type Path, type Problem, quoted } from './problem.ts';
import { didYouMean } from './suggest.ts';

/** What is read of a schema; typebox's objects are such. */
export type Schema = {
  readonly type?: string;
  readonly title?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[] | undefined;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly maxLength?: number;
};

type Problems = readonly Problem[];
const none: Problems = [];

/** Everything that does not fit. */
export function validate(schema: Schema, value: unknown, path: Path = []): Problems {
  if (schema.anyOf) return validateUnion(schema, schema.anyOf, value, path);
  const isRight = schema.const === undefined ? hasType(schema.type, value) : schema.const === value;
  if (!isRight) return [wrong(schema, value, path)];
  if (typeof value === 'number') return validateNumber(schema, value, path);
  if (typeof value === 'string') return validateString(schema, value, path);
  if (Array.isArray(value)) return validateArray(schema, value, path);
  return isMapping(value) ? validateMapping(schema, value, path) : none;
}

/** Alternatives are told apart by type, or are words of which one is meant. */
function validateUnion(
  schema: Schema,
  alternatives: readonly Schema[],
  value: unknown,
  path: Path,
): Problems {
  const words = alternatives.map((each) => each.const);
  if (words.every((word) => word !== undefined)) {
    if (words.some((word) => word === value)) return none;
    return [
      { path, message: `${quoted(value)} is not ${wanted(schema)}${choice(value, words.map(String))}` },
    ];
  }
  const fitting = alternatives.find((each) => hasType(each.type, value));
  if (!fitting) return [wrong(schema, value, path)];
  const isTitled = fitting.title !== undefined || schema.title === undefined;
  return validate(isTitled ? fitting : { ...fitting, title: schema.title }, value, path);
}

function choice(value: unknown, words: readonly string[]): string {
  const hint = typeof value === 'string' ? didYouMean(value, words) : '';
  return words.length > 8 && hint !== '' ? hint : ` (${words.join(', ')})${hint}`;
}

function validateNumber(schema: Schema, value: number, path: Path): Problems {
  const { minimum = value, maximum = value } = schema;
  if (value < minimum)
    return [{ path, message: `${value} is too small for ${wanted(schema)}: it is at least ${minimum}` }];
  if (value > maximum)
    return [{ path, message: `${value} is too large for ${wanted(schema)}: it is at most ${maximum}` }];
  return none;
}

function validateString(schema: Schema, value: string, path: Path): Problems {
  const { pattern, maxLength = value.length } = schema;
  const fits = pattern === undefined || expressionOf(pattern).test(value);
  return fits && value.length <= maxLength ? none : [wrong(schema, value, path)];
}

function validateArray(schema: Schema, value: readonly unknown[], path: Path): Problems {
  const { items, minItems = 0 } = schema;
  if (value.length < minItems) return [{ path, message: `an empty list is not ${wanted(schema)}` }];
  return items ? value.flatMap((each, index) => validate(items, each, [...path, index])) : none;
}

function validateMapping(schema: Schema, value: Readonly<Record<string, unknown>>, path: Path): Problems {
  const known = Object.entries(value).flatMap(([key, each]): Problems => {
    const here = [...path, key];
    const child = schemaOfKey(schema, key);
    return child
      ? validate(child, each, here)
      : [{ path: here, atKey: true, message: unknownKey(key, schema) }];
  });
  const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(value, key));
  return [
    ...known,
    ...missing.map((key) => ({ path, message: `\`${key}\` is missing in ${wanted(schema)}` })),
  ];
}

function schemaOfKey({ properties = {}, patternProperties = {} }: Schema, key: string): Schema | undefined {
  if (Object.hasOwn(properties, key)) return properties[key];
  return Object.entries(patternProperties).find(([pattern]) => expressionOf(pattern).test(key))?.[1];
}

function unknownKey(key: string, { properties, title = '' }: Schema): string {
  if (!properties) return `\`${key}\` is no key for ${title}`;
  const keys = Object.keys(properties);
  const hint = didYouMean(key, keys);
  return `unknown key \`${key}\`${hint === '' ? `: there are ${keys.join(', ')}` : hint}`;
}

function wrong(schema: Schema, value: unknown, path: Path): Problem {
  if (value === null) return { path, message: `a value is missing: ${wanted(schema)}` };
  return { path, message: `${quoted(value)} is not ${wanted(schema)}${hintFor(schema, value)}` };
}

function hintFor({ type }: Schema, value: unknown): string {
  if (type === 'integer' && typeof value === 'number') return ': it is a whole number';
  return type === 'array' && typeof value === 'string' ? `: write [${value}]` : '';
}

function wanted({ title, type }: Schema): string {
  return title ?? `a value of type ${type ?? 'null'}`;
}

const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern) ?? new RegExp(pattern);
  expressions.set(pattern, known);
  return known;
}

function hasType(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isMapping(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
