// What Envoy asks of filters for HTTP.

import type { Area } from '../check.js';
import { apiKeySource, apiKeyTwice, basicAuthUsers } from './credentials.js';
import { claimHeaders, jwtName, localJwks } from './jwt.js';
import { luaSyntax, luaTwice } from './lua.js';
import { headerToMetadata, ipTags, jsonToMetadata } from './metadata.js';
import {
  admissionCriteria,
  admissionThreshold,
  cacheStore,
  cdnId,
  dnsCache,
  healthCheckCache,
  lambdaArn,
  routeLimit,
  sessionState,
  signingRegion,
} from './others.js';
import {
  bucketOfRoute,
  descriptorTwice,
  fillInterval,
  filterRateLimit,
  localClusterLimit,
} from './rate-limits.js';
import { rbacAddress, rbacCondition, rbacHeader, rbacPortRange } from './rbac.js';
import {
  authorizationPath,
  authorizationTwice,
  oauthEndpoint,
  oauthForward,
  processingMode,
  processorService,
  routeCacheAction,
  staticCredential,
} from './services.js';

/** The area. */
export const HTTP_FILTERS: Area = {
  name: 'http-filters',
  title: 'HTTP filters',
  checks: [
    luaSyntax,
    luaTwice,
    jwtName,
    localJwks,
    claimHeaders,
    authorizationPath,
    authorizationTwice,
    processorService,
    processingMode,
    routeCacheAction,
    oauthEndpoint,
    oauthForward,
    staticCredential,
    rbacAddress,
    rbacPortRange,
    rbacHeader,
    rbacCondition,
    fillInterval,
    bucketOfRoute,
    descriptorTwice,
    localClusterLimit,
    filterRateLimit,
    basicAuthUsers,
    apiKeyTwice,
    apiKeySource,
    headerToMetadata,
    jsonToMetadata,
    ipTags,
    healthCheckCache,
    admissionCriteria,
    admissionThreshold,
    sessionState,
    cdnId,
    routeLimit,
    cacheStore,
    signingRegion,
    lambdaArn,
    dnsCache,
  ],
};
