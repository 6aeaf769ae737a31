// What Envoy asks of TLS contexts and of what secrets bring to them, beyond the rules of the API.

import type { Area } from '../check.js';
import { CERTIFICATE_CHECKS } from './certificates.js';
import { PARAMETER_CHECKS } from './parameters.js';
import { SESSION_CHECKS } from './sessions.js';
import { SOCKET_CHECKS } from './transport-sockets.js';
import { VALIDATION_CHECKS } from './validation.js';

/** The area. */
export const TLS: Area = {
  name: 'tls',
  title: 'TLS contexts',
  checks: [
    ...CERTIFICATE_CHECKS,
    ...VALIDATION_CHECKS,
    ...PARAMETER_CHECKS,
    ...SESSION_CHECKS,
    ...SOCKET_CHECKS,
  ],
};
