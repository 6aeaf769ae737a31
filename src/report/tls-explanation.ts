// An explanation for people: what the TLS of a cluster or listener is, and what decided it, with the place of
// each.

import type { TlsExplanation, TlsOutcome } from '../compile/explain/tls-explanation.js';
import { pathText } from '../tls/in-words.js';
import { peerNames, peerNameText } from '../tls/peer-names.js';
import type { Certificate, DataSource, Root, TlsSettings } from '../tls/settings.js';
import type { Paint } from './finding-text.js';

/** The explanation as lines of text. */
export function tlsExplanationText(explanation: TlsExplanation, paint: Paint): string {
  const { kind, name, purpose, outcomes, reasons } = explanation;
  const lines = [`${kind} ${paint.strong(name)}`, `  is ${purpose}`, ''];
  for (const outcome of outcomes) lines.push(...outcomeLines(outcome, outcomes.length > 1, paint));
  lines.push('', 'because');
  for (const { text, region } of reasons) {
    lines.push(`  ${text}`);
    if (region !== undefined)
      lines.push(`    ${paint.faint(`${region.file}:${region.line}:${region.column}`)}`);
  }
  return `${lines.join('\n')}\n`;
}

function outcomeLines({ of, settings }: TlsOutcome, isOneOfSeveral: boolean, paint: Paint): string[] {
  const whose = of !== '' ? ` for ${of}` : isOneOfSeveral ? ' for the rest' : '';
  if (settings === undefined) return [`${paint.strong('no TLS')}${whose}`];
  return [`${paint.strong('TLS')}${whose}`, ...settingLines(settings).map((line) => `  ${line}`)];
}

function settingLines({
  side,
  certificates,
  validation,
  sni,
  alpn,
  requireClientCertificate,
}: TlsSettings): string[] {
  const peer = side === 'upstream' ? 'the server' : 'the client';
  const names = peerNames(validation?.rest).map((name) =>
    name.match === 'other' ? peerNameText(name) : name.value,
  );
  return [
    certificates.length === 0
      ? 'it presents no certificate'
      : `it presents ${certificates.map(certificateText).join(' and ')}`,
    validation?.root === undefined
      ? `it does not check the certificate of ${peer}`
      : `it trusts ${rootText(validation.root)} for the certificate of ${peer}`,
    ...(names.length > 0 ? [`which must be for ${names.join(' or ')}`] : []),
    ...(side === 'downstream' && requireClientCertificate === true
      ? ['a client without a certificate is refused']
      : []),
    ...(sni === undefined ? [] : [`the server name is ${sni}`]),
    ...(alpn.length > 0 ? [`it offers ${alpn.join(', ')}`] : []),
  ];
}

function certificateText(certificate: Certificate): string {
  if (certificate.delivery === 'sds') return `the secret ${certificate.secret.name} from SDS`;
  return `${sourceText(certificate.chain)} with the key ${sourceText(certificate.key)}`;
}

function rootText(root: Root): string {
  return root.delivery === 'sds' ? `the secret ${root.secret.name} from SDS` : sourceText(root.source);
}

function sourceText(source: DataSource | undefined): string {
  switch (source?.from) {
    case 'file':
      return pathText(source.filename);
    case 'inline':
      return `an inline value (${source.length} bytes)`;
    case 'environment':
      return `the environment's ${source.variable}`;
    default:
      return 'nothing';
  }
}
