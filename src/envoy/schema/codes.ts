// The codes of what the schema check finds, each with what it means, in a sentence without a full stop.

/** What each code means. */
export const SCHEMA_CODES: ReadonlyMap<string, string> = new Map([
  ['unknown-field', 'a message has no field of this name'],
  ['field-twice', 'a message has both spellings of one field'],
  ['single-item', 'a single item where the API has a list'],
  ['wrong-kind', 'a value is not of the kind that its field takes'],
  ['null-item', 'a list or map contains null, which is not a value'],
  ['missing-field', 'a field, or a member of a oneof, must be there and is not'],
  ['oneof-conflict', 'two fields of which only one may be there'],
  ['bad-value', 'a text is not in the form of its type'],
  ['broken-rule', 'a value breaks a rule of the API, such as a bound'],
  ['unfit-duration', 'a duration is negative, or longer than Envoy can count'],
  ['unknown-value', 'an enum has no value of this name'],
  ['enum-case', 'the name of an enum value is written in a case that only Envoy reads'],
  ['loose-form', "a value is written in a form that some Envoys read and protobuf's JSON does not have"],
  ['missing-type', 'an Any has no @type, so its content is unknown'],
  ['missing-config', 'an extension has no configuration with a type, by which Envoy finds it'],
  ['not-in-version', 'an element that the version of Envoy does not have: it is newer, or was removed'],
  ['rules-changed', 'an upgrade changes the rules of a field that is used'],
  ['not-in-build', 'an extension that only contrib builds of Envoy have'],
  ['removed-type', 'a message of v2 among messages of v3'],
  ['unknown-extension', 'the message of an @type is not in the API that xdsc knows'],
  ['deprecated-field', 'a field is deprecated'],
  ['removed-field', 'a field or form of an earlier version, which later ones do not read'],
  ['work-in-progress', 'a field or message may still change without notice'],
]);
