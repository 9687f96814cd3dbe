import { describe, expect, it } from 'vitest';
import { routePath, routes } from './routes.ts';

describe('a path', () => {
  it('gets its parameters, percent-encoded', () => {
    const { path } = routes.editDestination;
    expect(routePath(path, { service: 'tcp:10.0.0.1:80', destination: '10.0.0.11:80' })).toBe(
      '/v1/services/tcp%3A10.0.0.1%3A80/destinations/10.0.0.11%3A80',
    );
  });

  it('cannot be left by a parameter', () => {
    const path = routePath(routes.setHookMode.path, { interface: '../data-plane?x=1#y' });
    expect(path).toBe('/v1/interfaces/..%2Fdata-plane%3Fx%3D1%23y');
  });

  it('without parameters is what it was', () => {
    expect(routePath(routes.zeroAll.path, undefined)).toBe('/v1/zero');
  });

  it('has its query behind a question mark, without what is not given', () => {
    expect(routePath('/metrics', undefined, { 'a[]': 'x y&z', b: undefined })).toBe('/metrics?a[]=x%20y%26z');
    expect(routePath('/metrics', undefined, { b: undefined })).toBe('/metrics');
    expect(routePath('/metrics', undefined, { 'a[]': ['x', 'y'] })).toBe('/metrics?a[]=x&a[]=y');
  });

  it('takes a parameter as it is, even where it looks like another one', () => {
    expect(routePath('/a/:one/:two', { one: ':two', two: '$&' })).toBe('/a/%3Atwo/%24%26');
  });
});

describe('the table', () => {
  const rows = Object.values(routes);

  it('has one row for each method and path', () => {
    const keys = rows.map(({ method, path }) => `${method} ${path.replace(/:[a-z]+/g, ':')}`);
    expect(new Set(keys).size).toBe(rows.length);
  });

  it('holds versioned paths, but for those where other programs look without being told', () => {
    const others = rows.filter(({ path }) => !/^\/v1(\/:?[a-z-]+)+(\.json)?$/.test(path));
    expect(others.map(({ path }) => path)).toEqual(['/metrics', '/healthz']);
  });
});
