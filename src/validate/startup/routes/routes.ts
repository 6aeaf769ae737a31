// What Envoy asks of routes: where requests go, how paths are rewritten, and what excludes what.

import { quotedValue } from '../../../secrecy/quoted.js';
import { fieldAt } from '../../place.js';
import type { Area, StartupCheck } from '../check.js';
import { inlineBytes } from '../data-source.js';
import { saidType } from '../registered.js';
import { integerOf, secondsOf } from '../values.js';
import { HEADER_CHECKS } from './headers.js';
import { readRewriteTemplate, readTemplate } from './path-template.js';

const ROUTE = 'envoy.config.route.v3';
const CONFIGURATION = `${ROUTE}.RouteConfiguration`;
const VIRTUAL_HOST = `${ROUTE}.VirtualHost`;
const ACTION = `${ROUTE}.RouteAction`;

/** Above what 32 bits hold. */
const TOO_HEAVY = 2 ** 32;

const clusterChoice: StartupCheck = {
  code: 'weighted-cluster-name',
  on: [`${ROUTE}.WeightedCluster.ClusterWeight`],
  finds: 'a weighted cluster has both name and cluster_header, neither of them, or no weight',
  refusal: 'Only one of name or cluster_header can be specified',
  remedy: 'set name or cluster_header, and a weight',
  check(cluster, report) {
    const [name, header] = ['name', 'cluster_header'].map((field) => (cluster.text(field) ?? '') !== '');
    if (name === header)
      report(fieldAt(cluster, name ? 'cluster_header' : undefined), {
        message: name ? 'name and cluster_header exclude each other' : 'this weighted cluster is not named',
        expected: 'name or cluster_header',
      });
    if (!cluster.has('weight'))
      report(fieldAt(cluster), { message: 'this weighted cluster has no weight', expected: 'weight' });
  },
};

const clusterWeights: StartupCheck = {
  code: 'cluster-weights',
  on: [`${ROUTE}.WeightedCluster`],
  finds: 'the weights of clusters add up to nothing, or to more than 32 bits hold',
  refusal: 'Sum of weights in the weighted_cluster must be greater than 0.',
  remedy: 'give at least one cluster a weight above 0',
  check(weighted, report) {
    const weights = weighted.messages('clusters').map((cluster) => integerOf(cluster, 'weight'));
    if (weights.length === 0 || weights.includes(undefined)) return;
    const sum = weights.reduce<number>((total, weight) => total + (weight ?? 0), 0);
    if (sum > 0 && sum < TOO_HEAVY) return;
    report(fieldAt(weighted, 'clusters'), {
      message:
        sum === 0
          ? 'the weights of these clusters are all 0'
          : `the weights of these clusters add up to ${sum}`,
      expected: 'a sum from 1 to 4294967295',
    });
  },
};

const mirrorTarget: StartupCheck = {
  code: 'mirror-target',
  on: [`${ACTION}.RequestMirrorPolicy`],
  finds: 'a mirror policy has both cluster and cluster_header, or neither of them',
  refusal: 'Exactly one of cluster or cluster_header in request mirror policy need to be specified',
  remedy: 'set one of cluster and cluster_header',
  check(policy, report) {
    const [name, header] = ['cluster', 'cluster_header'].map((field) => (policy.text(field) ?? '') !== '');
    if (name !== header) return;
    report(fieldAt(policy, name ? 'cluster_header' : undefined), {
      message: name
        ? 'cluster and cluster_header exclude each other'
        : 'this does not say where requests are mirrored to',
      expected: 'cluster or cluster_header',
    });
  },
};

const REWRITES = ['prefix_rewrite', 'regex_rewrite', 'path_rewrite_policy', 'path_rewrite'];

const twoRewrites: StartupCheck = {
  code: 'two-path-rewrites',
  on: [ACTION],
  finds: 'a route rewrites the path in two ways',
  refusal: 'Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy',
  remedy: 'keep one of them',
  check(action, report) {
    const found = REWRITES.filter((field) => action.has(field) && action.text(field) !== '');
    const [first, second] = found;
    if (first === undefined || second === undefined) return;
    report(fieldAt(action, second), {
      message: `${found.join(' and ')} exclude each other`,
      expected: `one of ${found.join(', ')}`,
    });
  },
};

