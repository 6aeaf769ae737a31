// Checks the syntax of an expression in the Common Expression Language (https://github.com/google/cel-spec, langdef).
// Names are not looked up, nor are types: Envoy resolves most of them with each request. Functions are a closed list.

/** What is wrong with an expression, and where. */
export interface CelFault {
  readonly message: string;
  readonly at: number;
}

/** The first fault of an expression; undefined where it can be read. */
export function celFault(text: string): CelFault | undefined {
  try {
    new Parser(text).expression();
    return undefined;
  } catch (fault) {
    if (fault instanceof SyntaxFault) return { message: fault.message, at: fault.at };
    throw fault;
  }
}

class SyntaxFault extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

const SKIPPED = /(?:[\t\n\f\r ]|\/\/[^\n]*)*/y;
const ESCAPE = String.raw`\\(?:[abfnrtv\\'"?\x60]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;
/** Strings and bytes: raw or not, with three quotes or one. */
const STRING = [
  String.raw`[bB]?[rR](?:"""[^]*?"""|\x27\x27\x27[^]*?\x27\x27\x27|"[^"\r\n]*"|'[^'\r\n]*')`,
  `[bB]?(?:"""(?:${ESCAPE}|[^\\\\])*?"""|\x27\x27\x27(?:${ESCAPE}|[^\\\\])*?\x27\x27\x27)`,
  `[bB]?(?:"(?:[^"\\\\\\r\\n]|${ESCAPE})*"|'(?:[^'\\\\\\r\\n]|${ESCAPE})*')`,
].join('|');
const TOKEN = new RegExp(
  [
    `(?<string>${STRING})`,
    String.raw`(?<number>0x[0-9a-fA-F]+[uU]?|[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+[uU]?)`,
    '(?<name>[A-Za-z_][A-Za-z0-9_]*)',
    '(?<escaped>`[A-Za-z0-9_.\\-/ ]+`)',
    String.raw`(?<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}])`,
  ].join('|'),
  'y',
);

const RELATIONS = new Set(['<', '<=', '>', '>=', '==', '!=', 'in']);

/** Deeper than this, Envoy's parser gives up in its own way; nothing is said of it. */
const DEEPEST = 200;

/** They cannot stand alone; behind a dot they can. */
const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
/** Names that are no names even behind a dot. */
const LITERALS = new Set(['in', 'true', 'false', 'null']);

/** What Envoy lets expressions call; the last row needs a setting of the extension, or another version. */
const FUNCTIONS = new Set(
  `size contains startsWith endsWith matches int uint double bytes bool duration timestamp type dyn has
  getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours getMilliseconds getMinutes getMonth getSeconds
  extract capture captureN
  string lowerAscii upperAscii replace split join trim indexOf lastIndexOf charAt substring reverse format quote`.split(
    /\s+/,
  ),
);
/** Macros that loop over lists, which Envoy does not allow. */
const LOOPS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

interface Token {
  readonly kind: 'string' | 'number' | 'name' | 'escaped' | 'sign' | 'end' | 'other';
  readonly text: string;
  readonly at: number;
}

/** Thrown for what is too deep to be judged. */
class TooDeep extends Error {}

class Parser {
  private next: Token;
  private depth = 0;

  constructor(private readonly text: string) {
    this.next = this.read(0);
  }

  /** The whole text. */
  expression(): void {
    try {
      this.conditional();
      if (this.next.kind !== 'end') this.refuse();
    } catch (fault) {
      if (!(fault instanceof TooDeep)) throw fault;
    }
  }

  private conditional(): void {
    if (++this.depth > DEEPEST) throw new TooDeep();
    this.binary();
    if (this.take('?')) {
      this.binary();
      this.expect(':');
      this.conditional();
    }
    this.depth--;
  }

