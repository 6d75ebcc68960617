/** The last bytes of what a program prints, however much that is. */
export class OutputTail {
  readonly #most: number;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  readonly add = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > 2 * this.#most) this.#cut();
  };

  get text(): string {
    this.#cut();
    return Buffer.concat(this.#chunks).toString();
  }

  /** A copy: a slice would keep all that it was cut from. */
  #cut(): void {
    const last = Buffer.from(Buffer.concat(this.#chunks).subarray(-this.#most));
    this.#chunks = [last];
    this.#bytes = last.length;
  }
}