const virtualClusterHeaders: StartupCheck = {
  code: 'virtual-cluster-headers',
  on: [`${ROUTE}.VirtualCluster`],
  finds: 'a virtual cluster has no headers that requests are matched with',
  refusal: "virtual clusters must define 'headers'",
  remedy: "add headers, such as one for ':path'",
  check(cluster, report) {
    if (cluster.hasItems('headers')) return;
    report(fieldAt(cluster), { message: 'this virtual cluster matches by nothing', expected: 'headers' });
  },
};

const retryInterval: StartupCheck = {
  code: 'retry-interval',
  on: [`${ROUTE}.RetryPolicy.RetryBackOff`],
  finds: 'the longest interval between retries is shorter than the first',
  refusal: 'retry_policy.max_interval must greater than or equal to the base_interval',
  remedy: 'set max_interval to base_interval or more',
  check(backOff, report) {
    const base = secondsOf(backOff, 'base_interval');
    const most = secondsOf(backOff, 'max_interval');
    if (base === undefined || most === undefined || most <= 0 || milliseconds(most) >= milliseconds(base))
      return;
    report(fieldAt(backOff, 'max_interval'), {
      message: 'the longest interval is shorter than base_interval',
      expected: `${base}s or more`,
    });
  },
};

const connectConfig: StartupCheck = {
  code: 'connect-config',
  on: [`${ACTION}.UpgradeConfig`],
  finds: 'an upgrade that is not CONNECT has a connect_config',
  refusal: 'Non-CONNECT upgrade type websocket has ConnectConfig',
  remedy: 'remove connect_config',
  check(upgrade, report) {
    const type = (upgrade.text('upgrade_type') ?? '').toUpperCase();
    if (!upgrade.has('connect_config') || type === '' || type === 'CONNECT' || type === 'CONNECT-UDP') return;
    report(fieldAt(upgrade, 'connect_config'), { message: 'connect_config is for CONNECT and CONNECT-UDP' });
  },
};

const matcherBesideRoutes: StartupCheck = {
  code: 'matcher-beside-routes',
  on: [VIRTUAL_HOST],
  finds: 'a virtual host has both a matcher and routes',
  refusal: 'cannot set both matcher and routes on virtual host',
  remedy: 'keep one of the two',
  check(host, report) {
    if (!host.has('matcher') || !host.hasItems('routes')) return;
    report(fieldAt(host, 'matcher'), {
      message: 'matcher and routes exclude each other',
      expected: 'matcher or routes',
    });
  },
};

const vhdsSource: StartupCheck = {
  code: 'vhds-source',
  on: [`${ROUTE}.Vhds`],
  finds: 'virtual hosts are discovered from a source that sends no differences',
  refusal: "vhds: only 'DELTA_GRPC' or 'ADS' (which uses Delta xDS) is supported as a config source.",
  remedy: 'set api_type: DELTA_GRPC',
  since: 39,
  check(vhds, report) {
    const source = vhds.message('config_source');
    if (source === undefined || source.has('ads')) return;
    const type = source.message('api_config_source')?.enumName('api_type');
    if (type === 'DELTA_GRPC') return;
    report(vhds.around === undefined ? fieldAt(vhds) : fieldAt(vhds.around, 'vhds'), {
      message: 'virtual hosts come over DELTA_GRPC or ADS alone',
      expected: 'api_type: DELTA_GRPC, or ads',
    });
  },
};

const unknownPlugin: StartupCheck = {
  code: 'unknown-cluster-plugin',
  on: [CONFIGURATION],
  finds: 'a route names a cluster specifier plugin that its configuration does not have',
  refusal: 'Unknown cluster specifier plugin name: … is used in the route',
  remedy: 'add it to cluster_specifier_plugins, or correct the name',
  check(configuration, report) {
    const names = new Set(
      configuration
        .messages('cluster_specifier_plugins')
        .map((plugin) => plugin.message('extension')?.text('name')),
    );
    for (const host of configuration.messages('virtual_hosts'))
      for (const route of host.messages('routes')) {
        const action = route.message('route');
        const name = action?.text('cluster_specifier_plugin');
        if (action === undefined || name === undefined || names.has(name)) continue;
        report(fieldAt(action, 'cluster_specifier_plugin'), {
          message: `${quotedValue(name)} is not a cluster specifier plugin of this route configuration`,
          expected: 'one of cluster_specifier_plugins',
        });
      }
  },
};

