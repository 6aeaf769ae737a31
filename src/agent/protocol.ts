// The two versions of the secret discovery service. Their messages have the same fields, so that all else works
// on one form of them.

import type { MethodDefinition } from '@grpc/grpc-js';
import * as v2 from '../envoy/generated/wire/envoy/api/v2/discovery.js';
import { SecretDiscoveryServiceService as ServiceV2 } from '../envoy/generated/wire/envoy/service/discovery/v2/sds.js';
import * as v3 from '../envoy/generated/wire/envoy/service/discovery/v3/discovery.js';
import { SecretDiscoveryServiceService as ServiceV3 } from '../envoy/generated/wire/envoy/service/secret/v3/sds.js';
import { type SecretForm, V2_FORM, V3_FORM } from './secrets.js';

/** What is read of a request. */
export interface Request {
  readonly versionInfo: string;
  readonly node: { readonly id: string } | undefined;
  readonly resourceNames: readonly string[];
  readonly typeUrl: string;
  readonly responseNonce: string;
  readonly errorDetail: { readonly code: number; readonly message: string } | undefined;
}

/** What is written of a response. */
export interface Response {
  readonly versionInfo: string;
  readonly resources: readonly Resource[];
  readonly typeUrl: string;
  readonly nonce: string;
}

/** A resource in its binary form, as an Any has it. */
interface Resource {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** What is read of a request for differences. */
export interface DeltaRequest {
  readonly node: { readonly id: string } | undefined;
  readonly typeUrl: string;
  readonly resourceNamesSubscribe: readonly string[];
  readonly resourceNamesUnsubscribe: readonly string[];
  readonly initialResourceVersions: { readonly [name: string]: string };
  readonly responseNonce: string;
  readonly errorDetail: { readonly code: number; readonly message: string } | undefined;
}

/** What is written of a response with differences. */
export interface DeltaResponse {
  readonly systemVersionInfo: string;
  readonly resources: readonly {
    readonly name: string;
    readonly version: string;
    readonly resource: Resource;
  }[];
  readonly typeUrl: string;
  readonly removedResources: readonly string[];
  readonly nonce: string;
}

/** A version of the service. */
export interface Api {
  readonly version: 'v2' | 'v3';
  readonly form: SecretForm;
  readonly stream: MethodDefinition<Request, Response>;
  readonly fetch: MethodDefinition<Request, Response>;
  /** Absent where differences are not served. */
  readonly delta?: MethodDefinition<DeltaRequest, DeltaResponse>;
}

/** Envoy's v3 API. */
export const V3: Api = {
  version: 'v3',
  form: V3_FORM,
  stream: { ...ServiceV3.streamSecrets, ...messages(v3.DiscoveryRequest, v3.DiscoveryResponse) },
  fetch: { ...ServiceV3.fetchSecrets, ...messages(v3.DiscoveryRequest, v3.DiscoveryResponse) },
  delta: { ...ServiceV3.deltaSecrets, ...messages(v3.DeltaDiscoveryRequest, v3.DeltaDiscoveryResponse) },
};

/** Envoy's v2 API. */
export const V2: Api = {
  version: 'v2',
  form: V2_FORM,
  stream: { ...ServiceV2.streamSecrets, ...messages(v2.DiscoveryRequest, v2.DiscoveryResponse) },
  fetch: { ...ServiceV2.fetchSecrets, ...messages(v2.DiscoveryRequest, v2.DiscoveryResponse) },
};

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
  fromPartial(fields: object): T;
}

/** Readers and writers of messages. Only the fields above are read and written. */
function messages<Q, S, Asked, Replied extends object>(
  request: Codec<Q & Asked>,
  response: Codec<S>,
): Pick<
  MethodDefinition<Asked, Replied>,
  'requestSerialize' | 'requestDeserialize' | 'responseSerialize' | 'responseDeserialize'
> {
  return {
    requestSerialize: (message) => bytesOf(request, message as object),
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => bytesOf(response, message),
    responseDeserialize: (bytes) => response.decode(bytes) as unknown as Replied,
  };
}

function bytesOf<T>(codec: Codec<T>, fields: object): Buffer {
  return Buffer.from(codec.encode(codec.fromPartial(fields)).finish());
}
