// What Envoy asks of Lua scripts: it loads each when it reads the configuration.

import type { Message } from '../../../envoy/message.js';
import { fieldAt } from '../../place.js';
import type { StartupCheck } from '../check.js';
import { inlineBytes } from '../data-source.js';
import { luaFault } from './lua-syntax.js';

const LUA = 'envoy.extensions.filters.http.lua.v3.Lua';
const SOURCE_FIELDS = ['default_source_code', 'source_code'];

export const luaSyntax: StartupCheck = {
  code: 'lua-syntax',
  on: [
    LUA,
    'envoy.extensions.filters.http.lua.v3.LuaPerRoute',
    'envoy.extensions.router.cluster_specifiers.lua.v3.LuaConfig',
  ],
  finds: 'a Lua script has a syntax error',
  refusal: 'script load error: …',
  remedy: 'correct the script; Envoy runs LuaJIT 2.1, which is Lua 5.1 with some of 5.2',
  check(at, report) {
    const look = (holder: Message, field: string, script: string | undefined): void => {
      const fault = script === undefined ? undefined : luaFault(script);
      if (fault === undefined) return;
      report(fieldAt(holder, field), {
        message: `this Lua script has a syntax error in its line ${fault.line}: ${fault.message}`,
      });
    };
    const lookAt = (source: Message | undefined): void => {
      if (source === undefined) return;
      const field = source.has('inline_string') ? 'inline_string' : 'inline_bytes';
      look(source, field, inlineBytes(source)?.toString('utf8'));
    };
    if (at.has('inline_code')) look(at, 'inline_code', at.text('inline_code'));
    for (const field of SOURCE_FIELDS) if (at.type.field(field) !== undefined) lookAt(at.message(field));
    if (at.has('source_codes')) for (const { value } of at.mapEntries('source_codes')) lookAt(value);
  },
};

export const luaTwice: StartupCheck = {
  code: 'two-lua-scripts',
  on: [LUA],
  finds: 'a Lua filter has two default scripts',
  refusal: 'Only one of `inline_code` or `default_source_code` can be set for the Lua filter.',
  remedy: 'remove inline_code, which is deprecated',
  check(filter, report) {
    if (!filter.text('inline_code') || !filter.has('default_source_code')) return;
    report(fieldAt(filter, 'default_source_code'), {
      message: 'inline_code is set as well, and a Lua filter has one default script',
      expected: 'one of inline_code and default_source_code',
    });
  },
};
