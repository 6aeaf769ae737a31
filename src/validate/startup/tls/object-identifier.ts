// Whether a text is an object identifier for BoringSSL (OBJ_txt2obj): numbers with dots, or a name from its table.

/** Whether a text is an object identifier, or may be the name of one. */
export function isObjectIdentifier(text: string): boolean {
  // BoringSSL's table has some thousand names, of which none begins with a digit and few have a dot.
  if (!/^\d/.test(text)) return text !== '' && (!text.includes('.') || /\bX9\./.test(text));
  const [first = '', second, ...rest] = text.split('.');
  if (!/^[012]$/.test(first) || second === undefined) return false;
  return (
    [second, ...rest].every((arc) => /^(?:0|[1-9]\d*)$/.test(arc) && BigInt(arc) < 2n ** 64n) &&
    (first === '2' || Number(second) < 40)
  );
}
