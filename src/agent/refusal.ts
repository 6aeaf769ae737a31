// Why a request is refused, as the gRPC status that its sender gets.

import type { status } from '@grpc/grpc-js';

/** What is said of a mistake of the program's own. */
export function internalError(error: unknown): string {
  return `internal error: ${error instanceof Error ? error.message : 'unknown'}`;
}

/** A refusal. Its message holds neither tokens nor keys. */
export class Refusal extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}
