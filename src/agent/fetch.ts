// FetchSecrets: one request, one response.

import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { Request, Response } from './protocol.js';
import { versionOfAll } from './secrets.js';
import {
  checkRequest,
  endingOf,
  opened,
  reportRefusal,
  type Service,
  secretsOf,
  workloadOf,
} from './session.js';

/** Serves a call. */
export function serveFetch(
  { metadata, request }: ServerUnaryCall<Request, Response>,
  reply: sendUnaryData<Response>,
  service: Service,
): void {
  const ended = opened('fetch', service);
  answer(request, service.authenticate(metadata, service.socket), service)
    .then(
      (response) => reply(null, response),
      (error: unknown) => reply(endingOf(error, service)),
    )
    .finally(ended);
}

async function answer(
  { typeUrl, resourceNames }: Request,
  authenticated: ReturnType<Service['authenticate']>,
  service: Service,
): Promise<Response> {
  const workload = workloadOf(await authenticated, service);
  checkRequest(typeUrl, resourceNames, service);
  const { secrets, refusal } = await secretsOf(new Set(resourceNames), workload, service);
  if (refusal !== undefined) reportRefusal(refusal, service);
  const { form } = service.api;
  const versionInfo = versionOfAll(secrets);
  return {
    versionInfo,
    resources: secrets.map((secret) => ({ typeUrl: form.typeUrl, value: form.encode(secret) })),
    typeUrl: form.typeUrl,
    nonce: versionInfo,
  };
}
