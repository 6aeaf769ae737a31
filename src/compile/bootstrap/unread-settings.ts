// Settings of a ProxyConfig that say something, and have no say in what is written.

import type { Finding } from '../../finding/finding.js';
import type { FullProxyConfig } from './proxy-config.js';

/** Where Envoy reads Lightstep's access token from: Istio's agent writes it there. */
export function accessTokenFile({ config_path }: FullProxyConfig): string {
  return `${config_path}/lightstep_access_token.txt`;
}

/** A ProxyConfig without secrets, for templates. */
export function withoutSecrets(config: FullProxyConfig): FullProxyConfig {
  const { lightstep } = config.tracing ?? {};
  if (lightstep === undefined) return config;
  const { access_token: _, ...rest } = lightstep;
  return { ...config, tracing: { ...config.tracing, lightstep: rest } };
}

/** Says what is not read, and what to do about it. */
export function unreadSettings(config: FullProxyConfig): Finding[] {
  const findings: Finding[] = [];
  for (const field of ['custom_config_file', 'proxy_bootstrap_template_path'] as const) {
    if (!config[field]) continue;
    findings.push({
      code: 'not-read',
      level: 'warning',
      message: `${field} is ignored: it names a Go template`,
      remedy: 'use --template with a Handlebars template',
      path: field,
    });
  }
  if (config.tracing?.lightstep?.access_token) {
    findings.push({
      code: 'secret-not-written',
      level: 'note',
      message: "Lightstep's access token is not written",
      remedy: `write it to ${accessTokenFile(config)} on the machine where Envoy runs`,
      path: 'tracing.lightstep.access_token',
    });
  }
  return findings;
}
