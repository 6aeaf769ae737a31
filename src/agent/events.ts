// What happens in the agent, for its log and its metrics. No event holds a token or a key.

import type { status } from '@grpc/grpc-js';

/** The methods of the service. */
export type Method = 'stream' | 'delta' | 'fetch';

/** Something that happened. */
export type AgentEvent =
  | { readonly kind: 'listening'; readonly socket: string }
  | { readonly kind: 'opened' | 'closed'; readonly api: 'v2' | 'v3'; readonly method: Method }
  | {
      readonly kind: 'issued';
      readonly identity: string;
      readonly reason: IssueReason;
      readonly serial: string;
      readonly ca: string;
      /** Milliseconds since 1970. */
      readonly notAfter: number;
      /** Milliseconds. */
      readonly took: number;
    }
  | {
      readonly kind: 'ca-failed';
      readonly identity: string;
      readonly ca: string;
      readonly code: status;
      readonly reason: string;
    }
  | { readonly kind: 'refused'; readonly code: status; readonly reason: string; readonly socket: string }
  | {
      readonly kind: 'nack';
      readonly identity: string;
      readonly names: readonly string[];
      readonly reason: string;
      /** Milliseconds until the next attempt. */
      readonly wait: number;
    }
  | { readonly kind: 'pushed'; readonly identity: string; readonly names: readonly string[] }
  | { readonly kind: 'not-acknowledged'; readonly identity: string; readonly responses: number }
  | { readonly kind: 'roots'; readonly change: 'added' | 'removed'; readonly count: number }
  | { readonly kind: 'warning'; readonly message: string };

/** Why a certificate was issued. */
export type IssueReason = 'first' | 'expiry' | 'interval' | 'signal' | 'ca' | 'nack';

/** Takes events. */
export type Observer = (event: AgentEvent) => void;
