// What a .proto file declares, in a form that two sources can be compared in: plain objects,
// so that a test's difference names the message and the field.

/** A .proto file. Keys are full names, except where it says otherwise. */
export interface FileModel {
  package: string;
  /** Sorted; a public import ends in ` (public)`. */
  imports: string[];
  messages: Record<string, MessageModel>;
  /** Values as `NAME=0` or `NAME=0 deprecated`, as declared. */
  enums: Record<string, string[]>;
  /** Methods as `Name(stream Request) -> stream Response`, as declared. */
  services: Record<string, string[]>;
  /** Extensions as `extended: number type name`, as declared. */
  extensions: string[];
}

export interface MessageModel {
  /** By the fields' names. */
  fields: Record<string, FieldModel>;
  /** By the oneofs' names. */
  oneofs: Record<string, { required: boolean; members: string[] }>;
  /** Sorted. */
  reserved: number[];
}

export interface FieldModel {
  /** `4 repeated string deprecated sensitive`, with full names of types, without a leading dot. */
  declared: string;
  /** The field's validate.FieldRules in JSON form with proto names. */
  rules?: unknown;
}
