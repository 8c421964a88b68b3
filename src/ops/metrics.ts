/** Counters, gauges and histograms, and Prometheus' text format of them (exposition format 0.0.4). */

export type Labels = Readonly<Record<string, string>>;
export type Sample = { readonly labels?: Labels; readonly value: number };

type Family = {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly lines: () => Iterable<string>;
};

export type Counter = { add(labels: Labels, by?: number): void };
export type Histogram = { observe(labels: Labels, value: number): void };

/** Sets of labels of one metric; more would be a value that has no bounds, and the memory of whoever scrapes. */
const MAX_SERIES = 2000;

export class Registry {
  readonly #families: Family[] = [];

  /** `name` ends in `_total`. */
  counter(name: string, help: string): Counter {
    const series = new Series(() => ({ value: 0 }));
    this.#families.push({
      name,
      help,
      type: 'counter',
      lines: () => series.lines((labels, { value }) => [line(name, labels, value)]),
    });
    return {
      add(labels, by = 1) {
        const found = series.of(labels);
        if (found !== undefined) found.value += by;
      },
    };
  }

  /** `read` is called at every scrape. */
  gauge(
    name: string,
    help: string,
    read: () => readonly Sample[],
    type: 'gauge' | 'counter' = 'gauge',
  ): void {
    const lines = () => read().map(({ labels = {}, value }) => line(name, labels, value));
    this.#families.push({ name, help, type, lines });
  }

  /** `bounds`: upper ends of the buckets, rising; +Inf is added. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const series = new Series(() => ({ counts: bounds.map(() => 0), count: 0, sum: 0 }));
    const told = (
      labels: Labels,
      { counts, count, sum }: { counts: number[]; count: number; sum: number },
    ) => [
      ...bounds.map((le, i) => line(`${name}_bucket`, { ...labels, le: String(le) }, counts[i]!)),
      line(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
      line(`${name}_sum`, labels, sum),
      line(`${name}_count`, labels, count),
    ];
    this.#families.push({ name, help, type: 'histogram', lines: () => series.lines(told) });
    return {
      observe(labels, value) {
        const found = series.of(labels);
        if (found === undefined) return;
        // Buckets count everything below them.
        for (let i = bounds.length - 1; i >= 0 && value <= bounds[i]!; i--) found.counts[i]!++;
        found.count++;
        found.sum += value;
      },
    };
  }

  /** Everything, in the order in which it was registered. */
  expose(): string {
    const lines: string[] = [];
    for (const { name, help, type, lines: told } of this.#families) {
      lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`);
      lines.push(`# TYPE ${name} ${type}`, ...told());
    }
    return `${lines.join('\n')}\n`;
  }
}

/** The values of one metric by their labels. */
class Series<T> {
  readonly #make: () => T;
  readonly #values = new Map<string, { readonly labels: Labels; readonly value: T }>();

  constructor(make: () => T) {
    this.#make = make;
  }

  of(labels: Labels): T | undefined {
    const key = Object.values(labels).join('\0');
    let found = this.#values.get(key);
    if (found === undefined) {
      if (this.#values.size >= MAX_SERIES) return undefined;
      this.#values.set(key, (found = { labels, value: this.#make() }));
    }
    return found.value;
  }

  *lines(told: (labels: Labels, value: T) => readonly string[]): Iterable<string> {
    for (const { labels, value } of this.#values.values()) yield* told(labels, value);
  }
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
