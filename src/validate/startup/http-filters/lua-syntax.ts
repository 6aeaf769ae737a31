// Checks the syntax of Lua as LuaJIT 2.1 reads it, with what it takes from Lua 5.2: that is what Envoy is built with.
// What only running the script shows, such as unknown functions, is not looked at.

/** What is wrong with a script, in a sentence without a full stop, and in which of its lines. */
export interface LuaFault {
  readonly message: string;
  readonly line: number;
}

/** The first fault of a script; undefined where LuaJIT loads it, or where it nests too deeply to be judged. */
export function luaFault(script: string): LuaFault | undefined {
  // Compiled scripts begin with an escape character.
  if (script.startsWith('\x1b')) return undefined;
  try {
    new Parser(script).chunk();
    return undefined;
  } catch (fault) {
    if (fault instanceof SyntaxFault) return { message: fault.message, line: lineAt(script, fault.at) };
    if (fault instanceof TooDeep) return undefined;
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

class TooDeep extends Error {}

/** LuaJIT's own bound is at 200 levels. */
const DEEPEST = 150;

const KEYWORDS = new Set(
  `and break do else elseif end false for function goto if in local nil not or repeat return then true until
  while`.split(/\s+/),
);
const BLOCK_ENDS = new Set(['else', 'elseif', 'end', 'until']);
const BINARY = new Set('+ - * / % ^ .. == ~= < <= > >= and or'.split(' '));

const NAME = /[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*/y;
const NUMBER = /\.?[0-9](?:[eEpP][+-]|[0-9A-Za-z_.\x80-\uffff])*/y;
const NUMBER_FORM =
  /^(?:0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?[0-9]+)?|0b[01]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)(?:i|u?ll)?$/i;
const SIGN = /\.\.\.|\.\.|==|~=|<=|>=|::|[-+*/%^#<>=(){}[\];:,.]/y;
const LONG_OPEN = /\[(=*)\[/y;
const ESCAPE =
  /\\(?:[abfnrtv\\'"\n\r]|x[0-9a-fA-F]{2}|z[ \t\n\r\f\v]*|u\{[0-9a-fA-F]+\}|(?:[01][0-9]{2}|2[0-4][0-9]|25[0-5]|[0-9]{1,2}(?![0-9])))/y;

interface Token {
  readonly kind: 'name' | 'keyword' | 'number' | 'string' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/** A function that is being read. */
interface Scope {
  readonly variadic: boolean;
  readonly labels: Set<string>;
  readonly gotos: { readonly name: string; readonly at: number }[];
}

/** What an expression may be used for. */
type Use = 'variable' | 'call' | 'value';

class Parser {
  private position = 0;
  private next: Token;
  private depth = 0;
  private loops = 0;
  private scope: Scope = { variadic: true, labels: new Set(), gotos: [] };

  constructor(private readonly text: string) {
    // The line of a shell is passed over.
    if (text.startsWith('#')) this.position = endOfLine(text, 0);
    this.next = this.read();
  }

  chunk(): void {
    this.block();
    if (this.next.kind !== 'end') this.refuse('the end of the script');
    this.closeScope();
  }

  private block(): void {
    if (++this.depth > DEEPEST) throw new TooDeep();
    const labels = new Set<string>();
    while (this.next.kind !== 'end' && !(this.next.kind === 'keyword' && BLOCK_ENDS.has(this.next.text))) {
      if (this.take('return')) {
        if (!this.isBlockEnd() && !this.isSign(';')) this.expressions();
        this.take(';');
        break;
      }
      this.statement(labels);
    }
    this.depth--;
  }

  private isBlockEnd(): boolean {
    return this.next.kind === 'end' || (this.next.kind === 'keyword' && BLOCK_ENDS.has(this.next.text));
  }

  private statement(labels: Set<string>): void {
    const { text, at, kind } = this.next;
    if (this.take(';')) return;
    if (this.take('::')) this.label(labels);
    else if (kind !== 'keyword') this.assignment();
    else if (this.take('if')) this.branches();
    else if (this.take('while')) {
      this.expression();
      this.expect('do');
      this.loop('end');
    } else if (this.take('do')) {
      this.block();
      this.expect('end');
    } else if (this.take('for')) this.forLoop();
    else if (this.take('repeat')) {
      this.loop('until');
      this.expression();
    } else if (this.take('function')) {
      this.name();
      while (this.take('.')) this.name();
      if (this.take(':')) this.name();
      this.body();
    } else if (this.take('local')) {
      if (this.take('function')) {
        this.name();
        this.body();
      } else {
        this.names();
        if (this.take('=')) this.expressions();
      }
    } else if (this.take('break')) {
      if (this.loops === 0) throw new SyntaxFault('break is outside of a loop', at);
    } else if (this.take('goto')) this.scope.gotos.push({ name: this.name(), at });
    else this.refuse(`a statement, not ${text}`);
  }

  private label(labels: Set<string>): void {
    const { at } = this.next;
    const name = this.name();
    if (labels.has(name)) throw new SyntaxFault('two labels of a block have the same name', at);
    labels.add(name);
    this.scope.labels.add(name);
    this.expect('::');
  }

  private branches(): void {
    this.expression();
    this.expect('then');
    this.block();
    if (this.take('elseif')) {
      this.branches();
      return;
    }
    if (this.take('else')) this.block();
    this.expect('end');
  }

  private forLoop(): void {
    this.name();
    if (this.take('=')) {
      this.expression();
      this.expect(',');
      this.expression();
      if (this.take(',')) this.expression();
    } else {
      while (this.take(',')) this.name();
      this.expect('in');
      this.expressions();
    }
    this.expect('do');
    this.loop('end');
  }

  private loop(end: string): void {
    this.loops++;
    this.block();
    this.loops--;
    this.expect(end);
  }

  /** Variables with their values, or a call. */
  private assignment(): void {
    let use = this.suffixed();
    if (use === 'call' && !this.isSign('=') && !this.isSign(',')) return;
    while (use === 'variable' && this.take(',')) use = this.suffixed();
    if (use !== 'variable') this.refuse('a variable before =');
    this.expect('=');
    this.expressions();
  }

  private suffixed(): Use {
    let use: Use = 'variable';
    if (this.take('(')) {
      this.expression();
      this.expect(')');
      use = 'value';
    } else this.name('an expression');
    for (;;) {
      if (this.take('.')) {
        this.name();
        use = 'variable';
      } else if (this.take('[')) {
        this.expression();
        this.expect(']');
        use = 'variable';
      } else if (this.take(':')) {
        this.name();
        if (!this.args()) this.refuse('arguments');
        use = 'call';
      } else if (this.args()) use = 'call';
      else return use;
    }
  }

  /** The arguments of a call, if there are any. */
  private args(): boolean {
    if (this.next.kind === 'string') this.advance();
    else if (this.isSign('{')) this.table();
    else if (this.take('(')) {
      if (this.take(')')) return true;
      this.expressions();
      this.expect(')');
    } else return false;
    return true;
  }

  private expressions(): void {
    do this.expression();
    while (this.take(','));
  }

  private expression(): void {
    if (++this.depth > DEEPEST) throw new TooDeep();
    do {
      while (this.take('not') || this.take('-') || this.take('#'));
      this.operand();
    } while (this.takeBinary());
    this.depth--;
  }

  private operand(): void {
    const { kind, at } = this.next;
    if (kind === 'number' || kind === 'string') this.advance();
    else if (this.take('nil') || this.take('true') || this.take('false')) return;
    else if (this.take('...')) {
      if (!this.scope.variadic) throw new SyntaxFault('... is in a function that does not have it', at);
    } else if (this.isSign('{')) this.table();
    else if (this.take('function')) this.body();
    else this.suffixed();
  }

  private table(): void {
    this.expect('{');
    while (!this.take('}')) {
      if (this.take('[')) {
        this.expression();
        this.expect(']');
        this.expect('=');
        this.expression();
      } else {
        const isField = this.next.kind === 'name' && this.isFollowedByEquals();
        if (isField) {
          this.advance();
          this.expect('=');
        }
        this.expression();
      }
      if (this.take(',') || this.take(';')) continue;
      this.expect('}');
      return;
    }
  }

  private isFollowedByEquals(): boolean {
    const { position } = this;
    const { kind, text } = this.read();
    this.position = position;
    return kind === 'sign' && text === '=';
  }

  /** Parameters and statements of a function. */
  private body(): void {
    const { scope: outer, loops } = this;
    this.expect('(');
    let variadic = false;
    if (!this.take(')')) {
      do {
        variadic = this.take('...');
        if (!variadic) this.name();
      } while (!variadic && this.take(','));
      this.expect(')');
    }
    this.scope = { variadic, labels: new Set(), gotos: [] };
    this.loops = 0;
    this.block();
    this.expect('end');
    this.closeScope();
    this.scope = outer;
    this.loops = loops;
  }

  private closeScope(): void {
    const { labels, gotos } = this.scope;
    const lost = gotos.find(({ name }) => !labels.has(name));
    if (lost !== undefined) throw new SyntaxFault('goto names a label that is not there', lost.at);
  }

  private names(): void {
    do this.name();
    while (this.take(','));
  }

  private name(expected = 'a name'): string {
    const { kind, text } = this.next;
    if (kind !== 'name') this.refuse(expected);
    this.advance();
    return text;
  }

  private isSign(text: string): boolean {
    return this.next.kind === 'sign' && this.next.text === text;
  }

  /** Passes over a sign or a keyword, if it comes next. */
  private take(text: string): boolean {
    const { kind } = this.next;
    if ((kind !== 'sign' && kind !== 'keyword') || this.next.text !== text) return false;
    this.advance();
    return true;
  }

  private takeBinary(): boolean {
    const { kind, text } = this.next;
    return (kind === 'sign' || kind === 'keyword') && BINARY.has(text) && this.take(text);
  }

  private expect(text: string): void {
    if (!this.take(text)) this.refuse(text);
  }

  private refuse(expected: string): never {
    throw new SyntaxFault(`expected ${expected}`, this.next.at);
  }

  private advance(): void {
    this.next = this.read();
  }

  private read(): Token {
    this.skip();
    const at = this.position;
    if (at >= this.text.length) return { kind: 'end', text: '', at };
    const name = this.match(NAME);
    if (name !== undefined) return { kind: KEYWORDS.has(name) ? 'keyword' : 'name', text: name, at };
    const number = this.match(NUMBER);
    if (number !== undefined) {
      if (!NUMBER_FORM.test(number)) throw new SyntaxFault('a number is malformed', at);
      return { kind: 'number', text: number, at };
    }
    const first = this.text.charAt(at);
    if (first === '"' || first === "'") {
      this.quoted(first);
      return { kind: 'string', text: '', at };
    }
    if (this.long()) return { kind: 'string', text: '', at };
    const sign = this.match(SIGN);
    if (sign === undefined) throw new SyntaxFault('a character has no meaning here', at);
    return { kind: 'sign', text: sign, at };
  }

  /** Blanks and comments. */
  private skip(): void {
    for (;;) {
      this.match(/[ \t\n\r\f\v]+/y);
      if (!this.text.startsWith('--', this.position)) return;
      this.position += 2;
      if (!this.long()) this.position = endOfLine(this.text, this.position);
    }
  }

  /** A text in long brackets, if one begins here. */
  private long(): boolean {
    const start = this.position;
    const open = this.match(LONG_OPEN);
    if (open === undefined) return false;
    const end = this.text.indexOf(open.replaceAll('[', ']'), this.position);
    if (end < 0) throw new SyntaxFault('long brackets are not closed', start);
    this.position = end + open.length;
    return true;
  }

  private quoted(quote: string): void {
    const start = this.position++;
    for (;;) {
      const char = this.text.charAt(this.position);
      if (char === '' || char === '\n' || char === '\r')
        throw new SyntaxFault('a text in quotes is not closed', start);
      if (char === quote) {
        this.position++;
        return;
      }
      if (char !== '\\') this.position++;
      else if (this.match(ESCAPE) === undefined)
        throw new SyntaxFault('a backslash begins nothing that Lua knows', this.position);
    }
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.position += found.length;
    return found;
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
