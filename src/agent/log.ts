// Events as lines of text: what happened, then fields as in `identity=spiffe://… serial=…`.

import { status } from '@grpc/grpc-js';
import type { AgentEvent } from './events.js';

/** A line, and whether it is about a problem. */
export interface LogLine {
  readonly level: 'info' | 'warning';
  readonly text: string;
}

/** The line of an event; undefined where it is for metrics only. */
export function logLine(event: AgentEvent): LogLine | undefined {
  switch (event.kind) {
    case 'listening':
      return info('listening', { socket: event.socket });
    case 'issued':
      return info(event.reason === 'first' ? 'issued' : 'rotated', {
        identity: event.identity,
        ...(event.reason !== 'first' && { reason: event.reason }),
        serial: event.serial,
        expires: new Date(event.notAfter).toISOString(),
        ca: event.ca,
        ms: String(Math.round(event.took)),
      });
    case 'ca-failed':
      return warning('not issued', {
        identity: event.identity,
        code: status[event.code],
        reason: event.reason,
      });
    case 'refused':
      return warning('refused', { code: status[event.code], socket: event.socket, reason: event.reason });
    case 'nack':
      return warning('NACK', {
        identity: event.identity,
        names: event.names.join(','),
        reason: event.reason,
        'next-attempt': `${event.wait / 1000}s`,
      });
    case 'not-acknowledged':
      return warning('not acknowledged', { identity: event.identity, responses: String(event.responses) });
    case 'roots':
      return info(`root ${event.change}`, { roots: String(event.count) });
    case 'warning':
      return warning('warning', { reason: event.message });
    case 'opened':
    case 'closed':
    case 'pushed':
      return undefined;
  }
}

/** What a client or CA wrote may be long, or hold anything. */
const LONGEST_VALUE = 500;

function line(what: string, fields: Readonly<Record<string, string | undefined>>): string {
  const parts = Object.entries(fields).map(([name, value = '']) => {
    const text = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
    return `${name}=${/^[\w.-]+$/.test(text) ? text : JSON.stringify(text)}`;
  });
  return [what, ...parts].join(' ');
}

function info(what: string, fields: Readonly<Record<string, string | undefined>>): LogLine {
  return { level: 'info', text: line(what, fields) };
}

function warning(what: string, fields: Readonly<Record<string, string | undefined>>): LogLine {
  return { level: 'warning', text: line(what, fields) };
}