  /** Operands between `||`, `&&`, relations and arithmetic: what binds tighter matters not to what can be read. */
  private binary(): void {
    this.unary();
    for (;;) {
      const { kind, text } = this.next;
      const isOperator =
        (kind === 'sign' && ['||', '&&', '+', '-', '*', '/', '%'].includes(text)) ||
        (kind !== 'string' && RELATIONS.has(text));
      if (!isOperator) return;
      this.advance();
      this.unary();
    }
  }

  private unary(): void {
    const sign = this.next.text;
    if (this.next.kind === 'sign' && (sign === '!' || sign === '-')) while (this.take(sign));
    // The sign of a number is part of it.
    if (sign === '!' && this.take('-') && this.next.kind !== 'number') this.refuse();
    this.primary();
    this.members();
  }

  /** Fields, items and calls behind a value. */
  private members(): void {
    for (;;) {
      if (this.take('.')) {
        this.take('?');
        const { kind, text } = this.next;
        if ((kind !== 'name' && kind !== 'escaped') || LITERALS.has(text)) this.refuse();
        const name = this.next;
        this.advance();
        if (this.take('(')) this.call(name);
      } else if (this.take('[')) {
        this.take('?');
        this.conditional();
        this.expect(']');
      } else if (this.take('{')) this.entries();
      else return;
    }
  }

  private primary(): void {
    const { kind, text } = this.next;
    if (kind === 'string' || kind === 'number') this.advance();
    else if (kind === 'name' && text !== 'in') {
      if (RESERVED.has(text)) this.refuse();
      const name = this.next;
      this.advance();
      if (this.take('(')) this.call(name);
    } else if (this.take('.')) {
      if (this.next.kind !== 'name') this.refuse();
      this.primary();
    } else if (this.take('(')) {
      this.conditional();
      this.expect(')');
    } else if (this.take('[')) {
      if (this.take(',')) this.expect(']');
      else this.items();
    } else if (this.take('{')) {
      if (this.take(',')) this.expect('}');
      else this.entries();
    } else this.refuse();
  }

  /** The arguments of a call. */
  private call(name: Token): void {
    if (LOOPS.has(name.text))
      throw new SyntaxFault(`${name.text}() loops, which Envoy does not allow`, name.at);
    if (!FUNCTIONS.has(name.text))
      throw new SyntaxFault(`the function at character ${name.at + 1} is not one that Envoy has`, name.at);
    if (this.take(')')) return;
    do this.conditional();
    while (this.take(','));
    this.expect(')');
  }

  private items(): void {
    while (!this.take(']')) {
      this.take('?');
      this.conditional();
      if (this.take(',')) continue;
      this.expect(']');
      return;
    }
  }

  private entries(): void {
    while (!this.take('}')) {
      this.take('?');
      if (this.next.kind === 'escaped') this.advance();
      else this.conditional();
      this.expect(':');
      this.conditional();
      if (this.take(',')) continue;
      this.expect('}');
      return;
    }
  }

  private take(sign: string): boolean {
    if (this.next.kind !== 'sign' || this.next.text !== sign) return false;
    this.advance();
    return true;
  }

  private expect(sign: string): void {
    if (!this.take(sign)) this.refuse();
  }

  private advance(): void {
    this.next = this.read(this.next.at + this.next.text.length);
  }

  private read(from: number): Token {
    SKIPPED.lastIndex = from;
    SKIPPED.exec(this.text);
    const at = SKIPPED.lastIndex;
    if (at >= this.text.length) return { kind: 'end', text: '', at };
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(this.text)?.groups ?? {};
    const [kind, text] = Object.entries(groups).find(([, found]) => found !== undefined) ?? [];
    return kind === undefined
      ? { kind: 'other', text: this.text.charAt(at), at }
      : { kind: kind as Token['kind'], text: text as string, at };
  }

  private refuse(): never {
    const { kind, at } = this.next;
    const where = kind === 'end' ? 'ends too early' : `cannot be read at character ${at + 1}`;
    throw new SyntaxFault(`the expression ${where}`, at);
  }
}
