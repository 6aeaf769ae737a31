// google.protobuf.Any in its JSON form, which the types generated from the API use
// (`Mgoogle/protobuf/any.proto=#any-json` in buf.gen.yaml; `imports` in package.json).

/** A message of any type: `@type` is the type's URL, the other members are the message's fields. */
export interface Any {
  '@type': string;
  [field: string]: unknown;
}
