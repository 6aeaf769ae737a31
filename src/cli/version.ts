// The version in package.json, put in when the program is bundled.

declare const XDSC_VERSION: string;

export const version = XDSC_VERSION;
