// The API that an Envoy binary was built with. It embeds each google.protobuf.FileDescriptorProto, serialized and
// uncompressed: a field 1 with a name that ends in `.proto`, then the other fields in the order of their numbers.

/** The messages and enums of a binary by full name, each with the names of its fields or values. */
export type BinaryApi = ReadonlyMap<string, ReadonlySet<string>>;

/** The fields of FileDescriptorProto that are length-delimited, and those that are varints. */
const FILE_FIELDS: ReadonlyMap<number, number> = new Map([
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 12].map((field): [number, number] => [field, 2]),
  ...[10, 11, 14].map((field): [number, number] => [field, 0]),
]);

const MARK = '.proto';

/** Reads the API out of a binary; empty where it holds no descriptors. */
export function readBinaryApi(binary: Buffer): BinaryApi {
  const api = new Map<string, Set<string>>();
  for (let at = binary.indexOf(MARK); at >= 0; at = binary.indexOf(MARK, at + MARK.length)) {
    const start = fileStart(binary, at + MARK.length);
    if (start >= 0) readFile(binary, start, api);
  }
  return api;
}

/** Where the descriptor begins whose name ends at an offset; -1 where none does. */
function fileStart(binary: Buffer, end: number): number {
  // Tags of the package, an import, a message, an enum or a service.
  if (![0x12, 0x1a, 0x22, 0x2a, 0x32].includes(binary[end] ?? 0)) return -1;
  for (let length = MARK.length + 1; length < 128; length++) {
    const start = end - length - 2;
    if (start < 0) return -1;
    if (binary[start + 1] === length && binary[start] === 0x0a) return start;
  }
  return -1;
}

function readFile(binary: Buffer, start: number, api: Map<string, Set<string>>): void {
  let scope = '';
  let last = 0;
  for (const { field, wire, value } of fieldsOf(binary, start, binary.length)) {
    if (FILE_FIELDS.get(field) !== wire || field < last || (field === last && field === 1)) return;
    last = field;
    if (field === 2) scope = value.toString('latin1');
    else if (field === 4) readMessage(value, scope, api);
    else if (field === 5) readEnum(value, scope, api);
  }
}

function readMessage(bytes: Buffer, scope: string, api: Map<string, Set<string>>): void {
  const fields = [...fieldsOf(bytes, 0, bytes.length)];
  const name = `${scope}.${nameIn(fields)}`;
  const members = membersOf(api, name);
  for (const { field, value } of fields) {
    if (field === 2) members.add(nameIn([...fieldsOf(value, 0, value.length)]));
    else if (field === 3) readMessage(value, name, api);
    else if (field === 4) readEnum(value, name, api);
  }
}

function readEnum(bytes: Buffer, scope: string, api: Map<string, Set<string>>): void {
  const fields = [...fieldsOf(bytes, 0, bytes.length)];
  const members = membersOf(api, `${scope}.${nameIn(fields)}`);
  for (const { field, value } of fields)
    if (field === 2) members.add(nameIn([...fieldsOf(value, 0, value.length)]));
}

function membersOf(api: Map<string, Set<string>>, name: string): Set<string> {
  const members = api.get(name) ?? new Set();
  api.set(name, members);
  return members;
}

interface WireField {
  readonly field: number;
  readonly wire: number;
  /** Empty for varints. */
  readonly value: Buffer;
}

function nameIn(fields: readonly WireField[]): string {
  return fields.find(({ field, wire }) => field === 1 && wire === 2)?.value.toString('latin1') ?? '';
}

/** The fields of a message in the binary form, up to the first byte that fits none. */
function* fieldsOf(bytes: Buffer, start: number, end: number): Generator<WireField> {
  const none = bytes.subarray(0, 0);
  for (let at = start; at < end; ) {
    const tag = varint(bytes, at);
    if (tag === undefined) return;
    const [field, wire] = [tag.value >>> 3, tag.value & 7];
    const content = varint(bytes, tag.end);
    if (field === 0 || content === undefined || (wire !== 0 && wire !== 2)) return;
    const next = wire === 2 ? content.end + content.value : content.end;
    if (next > end) return;
    yield { field, wire, value: wire === 2 ? bytes.subarray(content.end, next) : none };
    at = next;
  }
}

function varint(bytes: Buffer, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: start + i + 1 };
  }
  return undefined;
}
