// How old the API is that xdsc knows: for words about names that it does not know.

/** The v3 API that xdsc knows: that of grpc-js-xds 1.14.1, by the fields that it has and lacks. */
export const SNAPSHOT = "Envoy's v3 API of mid-2024, about Envoy 1.31";
