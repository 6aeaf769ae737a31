// Names that secrets stand under: fields of the API whose declaration does not say that they are sensitive,
// headers, variables of the environment, keys of maps.

/** Fields of the API that hold a secret as text, or as a DataSource. */
const SECRET_FIELD =
  /^(?:access_?key_?id|access_?token|api_?key|auth_?password|authorization_?token|backend_?token|client_?secret|google_?refresh_?token|hmac_?secret|json_?key|jwks|local_?jwks|passphrase|password|private_?key|refresh_?token|secret(?:_?(?:access_?)?key|_?data)?|session_?token|token_?secret)$/i;

/** Words in names of what holds a secret, without regard to how the words are joined. */
const SECRET_WORD =
  /auth(?!or(?!iz))|cookie|credential|cred$|jwk|passw|passphrase|passwd|pwd|secret|session|signature|token|(?:access|api|client|encrypt(?:ion)?|hmac|license|master|private|secret|shared|sign(?:ing)?|ssh|ticket|tls)key|^key$|^pin$/;

/** Whether a field of the API holds a secret, by its name. */
export function namesSecretField(name: string): boolean {
  return SECRET_FIELD.test(name);
}

/** Whether a header, variable, key or unknown field may hold a secret, by its name. */
export function mayNameSecret(name: string): boolean {
  return SECRET_WORD.test(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
}
