// Files of the corpus that Envoy refuses after an upgrade, and why that is the input's doing.

/** What Envoy says, and the proof that the input is at fault. */
export interface Refusal {
  readonly message: RegExp;
  readonly proof: string;
}

const PLACEHOLDER: Refusal = {
  message: /port_value: +uint32[\s\S]*invalid +number: +'HOST_PORT'/,
  proof: 'the word HOST_PORT stands where a port belongs: a script puts the number there',
};

const KAFKA: Refusal = {
  message: /could not find @type '.*kafka_broker\.v3\.KafkaBroker'/,
  proof: 'the Kafka filter is only in the contrib build; convert says so in a warning',
};

export const REFUSED: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ['others/envoy-control__main_resources_envoy_envoy1_auth_config_99e239.yaml', PLACEHOLDER],
  ['others/envoy-control__main_resources_envoy_config_auth_c7cff7.yaml', PLACEHOLDER],
  ['others/java-control-plane__test_resources_envoy_ads.config_b93988.yaml', PLACEHOLDER],
  ['embedded/spire-envoy-kafka__data-consumer_conf_envoy-config-map_f25637.yaml', KAFKA],
  ['embedded/spire-envoy-kafka__kafka_envoy-configmap_fe0456--envoy.yaml', KAFKA],
  [
    'others/net-kourier__docs_withLocalRateLimit_ff954a.yaml',
    {
      message: /inline_bytes: +bytes[\s\S]*corrupt/,
      proof: 'its documentation shows a key that is cut out: the inline bytes are no base64',
    },
  ],
  [
    'others/net-kourier__docs_withoutLocalRateLimit_5bd463.yaml',
    {
      message: /Failed to load private key from <inline>/,
      proof: 'its documentation shows a key that is cut out: the inline bytes are no PEM',
    },
  ],
  [
    'others/envoy_iap__envoy_iap_a76bee.yaml',
    {
      message: /HttpUriValidationError\.Timeout: value is required/,
      proof: 'remote_jwks.http_uri has no timeout, which v2 required as well (validate.rules)',
    },
  ],
  [
    'fragments/envoy_frag__lds_api_test.cc_L377_85a678.yaml',
    {
      message: /malformed IP address: tcp:\/\/0\.0\.0\.0/,
      proof: "the address is in the form of the v1 API, tcp://…, in a test of Envoy's that never listens",
    },
  ],
]);
