// What became of a TLS context, for reports.

import type { Api } from '../envoy/detect.js';
import type { Message } from '../envoy/message.js';
import type { Region } from '../finding/finding.js';
import type { TlsContext } from '../tls/context.js';
import { SDS_FIELDS } from '../tls/fields.js';
import type { Left, Move } from './move.js';

/** What became of a context: `sds` was there already, `empty` has nothing that could move. */
export type ContextState = 'converted' | 'partial' | 'left' | 'sds' | 'empty';

/** A context and what became of it. */
export interface ContextOutcome {
  readonly state: ContextState;
  readonly side: TlsContext['side'];
  readonly api: Api;
  /** The field path from the document's root. */
  readonly path: string;
  /** As in `cluster outbound|80||httpbin`, where a cluster or listener is around it. */
  readonly resource: string | undefined;
  readonly region: Region;
  /** Names of the secrets that it gets from SDS now. */
  readonly secrets: readonly string[];
  readonly left: readonly Left[];
}

/** An outcome whose place is looked up when somebody asks: there are many outcomes, and few are asked. */
export class LazyOutcome implements ContextOutcome {
  readonly state: ContextState;
  readonly side: TlsContext['side'];
  readonly api: Api;
  readonly secrets: readonly string[];
  readonly left: readonly Left[];
  readonly #message: Message;
  readonly #resource: Message | undefined;

  constructor({ context, replacements, left }: Move) {
    this.state = stateOf(context, replacements.length, left.length);
    this.side = context.side;
    this.api = context.api;
    this.secrets = replacements.map(({ secret }) => secret.name);
    this.left = left;
    this.#message = context.message;
    this.#resource = context.resource;
  }

  get path(): string {
    return this.#message.path();
  }

  get resource(): string | undefined {
    return resourceOf(this.#resource);
  }

  get region(): Region {
    const { node, reader } = this.#message;
    const { tape, source } = reader.document;
    return source.region(tape.start(node), tape.end(node));
  }

  toJSON(): ContextOutcome {
    const { state, side, api, secrets, left, path, resource, region } = this;
    return { state, side, api, secrets, left, path, resource, region };
  }
}

function stateOf({ common }: TlsContext, moved: number, left: number): ContextState {
  if (moved > 0) return left > 0 ? 'partial' : 'converted';
  if (left > 0) return 'left';
  const sds = SDS_FIELDS.some((field) => common?.has(field));
  return sds ? 'sds' : 'empty';
}

function resourceOf(resource: Message | undefined): string | undefined {
  if (resource === undefined) return undefined;
  const kind = resource.type.name.endsWith('.Cluster') ? 'cluster' : 'listener';
  const name = resource.text('name');
  return name === undefined ? kind : `${kind} ${name}`;
}
