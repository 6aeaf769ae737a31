// JSON with strings in single quotes and keys without quotes, which the JSON reader of Envoy takes too.

const TOKEN =
  /\s+|[{}[\],:]|"(?:\\.|[^"\\\n])*"|'[^'\\\n]*'|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)|[A-Za-z_]\w*(?=\s*:\s)/y;

/**
 * Whether a text has nothing but the tokens of JSON, strings in single quotes, and keys without quotes. YAML's
 * flow style reads such a text as Envoy does.
 */
export function isLenientJson(text: string): boolean {
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) if (!TOKEN.test(text)) return false;
  return true;
}
