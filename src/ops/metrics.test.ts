import { expect, it } from 'vitest';
import { Registry } from './metrics.ts';

it('counts by labels, whatever is written in them', () => {
  const registry = new Registry();
  const counter = registry.counter('x_total', 'Of a\nkind \\ two.');
  counter.add({ what: 'a "b" \\ c\n' });
  counter.add({ what: 'a "b" \\ c\n' }, 2);
  counter.add({ what: 'other' });
  expect(registry.expose()).toBe(
    [
      '# HELP x_total Of a\\nkind \\\\ two.',
      '# TYPE x_total counter',
      'x_total{what="a \\"b\\" \\\\ c\\n"} 3',
      'x_total{what="other"} 1',
      '',
    ].join('\n'),
  );
});

it('puts what is observed into every bucket that it fits', () => {
  const registry = new Registry();
  const histogram = registry.histogram('t_seconds', 'T.', [0.1, 1, 10]);
  for (const value of [0.05, 1, 1.5, 99]) histogram.observe({ phase: 'dhcp' }, value);
  expect(registry.expose().split('\n').slice(2, -1)).toEqual([
    't_seconds_bucket{phase="dhcp",le="0.1"} 1',
    't_seconds_bucket{phase="dhcp",le="1"} 2',
    't_seconds_bucket{phase="dhcp",le="10"} 3',
    't_seconds_bucket{phase="dhcp",le="+Inf"} 4',
    't_seconds_sum{phase="dhcp"} 101.55',
    't_seconds_count{phase="dhcp"} 4',
  ]);
});

it('reads gauges when it is asked', () => {
  const registry = new Registry();
  let value = 1;
  registry.gauge('g', 'G.', () => [{ value }]);
  value = 7;
  expect(registry.expose()).toContain('# TYPE g gauge\ng 7\n');
});

it('keeps no more series than it has room for', () => {
  const registry = new Registry();
  const counter = registry.counter('n_total', 'N.');
  for (let i = 0; i < 10_000; i++) counter.add({ n: String(i) });
  expect(registry.expose().split('\n').length).toBeLessThan(2100);
});
