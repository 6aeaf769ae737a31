// So many things at a time, the others in the order in which they came.

/** Runs functions, a limited number of them at a time. */
export class Limit {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  /** Whether something runs. */
  get isBusy(): boolean {
    return this.running > 0;
  }

  /** Runs a function when it is its turn, and gives its result. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.most) await new Promise<void>((turn) => this.waiting.push(turn));
    else this.running++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
