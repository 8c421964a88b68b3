/** A set of addresses, 256 to a block, in which a free one is found without looking at every address before it. */

/** An IPv4 or IPv6 address as a number; a set holds those of one family. */
export type Address = bigint;

type Block = { readonly bits: Uint32Array; count: number };

const BLOCK = 256n;

export class AddressSet {
  private readonly blocks = new Map<bigint, Block>();

  add(address: Address): void {
    const [block, word, bit] = this.place(address, true);
    if (block === undefined || (block.bits[word]! & bit) !== 0) return;
    block.bits[word]! |= bit;
    block.count++;
  }

  delete(address: Address): void {
    const [block, word, bit] = this.place(address, false);
    if (block === undefined || (block.bits[word]! & bit) === 0) return;
    block.bits[word]! &= ~bit;
    if (--block.count === 0) this.blocks.delete(address / BLOCK);
  }

  has(address: Address): boolean {
    const [block, word, bit] = this.place(address, false);
    return block !== undefined && (block.bits[word]! & bit) !== 0;
  }

  private isFull(block: bigint): boolean {
    return this.blocks.get(block)?.count === Number(BLOCK);
  }

  /** The lowest from `first` to `last` that is in none of the sets and not refused by `isFree`. */
  static firstFree(
    sets: readonly AddressSet[],
    first: Address,
    last: Address,
    isFree: (address: Address) => boolean,
  ): Address | undefined {
    let address = first;
    while (address <= last) {
      const block = address / BLOCK;
      const next = (block + 1n) * BLOCK;
      if (sets.some((set) => set.isFull(block))) address = next;
      for (; address < next && address <= last; address++)
        if (!sets.some((set) => set.has(address)) && isFree(address)) return address;
    }
    return undefined;
  }

  private place(address: Address, make: boolean): readonly [Block | undefined, word: number, bit: number] {
    const key = address / BLOCK;
    let block = this.blocks.get(key);
    if (block === undefined && make) {
      block = { bits: new Uint32Array(8), count: 0 };
      this.blocks.set(key, block);
    }
    const offset = Number(address % BLOCK);
    return [block, offset >>> 5, 1 << (offset & 31)];
  }
}
