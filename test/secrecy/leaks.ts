// Looks for parts of a secret in what a run says, also where it is escaped, encoded or cut into pieces.

/** As many characters of a secret in a row are a leak. */
const RUN = 12;
/** As many of its form in base64. */
const CODED_RUN = 16;

function windows(text: string, length: number): string[] {
  return Array.from({ length: Math.max(0, text.length - length + 1) }, (_, i) => text.slice(i, i + length));
}

/** What base64 has of a secret, whatever stands before it. */
function coded(mark: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.from('\0'.repeat(shift) + mark)
      .toString('base64')
      .replace(/=+$/, '');
    const sure = text.slice(shift > 0 ? 4 : 0, -2);
    return [sure, sure.replaceAll('+', '-').replaceAll('/', '_')].flatMap((one) => windows(one, CODED_RUN));
  });
}

const bare = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '');

function unescaped(text: string): string[] {
  const json = (one: string): string =>
    one
      .replace(/\\u([\da-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      .replace(/\\([\\/"])/g, '$1')
      .replace(/\\[nrt]/g, '\n');
  const html = text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  const url = text.replace(/%([\da-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return [text, json(json(text)), html, url];
}

/** The first part of a secret that a text has; undefined where it has none. */
export function leakIn(text: string, mark: string): string | undefined {
  if (text === '') return undefined;
  const needles = [...windows(mark, RUN), ...coded(mark)];
  for (const view of unescaped(text)) {
    const found = needles.find((needle) => view.includes(needle));
    if (found !== undefined) return found;
  }
  const joined = bare(text);
  return windows(bare(mark), RUN).find((needle) => joined.includes(needle));
}
