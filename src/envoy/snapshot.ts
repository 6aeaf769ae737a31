// How old the API is that xdsc knows: for words about names that it does not know.

/** The newest minor version of Envoy whose v3 API xdsc knows, all of it: proto/additions has what the package lacks. */
export const NEWEST_ENVOY = 40;

/** The v3 API that xdsc knows. */
export const SNAPSHOT = `Envoy's v3 API up to 1.${NEWEST_ENVOY}`;
