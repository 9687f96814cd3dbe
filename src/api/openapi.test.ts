import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { errorTable } from '../ipvs/errors.ts';
import { describeApi } from './openapi.ts';
import { routes } from './routes.ts';

const document = JSON.parse(JSON.stringify(describeApi('1.2.3'))) as {
  paths: Record<
    string,
    Record<string, { operationId: string; responses: object; security: object[]; parameters?: object[] }>
  >;
};

describe('the description of the API', () => {
  it('is right by the schema of OpenAPI 3.1, and its references lead somewhere', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
    expect(() => validator.resolveRefs()).not.toThrow();
  });

  it('has every route once, with its method, parameters and role', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId, security }]) => [
        operationId,
        `${method.toUpperCase()} ${path.replace(/\{([a-z]+)\}/g, ':$1')}`,
        security,
      ]),
    );
    const expected = Object.entries(routes).map(([name, { method, path, role }]) => [
      ...[name, `${method} ${path}`, [{ token: [role] }]],
    ]);
    expect(described.sort()).toEqual(expected.sort());
    for (const [path, methods] of Object.entries(document.paths))
      for (const [, name] of path.matchAll(/\{([a-z]+)\}/g))
        for (const { parameters } of Object.values(methods))
          expect(parameters).toContainEqual(expect.objectContaining({ name, in: 'path', required: true }));
  });

  it('knows the statuses of all refusals that the director can give', () => {
    const told = new Set(
      Object.values(document.paths).flatMap((methods) =>
        Object.values(methods).flatMap(({ responses }) => Object.keys(responses).map(Number)),
      ),
    );
    const ofCommands = [501]; // what keeps a director from starting, and real servers, is no answer of the API
    const statuses = new Set(Object.values(errorTable).map(({ status }) => status as number));
    expect([...statuses].filter((status) => !told.has(status) && !ofCommands.includes(status))).toEqual([]);
  });
});
