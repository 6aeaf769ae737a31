// A text that is validated, and what was read of it. An editor validates whenever a key is pressed, and only one
// text of many is another one then: what was read of the others is kept.

import { memo } from '../collections/memo.js';
import { oncePer } from '../collections/once-per.js';
import type { MessageInfo } from '../envoy/api-table.js';
import type { Api, DocumentRoot } from '../envoy/detect.js';
import { checkSchema } from '../envoy/schema/check.js';
import type { Versions } from '../envoy/versions/versions.js';
import type { Finding } from '../finding/finding.js';
import { type Format, readSource, type Source } from '../source/document.js';
import { EnvoyConfig, type ReadConfigs, readConfigs } from '../tls/configs.js';

/** A text to validate. */
export interface ValidateInput {
  /** The file's name, as messages say it. */
  readonly name: string;
  readonly text: string;
  /** By default the text tells. */
  readonly format?: Format;
  /** Whether it was found in a folder, where other things may be. */
  readonly found?: boolean;
}

/** A text with what was read of it so far. */
export class Reading {
  readonly source: Source;
  private readonly read = new Map<string, ReadConfigs>();

  constructor(readonly input: ValidateInput) {
    const { name, text, format } = input;
    this.source = readSource(name, text, format === undefined ? {} : { format });
  }

  /**
   * The configurations in the text.
   *
   * @param type the message that all documents are; else their content tells
   * @param api the version of documents that leave it open
   */
  configs(type: MessageInfo | undefined, api: Api | undefined): ReadConfigs {
    return memo(this.read, `${type?.name} ${api}`, () => configsIn(this.source, type, api));
  }
}

/**
 * The configurations of all texts. A document that shows no version is of the one that others of the run show,
 * and else of v3: that is what the Envoys of today read.
 */
export function readAll(
  readings: readonly Reading[],
  type: MessageInfo | undefined,
  api: Api | undefined,
): readonly ReadConfigs[] {
  const read = readings.map((reading) => reading.configs(type, api));
  const configs = read.flatMap((one) => one.configs);
  if (configs.some(({ detected }) => detected.showsApi && detected.api === 'v2')) return read;
  return read.map((one, index) =>
    one.configs.every(({ detected }) => detected.showsApi)
      ? one
      : (readings[index] as Reading).configs(type, 'v3'),
  );
}

/** Rules look at what they need; what is wrong with names and kinds is the schema check's to say. */
const NO_INTEREST = new Set<never>();
const unchecked = () => NO_INTEREST;

function configsIn(source: Source, type: MessageInfo | undefined, api: Api | undefined): ReadConfigs {
  if (type === undefined) return readConfigs(source, api, unchecked);
  const version: Api = type.isV3 ? 'v3' : 'v2';
  const configs = source.documents.map((document) => {
    const roots: DocumentRoot[] = [{ type, node: 0 }];
    return new EnvoyConfig(document, { api: version, showsApi: true, roots }, unchecked);
  });
  return { source, configs, findings: source.findings };
}

/** What the last schema check of a configuration found, and what it was asked for. */
interface Checked {
  readonly dynamic: boolean | undefined;
  readonly versions: Versions | undefined;
  readonly findings: readonly Finding[];
}

const lastCheck = oncePer((_config: EnvoyConfig): { checked?: Checked } => ({}));

/**
 * What the schema check finds in a configuration.
 *
 * @param dynamic whether it comes to Envoy by discovery; undefined where the configuration tells
 * @param versions what the Envoy that it is for says of what is used
 */
export function schemaFindingsOf(
  config: EnvoyConfig,
  dynamic: boolean | undefined,
  versions: Versions | undefined,
): readonly Finding[] {
  const last = lastCheck(config);
  if (last.checked === undefined || last.checked.dynamic !== dynamic || last.checked.versions !== versions) {
    const findings = checkSchema(config.document, config.detected.roots, {
      ...(dynamic !== undefined && { dynamic }),
      ...(versions !== undefined && { versions }),
    });
    last.checked = { dynamic, versions, findings };
  }
  return last.checked.findings;
}