const bodySize: StartupCheck = {
  code: 'direct-response-size',
  on: [CONFIGURATION],
  finds: 'the body of a direct response is larger than the route configuration allows',
  refusal: 'response body size is 170 bytes; maximum is 100',
  remedy: 'raise max_direct_response_body_size_bytes, or shorten the body',
  check(configuration, report) {
    const most = configuration.has('max_direct_response_body_size_bytes')
      ? integerOf(configuration, 'max_direct_response_body_size_bytes')
      : DEFAULT_BODY;
    // 0 is no bound.
    if (most === undefined || most === 0) return;
    for (const host of configuration.messages('virtual_hosts'))
      for (const route of host.messages('routes')) {
        const body = route.message('direct_response')?.message('body');
        const size = inlineBytes(body)?.length ?? 0;
        if (body === undefined || size <= most) continue;
        report(fieldAt(body, body.has('inline_string') ? 'inline_string' : 'inline_bytes'), {
          message: `this body has ${size} bytes, and ${most} are allowed`,
          expected: `at most ${most} bytes`,
        });
      }
  },
};

const DEFAULT_BODY = 4096;

const MATCH_TEMPLATE = 'envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig';
const REWRITE_TEMPLATE = 'envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig';

const pathTemplate: StartupCheck = {
  code: 'path-template',
  on: [MATCH_TEMPLATE, REWRITE_TEMPLATE],
  finds: 'the template of a path is not of its syntax',
  refusal: 'path_match_policy.path_template … is invalid: Unmatched variable bracket',
  remedy: 'write segments between slashes: text, * for one, ** for the rest, {name} or {name=*}',
  check(config, report) {
    const isMatch = config.type.name === MATCH_TEMPLATE;
    const field = isMatch ? 'path_template' : 'path_template_rewrite';
    const text = config.text(field) ?? '';
    if (text === '') return;
    const read = isMatch ? readTemplate(text) : readRewriteTemplate(text);
    if ('fault' in read)
      report(fieldAt(config, field), {
        message: `this is not a template of a path: ${read.fault}`,
        expected: 'a template such as /users/{id}',
      });
  },
};

const rewriteAlone: StartupCheck = {
  code: 'template-rewrite',
  on: [`${ROUTE}.Route`],
  finds:
    'a path is rewritten by a template although none matches it, or with a variable that the match does not have',
  refusal: 'unable to use envoy.path.rewrite.uri_template.uri_template_rewriter extension without …',
  remedy: 'match with a path_match_policy whose template has the variables',
  check(route, report) {
    const action = route.message('route');
    const policy = action?.message('path_rewrite_policy');
    if (action === undefined || policy === undefined || saidType(policy)?.name !== REWRITE_TEMPLATE) return;
    const match = route.message('match');
    const matcher = match?.message('path_match_policy');
    const type = matcher && saidType(matcher)?.name;
    if (type === undefined) {
      report(fieldAt(action, 'path_rewrite_policy'), {
        message: 'a template rewrites what a template matched, and this route matches in another way',
        expected: 'a path_match_policy with envoy.path.match.uri_template.uri_template_matcher',
      });
      return;
    }
    if (type !== MATCH_TEMPLATE) return;
    const known = readTemplate(matcher?.message('typed_config')?.text('path_template') ?? '');
    const rewrite = policy.message('typed_config');
    const used = readRewriteTemplate(rewrite?.text('path_template_rewrite') ?? '');
    if (rewrite === undefined || !('names' in known) || !('names' in used)) return;
    for (const name of used.names)
      if (!known.names.has(name))
        report(fieldAt(rewrite, 'path_template_rewrite'), {
          message: `the template of the match has no variable ${name}`,
          expected: known.names.size === 0 ? 'no variable' : `one of ${[...known.names].join(', ')}`,
        });
  },
};

/** Envoy counts in whole milliseconds. */
function milliseconds(seconds: number): number {
  return Math.floor(Number((seconds * 1000).toFixed(6)));
}

/** The area. */
export const ROUTES: Area = {
  name: 'routes',
  title: 'Routes',
  checks: [
    clusterChoice,
    clusterWeights,
    mirrorTarget,
    twoRewrites,
    virtualClusterHeaders,
    ...HEADER_CHECKS,
    retryInterval,
    connectConfig,
    matcherBesideRoutes,
    vhdsSource,
    unknownPlugin,
    bodySize,
    pathTemplate,
    rewriteAlone,
  ],
};
