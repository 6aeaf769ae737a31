// Why a request is refused, as the gRPC status that its sender gets.

import type { status } from '@grpc/grpc-js';

/** A refusal. Its message holds neither tokens nor keys. */
export class Refusal extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}
