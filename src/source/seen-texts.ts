// Which texts were seen before. Parts of a configuration tend to be written as their neighbours are, and to
// compare two texts takes less than to look one up.

/** Texts that were seen. */
export class SeenTexts {
  private readonly texts = new Set<string>();
  private last: string | undefined;

  /** Whether a text was seen before; from now on it was. */
  see(text: string): boolean {
    if (text === this.last) return true;
    this.last = text;
    return this.texts.has(text) || !this.texts.add(text);
  }
}
