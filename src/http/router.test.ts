import { describe, expect, it } from 'vitest';
import type { Answer, Route } from './answer.ts';
import { router } from './router.ts';

const handle = async (): Promise<Answer> => ({ kind: 'empty', status: 200 });
const route = (pattern: string, ...methods: Route['methods']): Route => ({ pattern, methods, handle });
const built = route('/unattended/built', 'POST');
const kind = route('/unattended/:kind', 'GET', 'HEAD');
const media = route('/media/:medium/*', 'GET');
const match = router([built, kind, media]);
const at = (method: string, path: string) => match(method, path.split('/').filter(Boolean));

describe('router', () => {
  it('binds parameters and the rest', () => {
    expect(at('GET', '/unattended/iPXE')).toEqual({ kind: 'found', route: kind, params: { kind: 'iPXE' } });
    expect(at('GET', '/media/debian/a/b')).toEqual({
      kind: 'found',
      route: media,
      params: { medium: 'debian', '*': 'a/b' },
    });
  });

  it('takes the first route that has the method', () => {
    expect(at('POST', '/unattended/built')).toMatchObject({ route: built });
    expect(at('GET', '/unattended/built')).toMatchObject({ route: kind, params: { kind: 'built' } });
  });

  it('tells a wrong method from an unknown path', () => {
    expect(at('DELETE', '/unattended/built')).toEqual({
      kind: 'wrong-method',
      allowed: ['POST', 'GET', 'HEAD'],
    });
    for (const path of ['/', '/unattended', '/unattended/a/b', '/media/debian', '/other']) {
      expect(at('GET', path)).toEqual({ kind: 'nothing' });
    }
  });

  it('binds names that objects have by birth', () => {
    const odd = router([route('/:__proto__/:constructor', 'GET')]);
    expect(odd('GET', ['a', 'b'])).toMatchObject({ kind: 'found', params: { constructor: 'b' } });
  });
});
