import { describe, expect, it } from 'vitest';
import { FairleadError } from '../ipvs/errors.ts';
import { errorLine } from './failure.ts';

describe('what a failed command says', () => {
  it('is how to replace a daemon that does not know what it is asked', () => {
    expect(errorLine(new FairleadError('ROUTE_NOT_FOUND', 'GET /v1/health/summary'))).toBe(
      'the daemon here is of another version, without GET /v1/health/summary: `fairlead upgrade` replaces it',
    );
  });

  it('is the line of the table with its detail, and of a fault of ours where it happened', () => {
    expect(errorLine(new FairleadError('SERVICE_NOT_FOUND', 'web'))).toBe('No such service: web');
    expect(errorLine(new TypeError('x is not a function'))).toMatch(/^TypeError: x is not a function\n +at /);
  });
});
