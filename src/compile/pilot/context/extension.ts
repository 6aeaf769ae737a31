// Filters and access logs with their configuration: a typed message, or a Struct for old proxies and
// installations that switch typed ones off (Pilot 1.1's IsXDSMarshalingToAnyEnabled).

import type { Context } from './context.js';

/** A named extension with its configuration. */
export type NamedConfig =
  | { readonly name: string }
  | { readonly name: string; readonly typed_config: { readonly '@type': string } }
  | { readonly name: string; readonly config: object };

/** Whether configurations are typed messages. */
export function isTyped({ proxy, environment }: Pick<Context, 'proxy' | 'environment'>): boolean {
  return proxy.isVersion11 && !environment.disableMarshalingToAny;
}

/** An extension in the form that the proxy reads. */
export function extension(context: Context, name: string, type: string, config: object): NamedConfig {
  return isTyped(context)
    ? { name, typed_config: { '@type': `type.googleapis.com/${type}`, ...config } }
    : { name, config };
}
