/** A map that forgets what was not touched for long, so that a storm of MACs cannot fill the memory. */

/**
 * Two generations: when the young one is full, it becomes the old one, and what was old is forgotten. Reading
 * brings an entry back among the young. Between `size` and twice as many entries are kept, each step in O(1)
 * (deleting the first key of a Map again and again is not: V8 walks over the holes).
 */
export class RecentMap<V> {
  private readonly size: number;
  private young = new Map<string, V>();
  private old = new Map<string, V>();

  constructor(size: number) {
    this.size = size;
  }

  get(key: string): V | undefined {
    const value = this.young.get(key);
    if (value !== undefined) return value;
    const aged = this.old.get(key);
    if (aged !== undefined) this.set(key, aged);
    return aged;
  }

  set(key: string, value: V): void {
    if (this.young.size >= this.size) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }
}
