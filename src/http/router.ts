/** Finds the route of a path. The first that fits wins, so list the particular before the general. */

import type { Params, Route } from './answer.ts';
import type { Method } from './request.ts';

export type Match =
  | { readonly kind: 'found'; readonly route: Route; readonly params: Params }
  | { readonly kind: 'wrong-method'; readonly allowed: readonly Method[] }
  | { readonly kind: 'nothing' };

type Compiled = { readonly route: Route; readonly parts: readonly string[] };

function bind(parts: readonly string[], segments: readonly string[]): Params | undefined {
  const params: Record<string, string> = Object.create(null);
  for (const [index, part] of parts.entries()) {
    if (part === '*') {
      if (index >= segments.length) return undefined;
      params['*'] = segments.slice(index).join('/');
      return params;
    }
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return parts.length === segments.length ? params : undefined;
}

export function router(routes: readonly Route[]): (method: string, segments: readonly string[]) => Match {
  const compiled: readonly Compiled[] = routes.map((route) => ({
    route,
    parts: route.pattern.split('/').filter((part) => part !== ''),
  }));
  return (method, segments) => {
    const allowed = new Set<Method>();
    for (const { route, parts } of compiled) {
      const params = bind(parts, segments);
      if (params === undefined) continue;
      if (route.methods.includes(method as Method)) return { kind: 'found', route, params };
      for (const other of route.methods) allowed.add(other);
    }
    return allowed.size === 0 ? { kind: 'nothing' } : { kind: 'wrong-method', allowed: [...allowed] };
  };
}
