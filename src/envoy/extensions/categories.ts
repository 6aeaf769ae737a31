// What extensions are for: each extension point takes those of one category.

export type Category =
  | 'http'
  | 'network'
  | 'http-cache'
  | 'thrift'
  | 'dubbo'
  | 'listener'
  | 'udp'
  | 'access-log'
  | 'access-log-filter'
  | 'stats-sink'
  | 'tracer'
  | 'transport-socket'
  | 'health-checker'
  | 'resource-monitor'
  | 'retry-host'
  | 'retry-priority'
  | 'grpc-credentials'
  | 'private-key'
  | 'cluster'
  | 'protocol-options';
