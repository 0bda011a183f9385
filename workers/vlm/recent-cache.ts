/**
 * The most recently used values up to a number of bytes. The newest always stays, even when it is
 * larger than the limit by itself: it is in use.
 */

interface Entry<Key, Value> {
  readonly key: Key;
  readonly value: Value;
  readonly sizeBytes: number;
}

export class RecentCache<Key, Value> {
  /** Least recently used first. */
  private entries: Entry<Key, Value>[] = [];

  /**
   * @param isSame compares a key asked for with a stored one
   * @param onEvict called with each value that has to go
   */
  constructor(
    private readonly limitBytes: number,
    private readonly isSame: (asked: Key, stored: Key) => boolean,
    private readonly onEvict: (value: Value) => void = () => undefined,
  ) {}

  get sizeBytes(): number {
    return this.entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  get(key: Key): Value | null {
    const entry = this.entries.find((stored) => this.isSame(key, stored.key));
    if (!entry) return null;
    this.entries = [...this.entries.filter((other) => other !== entry), entry];
    return entry.value;
  }

  add(key: Key, value: Value, sizeBytes: number): void {
    this.entries.push({ key, value, sizeBytes });
    while (this.entries.length > 1 && this.sizeBytes > this.limitBytes) {
      const [oldest] = this.entries.splice(0, 1);
      if (oldest) this.onEvict(oldest.value);
    }
  }

  /** Forgets all without `onEvict`: for when what holds the values is gone as a whole. */
  forget(): void {
    this.entries = [];
  }
}
