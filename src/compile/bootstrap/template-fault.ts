// How a template's rendering is left when something is wrong with it: Handlebars calls helpers, and they can
// only throw.

import type { Finding } from '../../finding/finding.js';

/** Carries a finding out of Handlebars. */
export class TemplateFault extends Error {
  constructor(readonly finding: Finding) {
    super(finding.message);
  }
}
