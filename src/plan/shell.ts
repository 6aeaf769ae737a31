// Words of commands, as a shell and the commands themselves take them.

/** A word as a shell takes it: as it is where that is safe, else in quotes. */
export function word(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A file's name as a command takes it: with `./` where it would be a flag, or standard input. */
export function fileWord(name: string): string {
  return word(name.startsWith('-') ? `./${name}` : name);
}
