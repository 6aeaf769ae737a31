// Templates of paths, as in /users/{id}/**: the syntax of Envoy's URI templates.

/** How many variables a template may have, and how long their names may be. */
const MOST_VARIABLES = 5;
const LONGEST_NAME = 16;

/** Behind other characters, a star is one of them. */
const LITERAL = /^[a-zA-Z0-9\-._~%!$&'()*+,;:=@]+$/;
const REWRITE_LITERAL = /^[a-zA-Z0-9\-._~%!$&'()*+,;:=@/]+$/;
const NAME = /^[a-zA-Z][a-zA-Z0-9_]*$/;

/** What is wrong with a template. */
class TemplateFault extends Error {}

/** A template that is right has the names of its variables. */
export type PathTemplate = { readonly names: ReadonlySet<string> } | { readonly fault: string };

/** Reads a template that paths are matched with. */
export function readTemplate(template: string): PathTemplate {
  return attempt(() => matchNames(template));
}

/** Reads a template that paths are written with. */
export function readRewriteTemplate(template: string): PathTemplate {
  return attempt(() => rewriteNames(template));
}

function attempt(read: () => ReadonlySet<string>): PathTemplate {
  try {
    return { names: read() };
  } catch (error) {
    if (error instanceof TemplateFault) return { fault: error.message };
    throw error;
  }
}

function matchNames(template: string): ReadonlySet<string> {
  if (!/^\/[!-~]*$/.test(template)) throw new TemplateFault('it is not a / and printable ASCII');
  const names = new Set<string>();
  const globs = new Globs();
  let rest = template.slice(1);
  while (rest !== '') {
    const [segment, isLiteral] = nextSegment(rest);
    if (segment.startsWith('{')) readVariable(segment.slice(1, -1), names, globs);
    else if (isLiteral) literal(segment);
    else globs.add(segment);
    rest = rest.slice(segment.length);
    if (rest === '/') break;
    if (rest.startsWith('/')) rest = rest.slice(1);
    else if (rest !== '') {
      // What follows a glob or a variable in its segment ends the template.
      if (rest.includes('/'))
        throw new TemplateFault('a segment has more than a variable, and others follow');
      literal(rest);
      break;
    }
  }
  return names;
}

/** The segment that a template begins with, without what follows a glob or a variable in it. */
function nextSegment(rest: string): [segment: string, isLiteral: boolean] {
  if (rest.startsWith('*')) return [rest.startsWith('**') ? '**' : '*', false];
  if (!rest.startsWith('{')) return [rest.split('/', 1)[0] as string, true];
  const end = rest.indexOf('}');
  if (end < 0) throw new TemplateFault('a bracket is not closed');
  return [rest.slice(0, end + 1), false];
}

function readVariable(text: string, names: Set<string>, globs: Globs): void {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  addName(name, names);
  if (equals < 0) {
    globs.add('*');
    return;
  }
  const parts = text.slice(equals + 1).split('/');
  for (const part of parts) {
    if (part === '*' || part === '**') globs.add(part);
    else {
      if (part.startsWith('*')) throw new TemplateFault('a * stands for a whole segment of a variable');
      literal(part);
    }
  }
}

function addName(name: string, names: Set<string>): void {
  if (!NAME.test(name))
    throw new TemplateFault('the name of a variable is a letter, and letters, digits and _');
  if (name.length > LONGEST_NAME)
    throw new TemplateFault(`the name of a variable has at most ${LONGEST_NAME} characters`);
  if (names.has(name)) throw new TemplateFault('two variables have the same name');
  if (names.size >= MOST_VARIABLES) throw new TemplateFault(`there are at most ${MOST_VARIABLES} variables`);
  names.add(name);
}

function literal(segment: string): void {
  if (!LITERAL.test(segment))
    throw new TemplateFault('a segment is empty or has a character of another kind');
}

/** Once ** was read, no other glob may follow. */
class Globs {
  private sawText = false;

  add(glob: string): void {
    if (this.sawText) throw new TemplateFault('nothing else is left open behind **');
    this.sawText = glob === '**';
  }
}

function rewriteNames(template: string): ReadonlySet<string> {
  if (!template.startsWith('/')) throw new TemplateFault('it does not begin with /');
  if (template.includes('//')) throw new TemplateFault('a segment is empty');
  const names = new Set<string>();
  let rest = template;
  while (rest !== '') {
    const start = rest.indexOf('{');
    const text = start < 0 ? rest : rest.slice(0, start);
    if (text !== '' && !REWRITE_LITERAL.test(text))
      throw new TemplateFault('it has a character that paths do not have');
    if (start < 0) break;
    const end = rest.indexOf('}', start);
    if (end < 0) throw new TemplateFault('a bracket is not closed');
    const name = rest.slice(start + 1, end);
    if (!NAME.test(name))
      throw new TemplateFault('the name of a variable is a letter, and letters, digits and _');
    names.add(name);
    rest = rest.slice(end + 1);
  }
  return names;
}
